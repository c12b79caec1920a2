import type { Notice } from '../../host.ts'
import { safeLine } from '../safe-text.ts'
import { counted, durationOf, slotsText } from './amounts.ts'
import { MARKS } from './frame.ts'
import { cutRow, type Row, span, widthOfRow } from './style.ts'
import { type News, wordOf } from './task-row.ts'
import { cutTo, padTo, widthOf, wrapped } from './width.ts'

export interface NewsForm {
  /** `null`: as long as it takes, for whoever keeps it in a file. */
  readonly columns: number | null
  readonly isVerbose: boolean
}

const TOOL_COLUMNS = 16
const ARGUMENT_CHARACTERS_MAX = 200
const NOTICE_CHARACTERS_MAX = 500
const CLOCK_FROM_MS = 1_000
const MARGIN = '  '
const MARK_OF_DONE = ['✓', 'good'] as const
const MARK_OF_FAILED = ['✗', 'bad'] as const
const MARK_OF_PROGRESS = ['·', 'faint'] as const

/** One piece of news as rows: a line, or as many as it takes when the person wants to see more. */
export function newsRows(news: News, form: NewsForm): readonly Row[] {
  if (news.kind === 'call') return callRows(news, form)
  if (news.kind === 'note')
    return fitted([span(`${MARGIN}! `, 'caution'), span(safeLine(news.text), 'faint')], form)
  if (news.kind === 'notice') return noticeRows(news.notice, form)
  if (news.kind === 'slots')
    return form.isVerbose ? fitted([span(`${MARGIN}${slotsText(news.slots)}`, 'faint')], form) : []
  if (!form.isVerbose) return fitted([span(MARGIN), span(firstSentence(news.text))], form)
  const room = (form.columns ?? ARGUMENT_CHARACTERS_MAX) - MARGIN.length
  return wrapped(safeLine(news.text), room).map((line) => [span(`${MARGIN}${line}`)])
}

function callRows(
  { tool, argument, end, tookMs }: Extract<News, { kind: 'call' }>,
  form: NewsForm,
): readonly Row[] {
  const { sign = '', look = 'plain' } = MARKS[end.mark] ?? {}
  const name = padTo(safeLine(tool), TOOL_COLUMNS)
  const note = end.note === '' ? '' : `  ${safeLine(end.note)}`
  const took = tookMs >= CLOCK_FROM_MS ? `  ${durationOf(tookMs)}` : ''
  const taken = widthOf(`${MARGIN}${MARGIN}${sign} ${name} ${note}${took}`)
  const room = form.columns === null ? ARGUMENT_CHARACTERS_MAX : Math.max(8, form.columns - taken)
  const shown = cutTo(safeLine(argument), room)
  const row = [
    span(`${MARGIN}${MARGIN}`),
    span(sign, look),
    span(` ${name} `, 'faint'),
    span(shown),
    span(note, look === 'good' ? 'faint' : look),
    span(took, 'faint'),
  ]
  const why = end.why === '' || (end.mark === 'ok' && !form.isVerbose) ? [] : whyRows(end.why, form)
  return [...fitted(row, form), ...why]
}

/**
 * One line of a task in the background: how it ended, and its id, by which it can be asked for. Where that
 * does not fit, the id stands below.
 */
function noticeRows(notice: Notice, form: NewsForm): readonly Row[] {
  const { kind, taskId, agent, title, status, text, dropped } = notice
  if (kind === 'progress' && !form.isVerbose) return []
  const isDone = kind === 'ended' && status === 'completed'
  const [sign, look] = isDone ? MARK_OF_DONE : kind === 'ended' ? MARK_OF_FAILED : MARK_OF_PROGRESS
  const lost = dropped > 0 ? `  ${counted(dropped, 'earlier sign')} of progress left out` : ''
  const tail = `(${safeLine(taskId)})${lost}`
  const head = [span(MARGIN), span(`${sign} `, look)]
  const room = (form.columns ?? NOTICE_CHARACTERS_MAX) - widthOfRow(head)
  const said = [isDone ? '' : safeLine(wordOf(status)), safeLine(text)].filter((it) => it !== '').join(': ')
  const whose = `${safeLine(agent)}: ${safeLine(title)}`
  // What became of the task counts for more than all of its title.
  const share = Math.max(Math.ceil(room / 2), room - widthOf(said) - 2)
  const line = [cutTo(whose, share), said].filter((it) => it !== '').join(': ')
  const isShort = form.columns === null || widthOf(`${line}${MARGIN}${tail}`) <= room
  if (isShort) return [[...head, span(cutTo(line, room)), span(`${MARGIN}${tail}`, 'faint')]]
  return [[...head, span(cutTo(line, room))], [span(`${MARGIN}${MARGIN}${tail}`, 'faint')]].flatMap((row) =>
    fitted(row, form),
  )
}

/** A refusal whose reason is not told looks like a whim; one line of it is enough. */
function whyRows(why: string, form: NewsForm): readonly Row[] {
  const indent = ' '.repeat(MARGIN.length * 2 + 2)
  const room = (form.columns ?? ARGUMENT_CHARACTERS_MAX) - indent.length
  const lines = form.isVerbose ? wrapped(safeLine(why), room) : [cutTo(safeLine(why), room)]
  return lines.map((line) => [span(`${indent}${line}`, 'faint')])
}

function fitted(row: Row, { columns }: NewsForm): readonly Row[] {
  return [columns === null ? row : cutRow(row, columns)]
}

function firstSentence(text: string): string {
  return safeLine(text.trim().split(/\n\s*\n/, 1)[0] ?? '').slice(0, ARGUMENT_CHARACTERS_MAX * 2)
}
