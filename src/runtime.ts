import { createJudge } from './actors/effects/judge.ts'
import type { Progress } from './actors/effects/live-tasks.ts'
import { contained, quietly } from './actors/contained.ts'
import { createListeners, type Listener } from './actors/listeners.ts'
import { createLiveBodies } from './actors/live-bodies.ts'
import { createOpenRequests, type OpenRequest } from './actors/open-requests.ts'
import { inWords } from './errors.ts'
import type { Host } from './host.ts'
import { DEFAULTS } from './protocol/defaults.ts'
import type { TaskEvent } from './protocol/journal.ts'
import type { TaskView } from './protocol/task.ts'
import type { RunRequest } from './runtime/admission.ts'
import type { Assembly, Inspect, RuntimeParts } from './runtime/assembly.ts'
import { closeDown } from './runtime/close.ts'
import type { Task } from './runtime/handle.ts'
import { createMembers } from './runtime/members.ts'
import { plug } from './runtime/plug.ts'
import type { TaskResult } from './runtime/result.ts'
import { createSignals } from './runtime/signals.ts'
import { start } from './runtime/start.ts'
import { answer, cancel, type HumanAnswer, living, resultHere, resume } from './runtime/verbs.ts'
import { listTasks, type TaskFilter } from './runtime/views.ts'

export type { Inspect }

export interface Runtime extends AsyncDisposable {
  /** Runs a task to its end. Rejects only with a `UsageError` or a `Bug`: how it ended is in `status`. */
  run<Data = unknown>(request: RunRequest<Data>): Promise<TaskResult<Data>>
  /** Resolves when the task is durably admitted. */
  start<Data = unknown>(request: RunRequest<Data>): Promise<Task<Data>>
  result(taskId: string): Promise<TaskResult>
  /** Holds a task still: what is under way ends and is kept. Resolves when the wish is durable. */
  pause(taskId: string): Promise<void>
  /** Lets a paused task go on with what is left to do; one that is still pausing, as soon as it has. */
  resume(taskId: string): Promise<void>
  /** Ends a task. Cancelling what has ended changes nothing. */
  cancel(taskId: string, reason?: string): Promise<void>
  tasks(filter?: TaskFilter): Promise<readonly TaskView[]>
  /**
   * Everything that happens from now on, in all tasks. A reader that falls far behind is told how much it
   * lost.
   */
  events(options?: { readonly progress?: boolean }): AsyncIterableIterator<TaskEvent>
  /** Calls back at once with everything that happens. A throw of the listener stays with the listener. */
  subscribe(listener: Listener): () => void
  readonly approvals: Approvals
  /** Brings everything to rest and lets go of it: no timer, process or handle is left. */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

export interface Approvals {
  /** What waits for a person now. */
  list(): readonly OpenRequest[]
  /** Rejects with `call/not-asking` when nothing of that id waits: the first answer counts. */
  answer(id: string, answer: HumanAnswer): Promise<void>
}

/** Plugs a host into the machines. */
export function assemble(host: Host, parts: RuntimeParts): Runtime {
  const { store, clock, chance, human, files } = host
  const warn = quietly(host.warn)
  const listeners = createListeners(warn)
  const bodies = createLiveBodies()
  const requests = createOpenRequests()
  const inspect = parts.inspect && quiet(parts.inspect, warn)
  const members = createMembers({ store, clock, listeners, inspect })
  const { live: tasks, post, broke } = members
  const judge = createJudge(tasks, files, parts.policy)
  const progress: Progress = (taskId, callId, text) => {
    // A body may go on after its task has ended; then there is nothing left to show.
    if (members.get(taskId)) listeners.tell({ type: 'progress', taskId, callId, text })
  }
  const { onAsk } = parts
  const ears = { begin: bodies.begin, end: bodies.end, post, broke }
  const machine = plug({ tasks, judge, clock, chance, progress, warn, ears, human, onAsk, requests })
  return publicFace({
    host: { ...host, warn },
    parts,
    members,
    machine,
    listeners,
    bodies,
    requests,
    signals: createSignals(),
    closing: null,
  })
}

function publicFace(assembly: Assembly): Runtime {
  const { host, members, listeners, requests, bodies } = assembly
  const runtime: Runtime = {
    run: async (request) => (await runtime.start(request)).result(),
    start: (request) => start(assembly, runtime, request),
    result: (taskId) => resultHere(assembly, taskId),
    async pause(taskId) {
      await (await living(assembly, taskId)).inbox.post({ type: 'task.pauseAsked', by: 'user' })
    },
    resume: (taskId) => resume(assembly, taskId),
    cancel: (taskId, reason = 'It was cancelled.') => cancel(assembly, taskId, reason),
    tasks: (filter = {}) => listTasks(members, host.store, filter),
    events: ({ progress = false } = {}) =>
      listeners.follow({
        wants: ({ type }) => progress || type !== 'progress',
        bufferMax: DEFAULTS.eventsBuffered,
      }),
    subscribe: (listener) => listeners.add(listener),
    approvals: {
      list: () => requests.list(),
      answer: (id, given) => answer(assembly, id, given),
    },
    close({ graceMs = DEFAULTS.closeGraceMs } = {}) {
      assembly.closing ??= closeDown({ host, members, listeners, bodies, graceMs })
      return assembly.closing
    },
    [Symbol.asyncDispose]: () => runtime.close(),
  }
  return runtime
}

/** XState hands an exception of an inspector to whoever sent the event. Ours go no further than here. */
function quiet(inspect: Inspect, warn: (text: string) => void): Inspect {
  return (event) =>
    contained(
      () => inspect(event),
      (error) => warn(`The inspection callback threw: ${inWords(error)}`),
    )
}
