import type { OpenRequest } from '../../actors/open-requests.ts'
import type { Limits, TaskView, Todo } from '../../protocol/task.ts'
import type { Folded } from '../../runtime/replay.ts'
import { boundaryLines } from '../requests/boundary-words.ts'
import { safeLine, safeText } from '../safe-text.ts'
import { clockOf, counted, shortCount } from '../terminal/amounts.ts'
import { cutRow, type Row, span } from '../terminal/style.ts'
import type { TaskRow } from '../terminal/task-row.ts'
import { wrapped } from '../terminal/width.ts'
import { conversationRows } from './conversation-rows.ts'
import { nextStepOf } from '../tasks/next-step.ts'
import { LABEL_COLUMNS, labelledRows, nextRow } from '../tasks/page.ts'
import { hasEnded, holdWords, isLive, placeWords, standingWords } from '../tasks/standing.ts'
import { tableRows } from '../tasks/task-table.ts'
import { leftWords } from '../tasks/times.ts'
import { treeOf } from '../tasks/tree.ts'
import { waitWords } from './waits.ts'

/** Everything that is known of one task. */
export interface TaskPage {
  readonly view: TaskView
  readonly folded: Folded
  /** Its calls that have no result yet, among other things. */
  readonly row: TaskRow | null
  /** All that work for it. */
  readonly below: readonly TaskView[]
  /** What waits for a person, of the task and of those. */
  readonly waiting: readonly OpenRequest[]
  readonly shortIds: ReadonlyMap<string, string>
  readonly now: number
}

export interface PageForm {
  readonly columns: number
  readonly isFull: boolean
}

const GOAL_ROWS_MAX = 8
const TODO_SIGNS: Readonly<Record<Todo['status'], string>> = { done: '✓', doing: '▸', open: '·' }

/** A task as a page: what it is to do, may do, has done, and waits for, and what to type next. */
export function pageRows(page: TaskPage, form: PageForm): readonly Row[] {
  const { view, folded, shortIds } = page
  const { columns, isFull } = form
  const { spec, conversation } = folded
  const name = shortIds.get(view.id) ?? view.id
  const isAsking = page.waiting.some(({ taskId }) => taskId === view.id)
  const step = nextStepOf(view, name, isAsking)
  const labelled = (label: string, lines: readonly string[]) => labelledRows(label, lines, columns)
  return [
    ...headRows(page, isAsking, columns),
    [],
    ...labelled('goal', cutLines(wrapped(safeText(spec.message.trim()), columns - LABEL_COLUMNS), isFull)),
    ...(spec.parent === null
      ? []
      : labelled('works for', [safeLine(shortIds.get(spec.parent) ?? spec.parent)])),
    ...labelled('boundary', boundaryLines(spec.boundary)),
    ...labelled('limits', limitLines(page)),
    ...labelled('steps', todoLines(view.todos)),
    ...labelled('held', heldLines(view)),
    ...labelled('waits for', waitWords(page).map(safeLine)),
    ...childRows(page, columns),
    [],
    [span('conversation', 'faint')],
    ...conversationRows(conversation.lines, { columns, isFull, agent: view.agent }),
    ...outcomeRows(view, columns),
    [],
    nextRow(step.why, safeLine(step.command)),
  ].map((row) => cutRow(row, columns))
}

function headRows({ view, folded, now }: TaskPage, isAsking: boolean, columns: number): readonly Row[] {
  const { sign, look, words } = standingWords(view, isAsking)
  const { spec } = folded
  const live = !hasEnded(view)
  const tokens = view.usage.inputTokens + view.usage.outputTokens
  const amounts = [
    clockOf(live && isLive(view) ? now - view.createdAt : view.durationMs),
    counted(view.turns, 'turn'),
    `${shortCount(tokens)} tokens`,
  ]
  const who = [spec.agent, spec.model.name, ...(view.background ? ['in the background'] : [])]
  return [
    ...wrapped(safeLine(view.title), columns - 2).map((line, at) => [
      span(at === 0 ? `${sign} ` : '  ', look),
      span(line, 'strong'),
    ]),
    [span(`  ${safeLine(view.id)}`, 'faint'), span(`  ${who.map(safeLine).join(' · ')}`, 'faint')],
    [
      span(`  ${safeLine(words)}`, look),
      span(live ? `, ${placeWords(view)}` : '', 'faint'),
      span(`  ${amounts.join(' · ')}`, 'faint'),
    ],
  ]
}

function cutLines(lines: readonly string[], isFull: boolean): readonly string[] {
  if (isFull || lines.length <= GOAL_ROWS_MAX) return lines
  return [...lines.slice(0, GOAL_ROWS_MAX), `… ${lines.length - GOAL_ROWS_MAX} more: --full shows all`]
}

/** What it has spent of what it may spend. */
function limitLines({ view, folded, now }: TaskPage): readonly string[] {
  const { limits } = folded.spec
  const left = remaining(limits, view, ranMs({ view, folded, now }))
  const running =
    limits.timeoutMs === null || left.timeoutMs === null
      ? 'no limit of running time'
      : `running time ${clockOf(limits.timeoutMs)}, ${leftWords(left.timeoutMs)}`
  const others = [
    `a reply ${clockOf(limits.modelTimeoutMs)}`,
    `a tool ${clockOf(limits.toolTimeoutMs)}`,
    ...(limits.idleMs === null ? [] : [`silence ${clockOf(limits.idleMs)}`]),
    ...(limits.approvalTimeoutMs === null ? [] : [`your answer ${clockOf(limits.approvalTimeoutMs)}`]),
  ]
  return [`${counted(limits.maxTurns, 'turn')}, ${left.turns} left · ${running}`, others.join(' · ')]
}

/** What is left of its turns and of its running time. */
export function remaining({ maxTurns, timeoutMs }: Limits, { turns }: TaskView, ran: number) {
  return {
    turns: Math.max(0, maxTurns - turns),
    timeoutMs: timeoutMs === null ? null : Math.max(0, timeoutMs - ran),
  }
}

/** How long it has worked, by what its chart has counted. Where nobody has it, nothing is counted since. */
export function ranMs({ view, folded, now }: Pick<TaskPage, 'view' | 'folded' | 'now'>): number {
  const { ms, since } = folded.actor.getSnapshot().context.ran
  if (since === null) return ms
  const until = isLive(view) ? now : folded.last.fact.at
  return ms + Math.max(0, until - since)
}

/** Several may hold it, and it goes on when the last one lets go. One is told by how it stands. */
function heldLines({ pausedBy }: TaskView): readonly string[] {
  const words = [...new Set(pausedBy.map(holdWords))]
  return words.length > 1 ? words.map(safeLine) : []
}

function todoLines(todos: readonly Todo[]): readonly string[] {
  return todos.map(({ text, status }) => `${TODO_SIGNS[status]} ${safeLine(text)}`)
}

function childRows(page: TaskPage, columns: number): readonly Row[] {
  if (page.below.length === 0) return []
  const { shortIds, now, waiting } = page
  const asking = new Set(waiting.map(({ taskId }) => taskId))
  return [
    [],
    [span('tasks that work for it', 'faint')],
    ...tableRows({ branches: treeOf(page.below), shortIds, asking, now }, columns),
  ]
}

function outcomeRows({ outcome }: TaskView, columns: number): readonly Row[] {
  if (!outcome) return []
  const text = safeText(outcome.result.trim())
  const result = text === '' ? [] : wrapped(text, columns - 2).map((line) => [span(`  ${line}`)])
  const label = 'late' in outcome ? 'the last thing it said, after it was told to end' : 'result'
  const reason =
    'reason' in outcome
      ? [
          [],
          ...labelledRows(
            'reason',
            [safeLine(outcome.reason.code), safeText(outcome.reason.message)],
            columns,
          ),
        ]
      : []
  return [...(result.length > 0 ? [[], [span(label, 'faint')], ...result] : []), ...reason]
}
