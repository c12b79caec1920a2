import type { Todo } from '../../protocol/task.ts'
import { safeLine } from '../safe-text.ts'
import { clockOf, counted, durationOf, shortCount } from './amounts.ts'
import { argumentOf } from './call-argument.ts'
import { cutRow, type Look, type Row, type Span, span, spread } from './style.ts'
import type { CallRow, TaskRow } from './task-rows.ts'
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
const TODO_BAR_MAX = 10
/** A call that is over sooner needs no clock. */
const CLOCK_FROM_MS = 2_000
const TICKS_A_BEAT = 1

/** Draws the tree of tasks as rows that fit. */
export function frameOf(tasks: readonly TaskRow[], frame: Frame): readonly Row[] {
  const roots = tasks.filter(({ parent }) => parent === null || !tasks.some(({ id }) => id === parent))
  const tree = roots.flatMap((root) => branch(root, { tasks, frame, head: '', body: '' }))
  const room = Math.max(1, frame.rowsMax - 2)
  const shown =
    tree.length > room
      ? [...tree.slice(0, room - 1), [span(`  … ${tree.length - room + 1} more rows`, 'faint')]]
      : tree
  return [[], ...shown, footer(tasks)].map((row) => cutRow(row, frame.columns))
}

interface Place {
  readonly tasks: readonly TaskRow[]
  readonly frame: Frame
  /** What stands before the first row of the task, and before all others. */
  readonly head: string
  readonly body: string
}

function branch(task: TaskRow, { tasks, frame, head, body }: Place): readonly Row[] {
  const children = tasks.filter(({ parent }) => parent === task.id)
  const trunk = children.length > 0 ? '│ ' : '  '
  const own = [
    headRow(task, frame, head),
    ...(task.endedAt === null ? details(task, frame, `${body}${trunk}`) : []),
  ]
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1
    return branch(child, {
      tasks,
      frame,
      head: `${body}${isLast ? '└─' : '├─'} `,
      body: `${body}${isLast ? '   ' : '│  '}`,
    })
  })
  return [...own, ...below]
}

function headRow(task: TaskRow, { columns, now, tick }: Frame, head: string): Row {
  const { title, agent, startedAt, endedAt } = task
  const left = [span(head, 'faint'), beat(task, tick), span(' '), span(safeLine(title), 'strong')]
  const right = [span(`${safeLine(agent)}  ${clockOf((endedAt ?? now) - startedAt)}`, 'faint')]
  return spread(left, right, columns)
}

function beat({ status, endedAt }: TaskRow, tick: number): Span {
  if (endedAt !== null) return status === 'completed' ? span('✓', 'good') : span('✗', 'bad')
  if (status === 'asking') return span('?', 'caution')
  if (['pausing', 'paused', 'queued'].includes(status)) return span('·', 'faint')
  return span(
    BEATS[Math.floor(tick / TICKS_A_BEAT) % BEATS.length] ?? '',
    status === 'stopping' ? 'caution' : 'live',
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
function doing({ calls, status, sentence }: TaskRow, frame: Frame): readonly Row[] {
  const under = [...calls.values()].filter(({ isRunning }) => isRunning)
  const current = under.at(-1)
  if (current && status !== 'stopping') return callRows(current, under.length - 1, frame)
  if (sentence.trim() === '' || status === 'stopping') return [[span(`${status}…`, 'faint')]]
  return [[span(tailOf(safeLine(sentence), frame.columns), 'faint')]]
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
