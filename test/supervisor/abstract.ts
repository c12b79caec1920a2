/**
 * What a supervisor with a few tasks should do, written down apart from the charts: a task is a row of
 * words, an event rewrites rows. Only states at rest are told: every fact has arrived, every slot that could
 * be given is given. Tasks stand in the order in which they were started; who has ended is forgotten.
 *
 * The rules are those of L3 (slots, and who comes first), L7 (one end), L11 (what counts as running), and of
 * what a pause, a resume and a cancel mean.
 */

/** Every body is stubborn: told to end, it ends when the test says so (`stops`), or answers after all. */
export interface AbstractTask {
  readonly at:
    | 'queued'
    | 'thinking'
    | 'asking'
    | 'waiting'
    | 'returning'
    | 'pausing'
    | 'paused'
    | 'cancelling'
  /** What it goes on with. `question`: it has asked and has no answer yet; `wait`: for its children. */
  readonly next: 'think' | 'ask' | 'question' | 'complete' | 'spawn' | 'launch' | 'wait'
  /** Who holds it still, in order of the alphabet. `0/`: whoever holds task 0, and with it all below it. */
  readonly heldBy: readonly string[]
  /** How many ticks of its time it has run. */
  readonly ran: number
  readonly hasNews: boolean
  readonly isForeground: boolean
  /** Who hears of its end. */
  readonly parent: number | null
  /** Who takes it along: its parent or, when that has ended, the next above that one. */
  readonly above: number | null
  /** How many were above it when it began. */
  readonly depth: number
  /** How its parent waits for it: in front of it, or as one of those that it has launched. */
  readonly awaited: 'in front' | 'launched' | null
  /** Somebody moves it to the background, and waits for this one to have moved: itself, or one below it. */
  readonly turnsAfter: number | null
  readonly endsAs: 'cancelled' | 'timedOut' | null
}

export type How = 'start' | 'child' | 'resume' | 'return' | 'turn'

export interface AbstractState {
  readonly tasks: readonly AbstractTask[]
  readonly queue: readonly { readonly task: number; readonly how: How }[]
}

export interface Rules {
  readonly cap: number
  readonly tasks: number
  readonly queue: number
  readonly atCap: 'queue' | 'reject'
  /** Ticks of running time that a task has. `null`: no limit. */
  readonly ticks: number | null
}

export type Happening =
  | { readonly type: 'start' | 'startForeground' | 'tick' }
  | { readonly type: TaskHappening; readonly task: number; readonly by?: string }

export type TaskHappening =
  | 'says'
  | 'completes'
  | 'asks'
  | 'spawns'
  | 'launches'
  | 'answer'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'stops'
  | 'message'
  | 'turn'

export interface End {
  readonly task: number
  readonly status: 'completed' | 'cancelled' | 'timedOut'
  readonly isLate: boolean
  readonly isForeground: boolean
}

export interface Step {
  readonly state: AbstractState
  /** In terms of the state before; a task that this step started is not among them. */
  readonly ended: readonly End[]
  /** What whoever did it is told: `open`, nothing yet. */
  readonly said: string
}

/** No task may spawn another further down than this. */
const DEPTH_MAX = 3

export const NOTHING: AbstractState = { tasks: [], queue: [] }

interface Row {
  at: AbstractTask['at']
  next: AbstractTask['next']
  /** A row: whoever holds that one, and with it all below it. */
  heldBy: (string | Row)[]
  ran: number
  hasNews: boolean
  isForeground: boolean
  parent: Row | null
  above: Row | null
  readonly depth: number
  awaited: AbstractTask['awaited']
  turnsAfter: Row | null
  endsAs: AbstractTask['endsAs']
  holds: boolean
}

interface Draft {
  readonly rules: Rules
  readonly rows: Row[]
  queue: { readonly row: Row; readonly how: How }[]
  readonly ended: (Omit<End, 'task'> & { readonly row: Row })[]
}

/** What follows from an event in a state. */
export function step(state: AbstractState, happening: Happening, rules: Rules): Step {
  const draft = opened(state, rules)
  const before = [...draft.rows]
  const happened = happen(draft, before, happening)
  turnOn(draft)
  const said = happened === 'turns' ? turn(draft, before[taskIn(happening)] as Row) : happened
  turnOn(draft)
  const ended = draft.ended.map(({ row, ...end }) => ({ ...end, task: before.indexOf(row) }))
  return { state: closed(draft), ended, said }
}

const taskIn = (happening: Happening) => ('task' in happening ? happening.task : -1)

function happen(draft: Draft, rows: readonly Row[], happening: Happening): string {
  if (happening.type === 'start' || happening.type === 'startForeground') {
    if (isFull(draft)) return 'full'
    return start(draft, happening.type === 'startForeground')
  }
  if (happening.type === 'tick') return tick(draft)
  if (!('task' in happening)) return 'ok'
  const row = rows[happening.task]
  const by = happening.by ?? 'user'
  if (!row) return happening.type === 'answer' ? 'unasked' : happening.type === 'cancel' ? 'ok' : 'ended'
  switch (happening.type) {
    case 'pause':
      for (const other of [row, ...below(draft, row)]) pause(other, draft, other === row ? by : row)
      return 'ok'
    case 'resume':
      return letGo(draft, row, by)
    case 'cancel':
      cancel(draft, row, 'cancelled')
      return 'ok'
    case 'message':
      row.hasNews = true
      return 'ok'
    case 'turn':
      return 'turns'
    case 'answer':
      return answer(draft, row)
    case 'stops':
      if (row.at === 'cancelling') end(draft, row, row.endsAs ?? 'cancelled')
      return 'ok'
    default:
      return reply(draft, row, happening.type)
  }
}

function start(draft: Draft, isForeground: boolean): string {
  const row = newRow(isForeground, null)
  draft.rows.push(row)
  if (isForeground) run(draft, row)
  else if (!wish(draft, row, 'start')) {
    draft.rows.pop()
    return 'refused'
  }
  return 'ok'
}

function newRow(isForeground: boolean, parent: Row | null): Row {
  return {
    at: 'queued',
    next: 'think',
    heldBy: [],
    ran: 0,
    hasNews: false,
    isForeground,
    parent,
    above: parent,
    depth: parent === null ? 0 : parent.depth + 1,
    awaited: null,
    turnsAfter: null,
    endsAs: null,
    holds: false,
  }
}

/** There is room in the model for so many tasks, with those that will be. */
function isFull({ rows, rules }: Draft): boolean {
  const toCome = rows.filter(({ next }) => next === 'spawn' || next === 'launch').length
  return rows.length + toCome >= rules.tasks
}

/** The model answers: with an end, a question, or work for somebody else. */
function reply(draft: Draft, row: Row, how: TaskHappening): string {
  if (row.at === 'cancelling')
    end(draft, row, row.endsAs ?? 'cancelled', how === 'says' || how === 'completes')
  if (row.at !== 'thinking' && row.at !== 'pausing') return 'ok'
  const after = {
    says: 'complete',
    completes: 'complete',
    asks: 'ask',
    spawns: 'spawn',
    launches: 'launch',
  } as const
  if ((how === 'spawns' || how === 'launches') && (isFull(draft) || row.depth >= DEPTH_MAX)) return 'full'
  const isOver = how === 'says' && !row.hasNews
  if (isOver) {
    end(draft, row, 'completed')
    return 'ok'
  }
  row.next = how === 'says' ? 'think' : after[how as keyof typeof after]
  if (row.at === 'thinking') {
    run(draft, row)
    return 'ok'
  }
  row.holds = false
  if (row.heldBy.length > 0) row.at = 'paused'
  pump(draft)
  if (row.heldBy.length === 0) wishAgain(draft, row)
  return 'ok'
}

/** It has a slot, or needs none, and does what is next. */
function run(draft: Draft, row: Row): void {
  const { next } = row
  if (next === 'complete' && !row.hasNews) return end(draft, row, 'completed')
  if (next === 'spawn' || next === 'launch') return delegate(draft, row)
  if (next === 'ask' || next === 'question' || next === 'wait') {
    row.at = next === 'wait' ? 'waiting' : 'asking'
    if (next === 'ask') row.next = 'question'
    return release(draft, row)
  }
  row.next = 'think'
  row.at = 'thinking'
  row.hasNews = false
}

function delegate(draft: Draft, row: Row): void {
  const awaited = row.next === 'spawn' ? 'in front' : 'launched'
  row.next = 'think'
  const child = newRow(row.isForeground && awaited === 'in front', row)
  draft.rows.push(child)
  if (child.isForeground) run(draft, child)
  else if (!wish(draft, child, awaited === 'in front' ? 'child' : 'start'))
    draft.rows.splice(draft.rows.indexOf(child), 1)
  const isThere = draft.rows.includes(child)
  // It waits in front of one child, or for all that there are.
  if (awaited === 'in front' && isThere) child.awaited = awaited
  if (awaited === 'launched')
    for (const other of draft.rows.filter((it) => it.parent === row)) other.awaited = awaited
  if (draft.rows.some((it) => it.parent === row && it.awaited !== null)) row.next = 'wait'
  run(draft, row)
}

function pause(row: Row, draft: Draft, by: string | Row): void {
  if (row.at === 'cancelling') return
  if (!row.heldBy.includes(by)) row.heldBy.push(by)
  if (row.at === 'pausing' || row.at === 'paused') return
  if (row.at === 'thinking') {
    row.at = 'pausing'
    return
  }
  row.at = 'paused'
  draft.queue = draft.queue.filter((it) => it.row !== row || it.how === 'turn')
}

/** Whoever loses the race against an end is told so. */
function letGo(draft: Draft, row: Row, by: string | Row): string {
  if (row.at === 'cancelling') return 'ended'
  if (row.at !== 'pausing' && row.at !== 'paused') return 'ok'
  const wasHeld = row.heldBy.length > 0
  row.heldBy = row.heldBy.filter((it) => it !== by && !(by === 'user' && it === 'no-slot'))
  if (row.heldBy.includes('no-slot')) return 'refused'
  if (row.heldBy.length > 0) return 'held'
  const said = row.at === 'pausing' ? 'open' : wishAgain(draft, row) ? 'ok' : 'refused'
  if (wasHeld) letGoBelow(draft, row)
  return said
}

/** What works for a task is held together with it as long as anybody holds it. */
function letGoBelow(draft: Draft, row: Row): void {
  for (const other of below(draft, row)) if (other.heldBy.includes(row)) letGo(draft, other, row)
}

function wishAgain(draft: Draft, row: Row): boolean {
  row.at = 'queued'
  if (row.isForeground) {
    run(draft, row)
    return true
  }
  // Whoever works in the stead of one that waits comes before those that have not begun, also after a pause.
  if (wish(draft, row, row.awaited === 'in front' ? 'child' : 'resume')) return true
  row.at = 'paused'
  row.heldBy = ['no-slot']
  return false
}

function cancel(draft: Draft, row: Row, endsAs: 'cancelled' | 'timedOut'): void {
  if (row.at === 'cancelling' || !draft.rows.includes(row)) return
  const others = below(draft, row)
  if (row.at === 'thinking' || row.at === 'pausing') {
    row.at = 'cancelling'
    row.endsAs = endsAs
  } else end(draft, row, endsAs)
  for (const other of others) cancel(draft, other, 'cancelled')
}

function answer(draft: Draft, row: Row): string {
  if (row.next !== 'question') return 'unasked'
  row.next = 'think'
  if (row.at === 'asking') goOn(draft, row)
  return 'ok'
}

/** What it waited for has come. */
function goOn(draft: Draft, row: Row): void {
  row.next = 'think'
  if (row.at !== 'asking' && row.at !== 'waiting') return
  if (row.isForeground) return run(draft, row)
  row.at = 'returning'
  wish(draft, row, 'return')
}

/** Whoever moves somebody to the background goes on with it as far as the slots reach. */
function turnOn(draft: Draft): void {
  // One that gets on may make way for another.
  for (const _ of draft.rows)
    for (const row of draft.rows) {
      const { turnsAfter: other } = row
      const waits = other?.isForeground && draft.queue.some((it) => it.row === other)
      if (other && !waits) turn(draft, row)
    }
}

/** Those below it first, the deepest of them before the others. */
function turn(draft: Draft, row: Row): string {
  row.turnsAfter = null
  for (;;) {
    const next = [row, ...below(draft, row)].findLast(({ isForeground }) => isForeground)
    if (!next) break
    const hasChildInFront = draft.rows.some((it) => it.parent === next && it.awaited === 'in front')
    // It only waits for one that has a slot: it needs none itself.
    if (next.at === 'waiting' && hasChildInFront) {
      next.isForeground = false
      draft.queue = draft.queue.filter((it) => it.row !== next)
    } else if (draft.queue.some((it) => it.row === next) || !wish(draft, next, 'turn')) {
      const isRefused = draft.queue.every((it) => it.row !== next)
      row.turnsAfter = isRefused ? null : next
      return isRefused ? 'refused' : 'open'
    }
  }
  if (row.awaited !== 'in front') return 'ok'
  // Who waited in front of it goes on without it.
  row.awaited = null
  if (row.parent) goOn(draft, row.parent)
  return 'ok'
}

/** Time passes for all that run. A limit ends a task; its body ends when it does. */
function tick(draft: Draft): string {
  const { ticks } = draft.rules
  if (ticks === null) return 'ok'
  const running = draft.rows.filter(({ at }) => at === 'thinking' || at === 'pausing')
  for (const row of running) row.ran += 1
  for (const row of running) if (row.ran >= ticks) cancel(draft, row, 'timedOut')
  return 'ok'
}

/** Takes a slot, or a place in the queue, or neither. */
function wish(draft: Draft, row: Row, how: How): boolean {
  const isAhead = how === 'return' || how === 'child'
  const { rules, queue } = draft
  if (!isAhead && heldIn(draft) >= rules.cap) {
    if (rules.atCap === 'reject') return false
    if (queue.filter((it) => !isAheadWish(it)).length >= rules.queue) return false
  }
  const place = isAhead ? queue.filter(isAheadWish).length : queue.length
  draft.queue = [...queue.slice(0, place), { row, how }, ...queue.slice(place)]
  pump(draft)
  return true
}

const isAheadWish = ({ how }: { readonly how: How }) => how === 'return' || how === 'child'

function heldIn({ rows }: Draft): number {
  return rows.filter(({ holds }) => holds).length
}

function pump(draft: Draft): void {
  while (heldIn(draft) < draft.rules.cap) {
    const [first, ...rest] = draft.queue
    if (!first) return
    draft.queue = rest
    give(draft, first.row, first.how)
  }
}

function give(draft: Draft, row: Row, how: How): void {
  row.holds = true
  if (how !== 'turn') return run(draft, row)
  // What was born below it meanwhile comes first.
  if (below(draft, row).some(({ isForeground }) => isForeground)) return release(draft, row)
  row.isForeground = false
  if (row.at !== 'thinking' && row.at !== 'pausing' && row.at !== 'cancelling') release(draft, row)
}

function release(draft: Draft, row: Row): void {
  row.holds = false
  pump(draft)
}

function end(draft: Draft, row: Row, status: End['status'], isLate = false): void {
  const others = below(draft, row)
  const { parent, isForeground } = row
  draft.ended.push({ row, status, isLate, isForeground })
  draft.rows.splice(draft.rows.indexOf(row), 1)
  draft.queue = draft.queue.filter((it) => it.row !== row)
  row.holds = false
  for (const other of draft.rows) if (other.above === row) other.above = row.above
  // Whoever waits in front of it comes before anybody else, also for the very slot that comes free now.
  const isInherited = row.awaited === 'in front' && parent?.at === 'waiting' && !parent.isForeground
  if (!isInherited) pump(draft)
  // Whoever is ended from above takes them along instead.
  if (status === 'completed')
    for (const other of others) if (other.heldBy.includes(row)) letGo(draft, other, row)
  if (parent && draft.rows.includes(parent)) hearEnd(draft, parent, row)
  pump(draft)
}

function hearEnd(draft: Draft, parent: Row, child: Row): void {
  if (child.awaited === null) parent.hasNews = true
  else if (!draft.rows.some((it) => it.parent === parent && it.awaited !== null)) goOn(draft, parent)
}

function below(draft: Draft, row: Row): readonly Row[] {
  return draft.rows.filter((it) => it.above === row).flatMap((it) => [it, ...below(draft, it)])
}

function opened({ tasks, queue }: AbstractState, rules: Rules): Draft {
  const rows = tasks.map(
    (task): Row => ({
      ...task,
      heldBy: [],
      parent: null,
      above: null,
      turnsAfter: null,
      holds: !task.isForeground && ['thinking', 'pausing', 'cancelling'].includes(task.at),
    }),
  )
  for (const [index, { heldBy, parent, above, turnsAfter }] of tasks.entries()) {
    const row = rows[index] as Row
    row.heldBy = heldBy.map((it) => (it.endsWith('/') ? (rows[Number.parseInt(it, 10)] as Row) : it))
    const rowAt = (place: number | null) => (place === null ? null : (rows[place] ?? null))
    row.parent = rowAt(parent)
    row.above = rowAt(above)
    row.turnsAfter = rowAt(turnsAfter)
  }
  return { rules, rows, queue: queue.map(({ task, how }) => ({ row: rows[task] as Row, how })), ended: [] }
}

function closed({ rows, queue, rules }: Draft): AbstractState {
  return {
    tasks: rows.map((row) => {
      const { at, next, hasNews, isForeground, endsAs } = row
      const isHeld = at === 'pausing' || at === 'paused'
      const heldBy = isHeld
        ? row.heldBy.map((it) => (typeof it === 'string' ? it : `${rows.indexOf(it)}/`))
        : []
      const parent = row.parent && rows.includes(row.parent) ? rows.indexOf(row.parent) : null
      // What can make no difference any more is no part of the state.
      const isEnding = at === 'cancelling'
      return {
        at,
        next: isEnding ? 'think' : next,
        heldBy: heldBy.sort(),
        ran: rules.ticks === null || isEnding ? 0 : row.ran,
        hasNews: hasNews && !isEnding,
        isForeground,
        parent,
        above: row.above && rows.indexOf(row.above),
        depth: row.depth,
        awaited: parent === null ? null : row.awaited,
        turnsAfter: row.turnsAfter && rows.indexOf(row.turnsAfter),
        endsAs,
      }
    }),
    queue: queue.map(({ row, how }) => ({ task: rows.indexOf(row), how })),
  }
}
