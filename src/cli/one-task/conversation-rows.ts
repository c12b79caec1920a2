import { renderResult } from '../../models/render.ts'
import type { Call, Line, NoteSource } from '../../protocol/model.ts'
import { safeLine, safeText } from '../safe-text.ts'
import { argumentOf } from '../terminal/call-argument.ts'
import { endOf } from '../terminal/call-facts.ts'
import { MARKS } from '../terminal/frame.ts'
import { cutRow, type Look, type Row, span } from '../terminal/style.ts'
import { wrapped } from '../terminal/width.ts'

export interface ConversationForm {
  readonly columns: number
  /** Who is spoken with. */
  readonly agent: string
  /** All of it, and every line in full. */
  readonly isFull: boolean
}

const LINES_MAX = 12
const ROWS_MAX = 6
const RESULT_ROWS_MAX = 2
const INDENT = '  '
const BAR = '│ '

const NOTES: Readonly<Record<NoteSource, string>> = {
  runtime: 'the runtime',
  workspace: 'AGENTS.md',
  summary: 'what was said before, in short',
  task: 'a task that works for it',
}

/** What was said, or the end of it. Every text is somebody else's, and made safe here. */
export function conversationRows(lines: readonly Line[], form: ConversationForm): readonly Row[] {
  const calls = new Map(
    lines.flatMap((line) => (line.role === 'agent' ? line.calls : [])).map((it) => [it.id, it]),
  )
  const answered = new Set(lines.flatMap((line) => (line.role === 'tool' ? [line.callId] : [])))
  const shown = form.isFull ? lines : lines.slice(-LINES_MAX)
  const left = lines.length - shown.length
  return [
    ...(left > 0 ? [[span(`${INDENT}… ${left} before: --full shows all`, 'faint')]] : []),
    ...shown.flatMap((line) => {
      if (line.role === 'tool') return resultRows(line, calls.get(line.callId), form)
      if (line.role === 'user') return spoken('you', line.text, 'live', form)
      if (line.role === 'note') return spoken(NOTES[line.source], line.text, 'faint', form)
      const open = line.calls.filter(({ id }) => !answered.has(id))
      return [
        ...(line.text.trim() === '' ? [] : spoken(form.agent, line.text, 'strong', form)),
        ...open.map((call) => cutRow(callRow(call, '…', 'caution', 'no result yet'), form.columns)),
      ]
    }),
  ]
}

function spoken(who: string, text: string, look: Look, form: ConversationForm): readonly Row[] {
  return [
    [span(`${INDENT}${safeLine(who)}`, look)],
    ...body(safeText(text.trim()), form, ROWS_MAX).map((line) => [
      span(`${INDENT}${BAR}`, 'faint'),
      span(line),
    ]),
  ]
}

function resultRows(
  { tool, result }: Extract<Line, { role: 'tool' }>,
  call: Call | undefined,
  form: ConversationForm,
): readonly Row[] {
  const end = endOf(result)
  const { sign = '', look = 'plain' } = MARKS[end.mark] ?? {}
  const head = call
    ? callRow(call, sign, look, end.note)
    : [span(`${INDENT}${sign} `, look), span(safeLine(tool))]
  const lines = body(safeText(renderResult(result).trim()), form, RESULT_ROWS_MAX)
  return [
    cutRow(head, form.columns),
    ...lines.map((line) => [span(`${INDENT}${INDENT}${BAR}${line}`, 'faint')]),
  ]
}

function callRow(call: Call, sign: string, look: Look, note: string): Row {
  return [
    span(`${INDENT}${sign} `, look),
    span(`${safeLine(call.tool)} `, 'faint'),
    span(safeLine(argumentOf(call))),
    span(note === '' ? '' : `${INDENT}${safeLine(note)}`, look),
  ]
}

/** A text in lines that fit; where there are too many, how many are missing. */
function body(text: string, { columns, isFull }: ConversationForm, rowsMax: number): readonly string[] {
  if (text === '') return []
  const lines = wrapped(text.replaceAll('\t', '  '), columns - INDENT.length * 2 - BAR.length)
  if (isFull || lines.length <= rowsMax + 1) return lines
  return [...lines.slice(0, rowsMax), `… ${lines.length - rowsMax} more`]
}
