import type { TaskView } from '../../protocol/task.ts'
import { hasEnded, isInterrupted } from './standing.ts'

/** What a person would most likely type next about a task, and why. */
export interface NextStep {
  readonly why: string
  readonly command: string
}

/** The one obvious next step. `name`: how the task is called in it. */
export function nextStepOf(view: TaskView, name: string, isAsking: boolean): NextStep {
  const { status, pausedBy } = view
  if (isAsking) return { why: 'It waits for you', command: 'troupe approvals' }
  if (hasEnded(view)) return { why: 'To go on from here', command: `troupe continue ${name} "…"` }
  if (isInterrupted(view)) return { why: 'It was interrupted', command: `troupe resume ${name}` }
  const parent = pausedBy.find((by) => by.startsWith('parent/'))?.slice('parent/'.length)
  if (status === 'paused' && parent !== undefined && pausedBy.length === 1)
    return { why: 'It is paused with its parent', command: `troupe resume ${parent}` }
  if (status === 'paused') return { why: 'It is paused', command: `troupe resume ${name}` }
  if (status === 'lost') return { why: 'To see what can be read of it', command: 'troupe doctor' }
  return { why: 'To see what it does', command: `troupe logs ${name} --follow` }
}
