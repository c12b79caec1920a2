import type { Holder, TaskView } from '../../protocol/task.ts'
import type { Look } from '../terminal/style.ts'
import { OUTCOME_WORDS } from '../terminal/task-row.ts'

/** How a task stands, as a person would say it. Not safe: a holder may be called anything. */
export interface StandingWords {
  readonly sign: string
  readonly look: Look
  readonly words: string
}

const ENDED: readonly string[] = Object.keys(OUTCOME_WORDS)

const ASKING = 'waits for you'
const AT_WORK: ReadonlyMap<string, string> = new Map([
  ['deciding', 'running'],
  ['thinking', 'thinking'],
  ['summarising', 'summarising'],
  ['acting', 'working'],
  ['concluding', 'finishing'],
  ['backingOff', 'waits for its model'],
  ['asking', ASKING],
  ['delegating', 'waits for tasks'],
  ['returning', 'waits for a slot'],
])

const HELD: ReadonlyMap<Holder, string> = new Map<Holder, string>([
  ['user', 'paused by you'],
  ['quota', 'paused by its quota'],
  ['shutdown', 'paused at the shutdown'],
  ['interrupted', 'interrupted'],
  ['no-slot', 'found no slot'],
])

/** Whether it has come to its end. What was lost goes on elsewhere, or can be resumed. */
export function hasEnded({ status }: Pick<TaskView, 'status'>): boolean {
  return ENDED.includes(status)
}

/** Who else holds it still means it; these only tell that nobody was there to let it go on. */
const NOBODYS_WISH: readonly Holder[] = ['interrupted', 'shutdown', 'no-slot']

/** Whether it stands still only because the process that had it is gone. */
export function isInterrupted(view: Pick<TaskView, 'status' | 'pausedBy' | 'heldBy'>): boolean {
  if (hasEnded(view) || view.heldBy !== 'nobody') return false
  return view.pausedBy.every((by) => NOBODYS_WISH.includes(by))
}

/** Whether it works or will as soon as it may: some process sees to it. */
export function isLive({ status, heldBy }: Pick<TaskView, 'status' | 'heldBy'>): boolean {
  return status !== 'paused' && heldBy !== 'nobody'
}

/** `isAsking`: something that it waits for a person to say is open. */
export function standingWords(view: TaskView, isAsking: boolean): StandingWords {
  const { status, state } = view
  if (status === 'completed') return { sign: '✓', look: 'good', words: OUTCOME_WORDS.completed }
  if (status === 'failed' || status === 'timedOut' || status === 'cancelled')
    return { sign: '✗', look: 'bad', words: wordsOfEnd(view, OUTCOME_WORDS[status]) }
  const words = liveWords(view)
  if (isAsking || state === 'running.asking') return { sign: '?', look: 'caution', words: askingWords(view) }
  if (status === 'paused' || isInterrupted(view)) return { sign: '‖', look: 'caution', words }
  return { sign: '●', look: status === 'queued' ? 'faint' : 'live', words }
}

/** An answer comes first, also where its process is gone; a hold is somebody's wish, and stays. */
function askingWords(view: TaskView): string {
  const isHeld = view.state !== 'running.asking' && !isInterrupted(view)
  return isHeld ? `${liveWords(view)}, asks you` : ASKING
}

function wordsOfEnd({ outcome }: TaskView, words: string): string {
  return outcome && 'late' in outcome ? `${words}, late result` : words
}

function liveWords(view: TaskView): string {
  const { status, state, ahead, pausedBy } = view
  if (isInterrupted(view)) return 'interrupted'
  if (status === 'queued') {
    if (ahead === null) return 'queued'
    return ahead === 0 ? 'queued, next' : `queued, ${ahead} ahead`
  }
  if (status === 'pausing') return 'pausing'
  if (status === 'paused') return heldWords(pausedBy)
  if (status === 'cancelling') return 'stopping'
  if (status === 'lost') return 'lost'
  return AT_WORK.get(state.slice(state.indexOf('.') + 1)) ?? status
}

/** Who holds it still, the one that was first. */
function heldWords(pausedBy: readonly Holder[]): string {
  // That its process went, too, tells nothing to whoever is to let it go on.
  const meant = pausedBy.filter((by) => !NOBODYS_WISH.includes(by))
  const [first, ...more] = [...new Set((meant.length > 0 ? meant : pausedBy).map(holdWords))]
  if (first === undefined) return 'paused'
  return more.length === 0 ? first : `${first} +${more.length}`
}

/** One holder, in words. */
export function holdWords(by: Holder): string {
  return HELD.get(by) ?? (by.startsWith('parent/') ? 'paused with its parent' : `paused by ${by}`)
}

const HELD_MEANWHILE: Readonly<Record<TaskView['heldBy'], string>> = {
  here: 'in this process',
  elsewhere: 'in another process',
  nobody: 'in no process',
}

/** Where a task lives that has not ended. */
export function placeWords({ heldBy }: Pick<TaskView, 'heldBy'>): string {
  return HELD_MEANWHILE[heldBy]
}
