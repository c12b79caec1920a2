import type { ApprovalRequest, Question } from '../../host.ts'
import { safeLine, safeText, type VisiblePart, visibleParts } from '../safe-text.ts'
import { foldedRow, type Look, type Row, span } from './style.ts'
import { wrapped } from './width.ts'

const INDENT = '  '
const LABEL_COLUMNS = 9
/** Before a line, and before what of it did not fit on the row above. */
const LINE = '│ '
const REST = '┊ '

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
  const { agent, title, call, why, action } = request
  return [
    [],
    [
      span('? ', 'caution'),
      span(certainText(`${safeLine(agent)} wants to run ${safeLine(call.tool)}`), 'strong'),
    ],
    ...labelled('task', title, columns),
    ...labelled('why', why, columns),
    ...(isAtHand || action.access !== null ? touched(action, columns) : []),
    [],
    ...(call.malformed === undefined
      ? fields(call.input, columns)
      : textRows('arguments', call.malformed, columns)),
    [],
  ]
}

export function questionRows({ agent, text, options }: Question, columns: number): readonly Row[] {
  const room = columns - INDENT.length
  return [
    [],
    [span('? ', 'caution'), span(`${safeLine(agent)} asks`, 'strong')],
    ...wrapped(safeText(text).replaceAll('\t', ' '), room).map((line) => [span(`${INDENT}${line}`)]),
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

function labelled(label: string, text: string, columns: number): readonly Row[] {
  const lines = wrapped(certainText(text), columns - LABEL_COLUMNS)
  return underLabel(
    label,
    lines.map((line) => [span(line)]),
  )
}

/** Exactly what is meant, to the last blank. */
function exactly(label: string, text: string, columns: number): readonly Row[] {
  return underLabel(label, foldedRow(visibleSpans(text, 'plain'), columns - LABEL_COLUMNS))
}

function underLabel(label: string, rows: readonly Row[]): readonly Row[] {
  const head = `${INDENT}${label}`.padEnd(LABEL_COLUMNS)
  return rows.map((row, at) => [span(at === 0 ? head : ' '.repeat(LABEL_COLUMNS), 'faint'), ...row])
}

/**
 * What terminals draw in different widths: marks with room of their own, parts of syllables, flags, tones
 * of skin. Counted wrongly, a row would take two, and what stands above it would scroll away.
 */
const UNCERTAIN = /[\p{Mc}\u1160-\u11ff\u4dc0-\u4dff\ud7b0-\ud7ff\p{RI}\p{EMod}]/gu

/** Every character of a line in a form of which the width is known. */
function certainParts(line: string): readonly VisiblePart[] {
  return visibleParts(line).flatMap((part) => {
    if (part.isEscape) return [part]
    const parts: VisiblePart[] = []
    let seenTo = 0
    for (const { 0: character, index } of part.text.matchAll(UNCERTAIN)) {
      if (index > seenTo) parts.push({ text: part.text.slice(seenTo, index), isEscape: false })
      parts.push({ text: escapeOf(character), isEscape: true })
      seenTo = index + character.length
    }
    return seenTo < part.text.length ? [...parts, { text: part.text.slice(seenTo), isEscape: false }] : parts
  })
}

function escapeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
}

function certainText(text: string): string {
  return certainParts(text)
    .map((part) => part.text)
    .join('')
}

/** An escape looks unlike the same characters written out. */
function visibleSpans(line: string, look: Look): Row {
  return certainParts(line).map(({ text, isEscape }) => span(text, isEscape ? 'caution' : look))
}

/** What the tool itself says it touches, in words of ours and names of the model's. */
function touched({ access }: ApprovalRequest['action'], columns: number): readonly Row[] {
  if (access === null) return labelled('touches', 'The tool does not say what it touches.', columns)
  const rows: Row[] = []
  for (const path of access.writes) rows.push(...exactly('writes', path, columns))
  for (const path of access.reads.filter((it) => !access.writes.includes(it)))
    rows.push(...exactly('reads', path, columns))
  if (access.command) rows.push(...exactly('in', access.command.cwd, columns))
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
  return [
    [span(`${INDENT}${certainText(name)}`, 'faint'), ...(note === '' ? [] : [span(`  (${note})`, 'faint')])],
    ...(text === ''
      ? []
      : shown.flatMap((line) => lineRows(line, { sign, look: lookOf(name, line, look), columns }))),
  ]
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
