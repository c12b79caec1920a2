import { suspicionOf } from '../../boundary/files/suspicions.ts'
import type { ApprovalRequest, Question } from '../../host.ts'
import { askerRows, boundaryRows, exactly, INDENT, labelled } from '../requests/asker-rows.ts'
import { ruleWords } from '../requests/boundary-words.ts'
import { certainParts, certainText } from '../requests/certain-text.ts'
import { lookAlikesIn } from '../requests/look-alikes.ts'
import { safeLine, safeText } from '../safe-text.ts'
import { foldedRow, type Look, type Row, span } from './style.ts'
import { wrapped } from './width.ts'

/** Before a line, and before what of it did not fit on the row above. */
const LINE = '│ '
const REST = '┊ '

/** Before what looks like something else. */
const ALIKE = '  ! '
/** Parts of an action that are prose or code, where words of all scripts are at home. */
const TEXTS: ReadonlySet<string> = new Set(['old_text', 'new_text', 'content', 'patch'])
const SIMPLE_NAME = /^\w[\w.-]{0,39}$/

/** How the parts of an action that are text look: what goes is red, what comes is green. */
const SIGNED: ReadonlyMap<string, { readonly sign: string; readonly look: Look }> = new Map([
  ['old_text', { sign: '- ', look: 'bad' }],
  ['new_text', { sign: '+ ', look: 'good' }],
  ['content', { sign: '+ ', look: 'good' }],
])

/**
 * Everything a person must see before saying yes, wrapped to fit and never cut. `isAtHand`: its tool was
 * asked what it touches.
 */
export function approvalRows(request: ApprovalRequest, columns: number, isAtHand = true): readonly Row[] {
  const { agent, call, why, rule, layer, action } = request
  return [
    [],
    [
      span('? ', 'caution'),
      span(certainText(`${safeLine(agent)} wants to run ${safeLine(call.tool)}`), 'strong'),
    ],
    ...askerRows(request, columns),
    ...boundaryRows(request, columns),
    ...labelled('by', ruleWords({ rule, layer }), columns),
    ...labelled('why', why, columns),
    ...(isAtHand || action.access !== null ? touched(action, columns) : []),
    [],
    ...(call.malformed === undefined
      ? fields(call.input, columns)
      : textRows('arguments', call.malformed, columns)),
    [],
  ]
}

/** A question of the model's, and what it would take for an answer. */
export function questionRows(question: Question, columns: number): readonly Row[] {
  const { agent, text, options } = question
  const room = columns - INDENT.length - LINE.length
  return [
    [],
    [span('? ', 'caution'), span(`${safeLine(agent)} asks`, 'strong')],
    ...askerRows(question, columns),
    [],
    ...wrapped(safeText(text).replaceAll('\t', ' '), room).map((line) => [
      span(`${INDENT}${LINE}`, 'faint'),
      span(line),
    ]),
    ...(options.length > 0 ? [[]] : []),
    ...options.flatMap((option, index) =>
      wrapped(safeLine(option), room - 4).map((line, at) => [
        span(at === 0 ? `${INDENT}${String(index + 1).padStart(2)}  ` : `${INDENT}    `, 'live'),
        span(line),
      ]),
    ),
    [],
  ]
}

/** An escape looks unlike the same characters written out. */
function visibleSpans(line: string, look: Look): Row {
  return certainParts(line).map(({ text, isEscape }) => span(text, isEscape ? 'caution' : look))
}

/** What the tool itself says it touches, in words of ours and names of the model's. */
function touched({ access }: ApprovalRequest['action'], columns: number): readonly Row[] {
  if (access === null) return labelled('touches', 'The tool does not say what it touches.', columns)
  const rows: Row[] = []
  const shown = (label: string, path: string) => {
    rows.push(...exactly(label, visibleSpans(path, 'plain'), columns))
    rows.push(...pathNotes(path, columns))
  }
  for (const path of access.writes) shown('writes', path)
  for (const path of access.reads.filter((it) => !access.writes.includes(it))) shown('reads', path)
  if (access.command) shown('in', access.command.cwd)
  return rows
}

/** Every field of the input, in full. */
function fields(input: unknown, columns: number): readonly Row[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return textRows('input', asText(input), columns)
  return Object.entries(input).flatMap(([name, value]) => textRows(name, asText(value), columns))
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? String(value))
}

/** A text in full, under its name, so that every character of it can be seen. */
export function textRows(name: string, text: string, columns: number): readonly Row[] {
  const { sign, look } = SIGNED.get(name) ?? { sign: '', look: 'plain' }
  const lines = text.split('\n')
  const endsOpen = lines.length > 1 || sign !== ''
  const hasEnd = lines.length > 1 && lines.at(-1) === ''
  const shown = hasEnd ? lines.slice(0, -1) : lines
  const note = text === '' ? 'empty' : endsOpen && !hasEnd ? 'no line break at the end' : ''
  const room = columns - INDENT.length - REST.length
  const noteWords = note === '' ? '' : `  (${note})`
  return [
    ...foldedRow([span(nameWords(name), 'faint'), span(noteWords, 'faint')], room).map(
      (row, at): Row => [span(at === 0 ? INDENT : `${INDENT}${REST}`, 'faint'), ...row],
    ),
    ...(text === ''
      ? []
      : shown.flatMap((line) => lineRows(line, { sign, look: lookOf(name, line, look), columns }))),
    ...alikeRows(text, !TEXTS.has(name), columns),
  ]
}

/** A name that could be read as something else of the request stands in quotes. */
function nameWords(name: string): string {
  return SIMPLE_NAME.test(name) ? name : certainText(JSON.stringify(name))
}

/** Words that look like others, right below where they stand. */
function alikeRows(text: string, isName: boolean, columns: number): readonly Row[] {
  return lookAlikesIn(text, isName).flatMap(({ word, why }) => noteRows(`"${word}" ${why}`, columns))
}

/** What is odd about a path that a tool was given. */
function pathNotes(path: string, columns: number): readonly Row[] {
  const alike = alikeRows(path, true, columns)
  const odd = alike.length === 0 ? suspicionOf(path) : null
  return odd ? noteRows(`it ${odd.why}`, columns) : alike
}

function noteRows(text: string, columns: number): readonly Row[] {
  return wrapped(certainText(text), columns - ALIKE.length).map((line, at) => [
    span(at === 0 ? ALIKE : ' '.repeat(ALIKE.length), 'caution'),
    span(line, 'caution'),
  ])
}

function lookOf(name: string, line: string, look: Look): Look {
  if (name !== 'patch') return look
  return line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : look
}

interface LineForm {
  readonly sign: string
  readonly look: Look
  readonly columns: number
}

function lineRows(line: string, { sign, look, columns }: LineForm): readonly Row[] {
  const room = columns - INDENT.length - LINE.length - sign.length
  return foldedRow(visibleSpans(line, look), room).map((piece, at) => [
    span(`${INDENT}${at === 0 ? LINE : REST}`, 'faint'),
    span(at === 0 ? sign : ' '.repeat(sign.length), look),
    ...piece,
  ])
}
