import { safeLine } from '../safe-text.ts'
import { cutRow, type Row, span } from '../terminal/style.ts'
import { createFactTeller, type FactEvent } from './fact-words.ts'
import { dayOf, timeOfDay } from '../tasks/times.ts'

/** Tells the facts of a task, one line each. */
export interface LogTeller {
  /** Takes a fact in without telling of it. */
  skip(event: FactEvent): void
  rows(event: FactEvent): readonly Row[]
}

/** `null`: as long as a line may get where nobody reads along. */
const LINE_CHARACTERS_MAX = 400

/** `columns`: where the lines have to fit. `null`: they go to a file or another program. */
export function createLogTeller(columns: number | null): LogTeller {
  const teller = createFactTeller()
  let day = ''
  return {
    skip: (event) => void teller.tell(event),
    rows(event) {
      const { sign, look, text } = teller.tell(event)
      const isNewDay = day !== dayOf(event.at)
      day = dayOf(event.at)
      const row = [
        span(`${timeOfDay(event.at)} ${String(event.seq).padStart(4)}  `, 'faint'),
        span(`${sign} `, look),
        span(safeLine(text.slice(0, LINE_CHARACTERS_MAX)), look === 'faint' ? 'faint' : 'plain'),
      ]
      return [...(isNewDay ? [[span(day, 'strong')]] : []), columns === null ? row : cutRow(row, columns)]
    },
  }
}
