import { UsageError } from '../../errors.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import type { Schema } from '../../tools/tool.ts'
import type { TaskStatus } from '../../protocol/task.ts'
import { statusOf, type TaskResult } from '../result.ts'
import type { Hold, Release } from '../wishes/wishes.ts'

export interface FollowTask {
  /**
   * The last `seq` already known; absent, from the beginning. Given, one `caught_up` stands before what is
   * new.
   */
  readonly since?: number | undefined
  /** Also the signs of life between the facts, which are not kept. */
  readonly progress?: boolean | undefined
}

/** One task, in the hands of who started it. */
export interface Task<Data = unknown> {
  readonly id: string
  readonly status: TaskStatus
  /** The whole path: `running.asking`. */
  readonly state: string
  result(): Promise<TaskResult<Data>>
  pause(hold?: Hold): Promise<void>
  resume(release?: Release): Promise<void>
  /** Says something to it, to be read before its next turn. */
  message(text: string): Promise<void>
  cancel(reason?: string): Promise<void>
  /** Its events in order, none left out, to its end. */
  events(options?: FollowTask): AsyncIterableIterator<TaskEvent>
}

/** What can be done to a task by its id. */
export interface Verbs {
  readonly pause: (taskId: string, hold?: Hold) => Promise<void>
  readonly resume: (taskId: string, release?: Release) => Promise<void>
  readonly message: (taskId: string, text: string) => Promise<void>
  readonly cancel: (taskId: string, reason?: string) => Promise<void>
}

export interface HandlePlan<Data> {
  readonly verbs: Verbs
  readonly id: string
  readonly state: () => string
  readonly settled: Promise<TaskResult>
  readonly output: Schema<Data> | null
  readonly events: (options: FollowTask) => AsyncIterableIterator<TaskEvent>
}

export function createHandle<Data>({
  verbs,
  id,
  state,
  settled,
  output,
  events,
}: HandlePlan<Data>): Task<Data> {
  return {
    id,
    get status() {
      return statusOf(state())
    },
    get state() {
      return state()
    },
    result: async () => withData(await settled, output),
    pause: (hold) => verbs.pause(id, hold),
    resume: (release) => verbs.resume(id, release),
    message: (text) => verbs.message(id, text),
    cancel: (reason) => verbs.cancel(id, reason),
    events: (options = {}) => events(options),
  }
}

/** The answer's data as its schema reads it: checked once before the task could end, and read again here. */
async function withData<Data>(result: TaskResult, output: Schema<Data> | null): Promise<TaskResult<Data>> {
  if (result.status !== 'completed') return result
  if (!output) return { ...result, data: result.data as Data }
  const read = await output['~standard'].validate(result.data)
  if (!read.issues) return { ...result, data: read.value }
  throw new UsageError(`The schema of task "${result.taskId}" took its data first and refuses them now.`)
}
