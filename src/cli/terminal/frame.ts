import type { Todo } from '../../protocol/task.ts'
import { safeLine } from '../safe-text.ts'
import { clockOf, counted, durationOf, shortCount, type Slots, slotsText } from './amounts.ts'
import { argumentOf } from './call-argument.ts'
import { cutRow, type Look, type Row, type Span, span, spread } from './style.ts'
import { type CallRow, type Standing, standingWords, type TaskRow, wordOf } from './task-row.ts'
import { widthOf } from './width.ts'

export interface Frame {
  readonly columns: number
  /** More than this is not drawn; how much is missing is said. */
  readonly rowsMax: number
  readonly now: number
  /** Counts the pictures, so that what lives can move. */
  readonly tick: number
}

const BEATS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const LOOSE = '┄'
const TODO_BAR_MAX = 10
/** A call that is over sooner needs no clock. */
const CLOCK_FROM_MS = 2_000
const TICKS_A_BEAT = 1

/** Draws the tree of tasks as rows that fit, and below it what holds for all of them. */
export function frameOf(tasks: readonly TaskRow[], frame: Frame, slots: Slots | null = null): readonly Row[] {
  const bottom = [...slotsRows(slots), footer(tasks)]
  const room = Math.max(1, frame.rowsMax - 1 - bottom.length)
  return [[], ...fittedTree(tasks, frame, room), ...bottom].map((row) => cutRow(row, frame.columns))
}

interface Drawn {
  readonly row: Row
  /** The first of the rows of its task. */
  readonly isHead: boolean
}

/** The whole tree, or without what has ended and then without its end, where there are too few rows. */
function fittedTree(tasks: readonly TaskRow[], frame: Frame, room: number): readonly Row[] {
  const whole = treeOf(tasks, frame)
  if (whole.length <= room) return whole.map(({ row }) => row)
  const over = new Set(overBelow(tasks).slice(0, whole.length - room + 1))
  const rest = treeOf(tasks, frame, over)
  const cut = rest.slice(room - 1)
  const count = over.size + cut.filter(({ isHead }) => isHead).length
  const what = count > 0 ? counted(count, 'more task') : counted(cut.length, 'more row')
  const ended = over.size > 0 ? `, ${over.size} ended` : ''
  return [...rest.slice(0, room - 1).map(({ row }) => row), [span(`  … ${what}${ended}`, 'faint')]]
}

interface Family {
  readonly roots: readonly TaskRow[]
  childrenOf(task: TaskRow): readonly TaskRow[]
}

function familyOf(tasks: readonly TaskRow[]): Family {
  const ids = new Set(tasks.map(({ id }) => id))
  const byParent = new Map<string | null, TaskRow[]>()
  for (const task of tasks) {
    const key = task.parent !== null && ids.has(task.parent) ? task.parent : null
    const siblings = byParent.get(key)
    if (siblings) siblings.push(task)
    else byParent.set(key, [task])
  }
  return { roots: byParent.get(null) ?? [], childrenOf: ({ id }) => byParent.get(id) ?? [] }
}

/** What has ended, with all that worked for it: children before their parents, none of the roots. */
function overBelow(tasks: readonly TaskRow[]): readonly TaskRow[] {
  const { roots, childrenOf } = familyOf(tasks)
  const over: TaskRow[] = []
  const isOver = (task: TaskRow): boolean => {
    const areOver = childrenOf(task).map(isOver)
    if (task.endedAt === null || areOver.includes(false)) return false
    over.push(task)
    return true
  }
  for (const root of roots) childrenOf(root).forEach(isOver)
  return over
}

function treeOf(
  tasks: readonly TaskRow[],
  frame: Frame,
  without: ReadonlySet<TaskRow> = new Set(),
): readonly Drawn[] {
  const shown = tasks.filter((task) => !without.has(task))
  const place = { family: familyOf(shown), frame, ahead: aheadOf(tasks), head: '', body: '' }
  return place.family.roots.flatMap((root) => branch(root, place))
}

/** How many wait for a slot before each that is queued. Who has worked before goes first. */
function aheadOf(tasks: readonly TaskRow[]): ReadonlyMap<string, number> {
  const waiting = tasks.filter(({ isBackground }) => isBackground)
  const before = waiting.filter(({ standing }) => standing === 'returning').length
  const queued = waiting.filter(({ standing }) => standing === 'queued')
  return new Map(queued.map(({ id }, index) => [id, before + index]))
}

interface Place {
  readonly family: Family
  readonly frame: Frame
  readonly ahead: ReadonlyMap<string, number>
  /** What stands before the first row of the task, and before all others. */
  readonly head: string
  readonly body: string
}

function branch(task: TaskRow, place: Place): readonly Drawn[] {
  const { family, frame, ahead, head, body } = place
  const children = family.childrenOf(task)
  const trunk = children.length > 0 ? '│ ' : '  '
  const isAtWork = task.endedAt === null && task.standing !== 'queued'
  const own = [
    { row: headRow(task, frame, head, ahead.get(task.id)), isHead: true },
    ...(isAtWork ? details(task, frame, `${body}${trunk}`) : []).map((row) => ({ row, isHead: false })),
  ]
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1
    // What works in the background hangs loosely.
    const twig = child.isBackground ? LOOSE : '─'
    return branch(child, {
      ...place,
      head: `${body}${isLast ? '└' : '├'}${twig} `,
      body: `${body}${isLast ? '   ' : '│  '}`,
    })
  })
  return [...own, ...below]
}

function headRow(task: TaskRow, { columns, now, tick }: Frame, head: string, ahead?: number): Row {
  const left = [span(head, 'faint'), beat(task, tick), span(' '), span(safeLine(task.title), 'strong')]
  const right = `${safeLine(task.agent)}  ${stateOf(task, now, ahead)}`
  return spread(left, [span(right, 'faint')], columns)
}

/** How long it took so far; instead, or before it, what its mark alone would not say. */
function stateOf({ standing, startedAt, endedAt, isLate }: TaskRow, now: number, ahead?: number): string {
  const clock = clockOf((endedAt ?? now) - startedAt)
  if (standing === 'queued') {
    if (ahead === undefined) return 'queued'
    return ahead === 0 ? 'queued, next' : `queued, ${ahead} ahead`
  }
  const how = [
    ...(endedAt === null || standing === 'completed' ? [] : [wordOf(standing)]),
    ...(isLate ? ['late result'] : []),
  ]
  return [...(how.length > 0 ? [how.join(', ')] : []), clock].join('  ')
}

const AT_REST: readonly Standing[] = ['pausing', 'paused', 'queued', 'returning', 'delegating']

function beat({ standing, endedAt }: TaskRow, tick: number): Span {
  if (endedAt !== null) return standing === 'completed' ? span('✓', 'good') : span('✗', 'bad')
  if (standing === 'lost') return span('✗', 'bad')
  if (standing === 'asking') return span('?', 'caution')
  if (AT_REST.includes(standing)) return span('·', 'faint')
  return span(
    BEATS[Math.floor(tick / TICKS_A_BEAT) % BEATS.length] ?? '',
    standing === 'stopping' ? 'caution' : 'live',
  )
}

function details(task: TaskRow, frame: Frame, body: string): readonly Row[] {
  const before = span(body, 'faint')
  return [
    ...doing(task, { ...frame, columns: frame.columns - widthOf(body) }).map((row) => [before, ...row]),
    ...plan(task.todos).map((row) => [before, ...row]),
  ]
}

/** What the task is doing now: the call that runs, else what the model says, else a word. */
function doing(task: TaskRow, frame: Frame): readonly Row[] {
  const { calls, standing, sentence } = task
  const under = [...calls.values()].filter(({ stage }) => stage === 'running')
  const current = under.at(-1)
  if (current && standing !== 'stopping') return callRows(current, under.length - 1, frame)
  const isSpeaking = standing === 'thinking' && sentence.trim() !== ''
  const text = isSpeaking ? tailOf(safeLine(sentence), frame.columns) : safeLine(standingWords(task))
  return [[span(text, 'faint')]]
}

function callRows(
  { call, startedAt, sign }: CallRow,
  others: number,
  { columns, now }: Frame,
): readonly Row[] {
  const took = now - startedAt
  const left = [span(`${safeLine(call.tool)} `, 'live'), span(safeLine(argumentOf(call)))]
  const more = others > 0 ? `and ${others} more  ` : ''
  const clock = took >= CLOCK_FROM_MS ? durationOf(took) : ''
  const row = spread(left, [span(`${more}${clock}`, 'faint')], columns)
  return sign === '' ? [row] : [row, [span(`│ ${safeLine(sign)}`, 'faint')]]
}

/** The end of a text that grows: the latest words are what is new. */
function tailOf(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  const words = text.split(' ')
  while (words.length > 1 && widthOf(words.join(' ')) > columns - 2) words.shift()
  return `… ${words.join(' ')}`
}

function plan(todos: readonly Todo[]): readonly Row[] {
  if (todos.length === 0) return []
  const done = todos.filter(({ status }) => status === 'done').length
  const length = Math.min(TODO_BAR_MAX, todos.length)
  const full = Math.floor((done / todos.length) * length)
  const current =
    todos.find(({ status }) => status === 'doing') ?? todos.find(({ status }) => status === 'open')
  return [
    [
      span('━'.repeat(full), 'good'),
      span('─'.repeat(length - full), 'faint'),
      span(` ${done}/${todos.length}  `, 'faint'),
      span(current ? safeLine(current.text) : '', 'faint'),
    ],
  ]
}

/** The mark says whose twigs are meant. */
function slotsRows(slots: Slots | null): readonly Row[] {
  if (!slots || slots.running + slots.queued === 0) return []
  return [[span(`  ${LOOSE} `, 'faint'), span(slotsText(slots), slots.queued > 0 ? 'plain' : 'faint')]]
}

function footer(tasks: readonly TaskRow[]): Row {
  const sum = (read: (task: TaskRow) => number) => tasks.reduce((total, task) => total + read(task), 0)
  const tokens = sum(({ usage }) => usage.inputTokens + usage.outputTokens)
  const parts = [
    counted(
      sum(({ turns }) => turns),
      'turn',
    ),
    counted(
      sum(({ callCount }) => callCount),
      'call',
    ),
    `${shortCount(tokens)} tokens`,
  ]
  return [span(`  ${parts.join(' · ')} · Ctrl-C stops`, 'faint')]
}

/** How each end of a task or a call is marked. */
export const MARKS: Readonly<Record<string, { readonly sign: string; readonly look: Look }>> = {
  ok: { sign: '✓', look: 'good' },
  odd: { sign: '!', look: 'caution' },
  failed: { sign: '✗', look: 'bad' },
}
