import type { Approval, ApprovalRequest, Human, Notice, Question } from '../../host.ts'
import { safeLine } from '../safe-text.ts'
import type { Keyboard } from './keyboard.ts'
import { approvalRows, questionRows } from './request-rows.ts'
import { painted, type Row, span } from './style.ts'

/** Where somebody is shown something and asked about it. */
export interface Asking {
  readonly keyboard: Keyboard
  readonly output: {
    readonly columns?: number | undefined
    readonly rows?: number | undefined
    write(text: string): boolean
  }
  readonly isColoured: boolean
}

export interface HumanOptions extends Asking {
  /** Whoever else draws on the terminal steps aside meanwhile. */
  readonly view: { suspend(): void; resume(): void; notify(notice: Notice): void }
  readonly cancel: (taskId: string) => Promise<void>
}

/** What of a screen stays free for the line of keys and what stood there before. */
const PAGE_MARGIN_ROWS = 3
const PAGE_ROWS_MIN = 5
const COLUMNS_DEFAULT = 80
const COLUMNS_MIN = 30
const ROWS_DEFAULT = 24
const CLEAR_LINE = '\r\x1b[K'

/** Asks the person at the terminal, one thing at a time. */
export function createTerminalHuman(options: HumanOptions): Human {
  let last: Promise<unknown> = Promise.resolve()

  /** Nobody can answer two questions at once: the next is asked when the one before is done with. */
  function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const turn = last.then(async () => {
      options.view.suspend()
      try {
        return await ask()
      } finally {
        options.view.resume()
      }
    })
    last = turn.catch(() => {})
    return turn
  }

  return {
    approve: (request, signal) => inTurn(() => approve(options, request, signal)),
    ask: (question, signal) => inTurn(() => ask(options, question, signal)),
    // While a question is on the screen, the view keeps what it is told for later.
    notify: (notice) => options.view.notify(notice),
  }
}

async function approve(
  options: HumanOptions,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<Approval> {
  if (signal.aborted) return { allow: false }
  const { keyboard, cancel } = options
  const keys = { n: 'no', c: 'cancel the task' }
  const wasSeen = await showPages(options, approvalRows(request, columnsOf(options)), { signal, keys })
  const key =
    wasSeen === 'all'
      ? await choose(options, 'y yes · n no · N no, with a note · c cancel the task', 'ynNc', signal)
      : wasSeen
  if (key === 'y') return answered(options, 'good', 'allowed', { allow: true })
  if (key === 'c') {
    answered(options, 'bad', 'cancelling the task', null)
    await cancel(request.taskId)
    return { allow: false }
  }
  if (key === 'N') {
    const note = await keyboard.line('  Note for the agent: ', signal)
    if (note?.trim())
      return answered(options, 'bad', 'refused, with your note', { allow: false, note: note.trim() })
  }
  return answered(options, 'bad', key === null ? 'withdrawn' : 'refused', { allow: false })
}

/** Asks a question; `null`: the person would not answer. */
export async function ask(options: Asking, question: Question, signal: AbortSignal): Promise<string | null> {
  if (signal.aborted) return null
  const { keyboard } = options
  print(options, questionRows(question, columnsOf(options)))
  const hint = question.options.length > 0 ? 'A number, or your own words' : 'Your answer'
  const line = await keyboard.line(`  ${hint} (Enter: no answer): `, signal)
  const text = line?.trim() ?? ''
  if (text === '') return answered(options, 'bad', line === null ? 'withdrawn' : 'not answered', null)
  const option = /^\d{1,3}$/.test(text) ? question.options[Number(text) - 1] : undefined
  const answer = option ?? text
  return answered(options, 'good', `answered: ${safeLine(answer)}`, answer)
}

/** Shows everything, a screen at a time. Nobody says yes to what was not on the screen. */
export async function showPages(
  options: Asking,
  rows: readonly Row[],
  { signal, keys }: { readonly signal: AbortSignal; readonly keys: Readonly<Record<string, string>> },
): Promise<string | null> {
  const pageRows = Math.max(PAGE_ROWS_MIN, (options.output.rows || ROWS_DEFAULT) - PAGE_MARGIN_ROWS)
  for (let shown = 0; ; ) {
    print(options, rows.slice(shown, shown + pageRows))
    shown += pageRows
    if (shown >= rows.length) return 'all'
    const where = `row ${shown} of ${rows.length}`
    const hint = Object.entries(keys).map(([key, what]) => `${key} ${what}`)
    const prompt = [where, 'space next page', ...hint].join(' · ')
    const key = await choose(options, prompt, ` ${Object.keys(keys).join('')}`, signal)
    if (key !== ' ') return key
  }
}

/** Waits for one of a few keys. Any other does nothing. */
export async function choose(
  options: Asking,
  prompt: string,
  keys: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { keyboard, output, isColoured } = options
  output.write(painted([span('  '), span(prompt, 'caution'), span(' ')], isColoured))
  const isMeant = (key: string) =>
    (key.length === 1 && keys.includes(key)) || (key === 'enter' && keys.includes(' '))
  const key = await keyboard.key(isMeant, signal)
  output.write(CLEAR_LINE)
  return key === 'enter' ? ' ' : key
}

function answered<Answer>(options: Asking, look: 'good' | 'bad', text: string, answer: Answer): Answer {
  print(options, [[span('  → ', look), span(text)]])
  return answer
}

function print({ output, isColoured }: Asking, rows: readonly Row[]): void {
  output.write(rows.map((row) => `${painted(row, isColoured)}\n`).join(''))
}

/** How many columns there are for what is asked. */
export function columnsOf({ output }: Pick<Asking, 'output'>): number {
  return Math.max(COLUMNS_MIN, output.columns || COLUMNS_DEFAULT) - 1
}
