import type { TaskView } from '../../protocol/task.ts'
import { safeLine } from '../safe-text.ts'
import { clockOf, counted, shortCount, type Slots, slotsText } from '../terminal/amounts.ts'
import { cutRow, type Row, type Span, span } from '../terminal/style.ts'
import { cutTo, padTo, widthOf } from '../terminal/width.ts'
import { hasEnded, isInterrupted, isLive, standingWords } from './standing.ts'
import type { Branch } from './tree.ts'

/** Tasks in a table. */
export interface Table {
  readonly branches: readonly Branch[]
  readonly shortIds: ReadonlyMap<string, string>
  /** Tasks that wait for a person to say something. */
  readonly asking: ReadonlySet<string>
  readonly now: number
}

/** Everything that the list of tasks tells of. */
export interface Listing extends Table {
  readonly slots: Slots
  /** How many that have ended are not shown. */
  readonly hiddenCount: number
}

const GAP = '  '
/** Numbers stand at the right of their columns, and their heads are wide enough. */
const NUMBER_GAP = ' '
const NUMBERS: readonly Column[] = ['time', 'turns', 'tokens']
const TITLE_COLUMNS_MIN = 20
const AGENT_COLUMNS_MAX = 12
const STATE_COLUMNS_MAX = 24

interface Cells {
  readonly mark: Span
  readonly id: string
  readonly twigs: string
  readonly title: string
  readonly agent: string
  readonly state: Span
  readonly time: string
  readonly turns: string
  readonly tokens: string
}

/** The columns that go first, where there is too little room for the titles. */
const EXPENDABLE = ['tokens', 'turns', 'agent'] as const
type Column = 'id' | 'agent' | 'state' | 'time' | 'turns' | 'tokens'
const HEADS: Readonly<Record<Column, string>> = {
  id: 'id',
  agent: 'agent',
  state: 'state',
  time: 'time',
  turns: 'turns',
  tokens: 'tokens',
}

/** The tasks as rows that fit, below how much goes on in the background, above what to type next. */
export function listingRows(listing: Listing, columns: number): readonly Row[] {
  const { branches, hiddenCount } = listing
  const hidden =
    hiddenCount > 0 ? [[span(`${GAP}… ${hiddenCount} more ended: troupe tasks --all`, 'faint')]] : []
  return [
    ...slotsRows(listing),
    ...(branches.length > 0
      ? tableRows(listing, columns)
      : [[span('No task is so. All of them: troupe tasks --all', 'faint')]]),
    ...hidden,
    ...nextRows(listing),
  ].map((row) => cutRow(row, columns))
}

/** Who works somewhere else, or nowhere, matters only as long as something has not ended. */
function slotsRows({ slots, branches }: Listing): readonly Row[] {
  if (branches.every(({ task }) => hasEnded(task))) return []
  const busy = slots.running + slots.queued > 0
  return [[span(slotsText(slots), busy ? 'strong' : 'faint')], []]
}

function cellsOf({ task, twigs }: Branch, { shortIds, asking, now }: Table): Cells {
  const { sign, look, words } = standingWords(task, asking.has(task.id))
  const tokens = task.usage.inputTokens + task.usage.outputTokens
  return {
    mark: span(sign, look),
    id: safeLine(shortIds.get(task.id) ?? task.id),
    twigs,
    title: safeLine(task.title),
    agent: cutTo(safeLine(task.agent), AGENT_COLUMNS_MAX),
    state: span(
      cutTo(safeLine(words), STATE_COLUMNS_MAX),
      hasEnded(task) && look === 'good' ? 'faint' : look,
    ),
    time: clockOf(elapsed(task, now)),
    turns: String(task.turns),
    tokens: shortCount(tokens),
  }
}

/** Since it was asked for, as long as it lives; else as long as there is anything to tell of it. */
function elapsed(task: TaskView, now: number): number {
  return !hasEnded(task) && isLive(task) ? now - task.createdAt : task.durationMs
}

type Widths = ReadonlyMap<Column, number>

/** The tasks alone, below the heads of their columns. */
export function tableRows(table: Table, columns: number): readonly Row[] {
  const lines = table.branches.map((branch) => cellsOf(branch, table))
  const { widths, titleColumns } = layoutOf(lines, columns)
  const head = lineOf(
    { ...HEADS, mark: span(' '), twigs: '', title: 'task', state: span('state') },
    widths,
    titleColumns,
  ).map(({ text }) => span(text, 'faint'))
  return [head, ...lines.map((cells) => lineOf(cells, widths, titleColumns))]
}

function layoutOf(lines: readonly Cells[], columns: number) {
  const widths = new Map<Column, number>()
  for (const column of Object.keys(HEADS) as Column[])
    widths.set(
      column,
      Math.max(widthOf(HEADS[column]), ...lines.map((cells) => widthOf(textOf(cells, column)))),
    )
  const taken = () => [...widths].reduce((sum, [column, width]) => sum + width + gapAfter(column).length, 0)
  // Before the id stands a mark; behind the last column nothing.
  const room = () => columns - 2 - taken() - GAP.length + NUMBER_GAP.length
  const longest = Math.max(...lines.map(({ twigs, title }) => widthOf(twigs) + widthOf(title)), 4)
  const wanted = Math.min(longest, TITLE_COLUMNS_MIN)
  for (const column of EXPENDABLE) if (room() < wanted) widths.delete(column)
  return { widths, titleColumns: Math.max(4, Math.min(room(), longest)) }
}

function gapAfter(column: Column): string {
  return NUMBERS.includes(column) ? NUMBER_GAP : GAP
}

function textOf(cells: Cells, column: Column): string {
  return column === 'state' ? cells.state.text : cells[column]
}

function lineOf(cells: Cells, widths: Widths, titleColumns: number): Row {
  const { mark, twigs, title, state } = cells
  const text = (column: Column, isNumber = false): string => {
    const width = widths.get(column)
    if (width === undefined) return ''
    const shown = textOf(cells, column)
    return isNumber
      ? `${' '.repeat(Math.max(0, width - widthOf(shown)))}${shown}${gapAfter(column)}`
      : `${padTo(shown, width)}${GAP}`
  }
  const room = Math.max(1, titleColumns - widthOf(twigs))
  return [
    mark,
    span(' '),
    span(text('id'), 'faint'),
    span(twigs, 'faint'),
    span(`${padTo(cutTo(title, room), room)}${GAP}`),
    span(text('agent'), 'faint'),
    span(text('state'), state.look),
    span(`${text('time', true)}${text('turns', true)}${text('tokens', true)}`.trimEnd(), 'faint'),
  ]
}

/** What needs a person, and what that person would type. */
function nextRows({ branches, asking, shortIds }: Listing): readonly Row[] {
  const tasks = branches.map(({ task }) => task)
  const waiting = tasks.filter(({ id }) => asking.has(id))
  // What waits for an answer goes on behind it; until then there is nothing to resume.
  const interrupted = tasks.filter((task) => isInterrupted(task) && !asking.has(task.id))
  const paused = tasks.filter((task) => !hasEnded(task) && task.pausedBy.includes('user'))
  const rows = [
    ...next(waiting, { one: 'waits', many: 'wait' }, 'for you', () => 'troupe approvals'),
    ...next(interrupted, { one: 'was', many: 'were' }, 'interrupted', (task) =>
      task ? `troupe resume ${shortIds.get(task.id) ?? task.id}` : 'troupe resume --all',
    ),
    ...(interrupted.length > 0
      ? []
      : next(paused, { one: 'is', many: 'are' }, 'paused by you', (task) =>
          task ? `troupe resume ${shortIds.get(task.id) ?? task.id}` : 'troupe resume <id>',
        )),
  ]
  return rows.length > 0 ? [[], ...rows] : []
}

function next(
  tasks: readonly TaskView[],
  verb: { readonly one: string; readonly many: string },
  what: string,
  command: (only: TaskView | null) => string,
): readonly Row[] {
  const [first] = tasks
  if (!first) return []
  const isOne = tasks.length === 1
  return [
    [
      span('→ ', 'live'),
      span(`${counted(tasks.length, 'task')} ${isOne ? verb.one : verb.many} ${what}: `),
      span(safeLine(command(isOne ? first : null)), 'strong'),
    ],
  ]
}
