import { type Awake, createAwake } from './actors/awake.ts'
import { contained, quietly } from './actors/contained.ts'
import { createJudge } from './actors/effects/judge.ts'
import type { Progress } from './actors/effects/live-tasks.ts'
import { createHookCaller } from './actors/hooks.ts'
import { createListeners, type Listener, type Listeners } from './actors/listeners.ts'
import { createLiveBodies, type LiveBodies } from './actors/live-bodies.ts'
import { createNotices } from './actors/notices.ts'
import { createOpenRequests, type OpenRequest, type OpenRequests } from './actors/open-requests.ts'
import { inWords } from './errors.ts'
import type { Host } from './host.ts'
import { DEFAULTS } from './protocol/defaults.ts'
import type { TaskEvent } from './protocol/journal.ts'
import type { TaskView } from './protocol/task.ts'
import type { RunRequest } from './runtime/admission.ts'
import type { Assembly, Inspect, RuntimeParts } from './runtime/assembly.ts'
import { closeDown } from './runtime/close.ts'
import type { Task } from './runtime/handle.ts'
import { createCrew } from './runtime/crew.ts'
import { createMembers, type Members } from './runtime/members/members.ts'
import { plug } from './runtime/plug.ts'
import type { TaskResult } from './runtime/result.ts'
import { createSignals } from './runtime/signals.ts'
import { start, startAll } from './runtime/start.ts'
import { createSupervisor, type Load, type Supervisor } from './runtime/supervisor.ts'
import {
  answer,
  cancel,
  type Hold,
  type HumanAnswer,
  message,
  onAll,
  pause,
  type Release,
  resultHere,
  resume,
  turn,
} from './runtime/verbs.ts'
import { listTasks, type TaskFilter } from './runtime/views.ts'
import { delegationTools } from './tools/delegation/delegation-tools.ts'

export type { Inspect }

export interface Runtime extends AsyncDisposable {
  /** Runs a task to its end. Rejects only with a `UsageError` or a `Bug`: how it ended is in `status`. */
  run<Data = unknown>(request: RunRequest<Data>): Promise<TaskResult<Data>>
  /** Resolves when the task is durably admitted. */
  start<Data = unknown>(request: RunRequest<Data>): Promise<Task<Data>>
  result(taskId: string): Promise<TaskResult>
  /** Starts all of them or none: what is refused leaves nothing behind. */
  startAll(requests: readonly RunRequest[]): Promise<readonly Task[]>
  /**
   * Holds a task still, and all that work for it: what is under way ends and is kept. Resolves when the wish
   * is durable.
   */
  pause(taskId: string, hold?: Hold): Promise<void>
  /**
   * Lets a paused task go on with what is left to do, as soon as nobody else holds it and there is a slot for
   * it. Rejects when it stays paused, with why. One that is still pausing is waited for.
   */
  resume(taskId: string, release?: Release): Promise<void>
  /** Holds every task that lives here. */
  pauseAll(hold?: Pick<Hold, 'by'>): Promise<void>
  /** Lets go of every task; what others hold still stays so. */
  resumeAll(release?: Pick<Hold, 'by'>): Promise<void>
  /** Says something to a task, to be read before its next turn. A queued or paused task stays so. */
  message(taskId: string, text: string): Promise<void>
  /** Moves a task to the background, once there is a slot for it. */
  toBackground(taskId: string): Promise<void>
  /** Ends a task and all that work for it. Cancelling what has ended changes nothing. */
  cancel(taskId: string, reason?: string): Promise<void>
  /** How much goes on in the background now. */
  slots(): Load
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
  const { store, clock, human } = host
  const warn = quietly(host.warn)
  const listeners = createListeners(warn)
  const bodies = createLiveBodies()
  const requests = createOpenRequests()
  const awake = createAwake(clock)
  const hooks = createHookCaller({ hooks: host.hooks, clock, warn, limitMs: DEFAULTS.hookTimeoutMs })
  const notices = createNotices({ notify: human.notify?.bind(human), warn })
  // The supervisor, the tasks and the tools by which they spawn others know each other.
  const members: Members = createMembers({
    store,
    clock,
    awake,
    listeners,
    hooks,
    notices,
    supervisor: () => supervisor,
  })
  const supervisor: Supervisor = createSupervisor({
    limits: parts.concurrency,
    inspect: parts.inspect && quiet(parts.inspect, warn),
    given: members.given,
    broke: members.broke,
    changed: (load) => listeners.tell({ type: 'slots', ...load }),
    warn,
  })
  const tools = [
    ...parts.tools,
    ...delegationTools(
      createCrew(() => assembly),
      [...parts.agents.values()],
    ),
  ]
  const shared = { members, listeners, warn, awake, bodies, requests }
  const assembly: Assembly = {
    host: { ...host, warn },
    parts: { ...parts, tools, asksToStop: hooks.hasStop },
    members,
    supervisor,
    hooks,
    machine: pluggedMachine(host, parts, shared),
    listeners,
    bodies,
    requests,
    signals: createSignals(),
    closing: null,
  }
  return publicFace(assembly)
}

interface Shared {
  readonly members: Members
  readonly listeners: Listeners
  readonly warn: (text: string) => void
  readonly awake: Awake
  readonly bodies: LiveBodies
  readonly requests: OpenRequests
}

function pluggedMachine({ clock, chance, human, files }: Host, parts: RuntimeParts, shared: Shared) {
  const { members, listeners, warn, awake, bodies, requests } = shared
  const { live: tasks, post, broke, askStop } = members
  const judge = createJudge(tasks, files, parts.policy)
  const progress: Progress = (taskId, callId, text) => {
    // A body may go on after its task has ended; then there is nothing left to show.
    if (members.get(taskId)) listeners.tell({ type: 'progress', taskId, callId, text })
  }
  const { onAsk } = parts
  const ears = { begin: bodies.begin, end: bodies.end, post, broke }
  return plug({
    tasks,
    judge,
    clock,
    chance,
    awake,
    progress,
    warn,
    ears,
    human,
    onAsk,
    requests,
    askStop,
  })
}

function publicFace(assembly: Assembly): Runtime {
  const { host, members, supervisor, listeners, requests } = assembly
  const runtime: Runtime = {
    run: async (request) => (await runtime.start(request)).result(),
    start: (request) => start(assembly, runtime, request),
    startAll: (requests) => startAll(assembly, runtime, requests),
    result: (taskId) => resultHere(assembly, taskId),
    pause: (taskId, hold = {}) => pause(assembly, taskId, hold),
    resume: (taskId, release = {}) => resume(assembly, taskId, release),
    pauseAll: (hold = {}) =>
      onAll(assembly, (taskId) => pause(assembly, taskId, { ...hold, subtree: false })),
    resumeAll: (hold = {}) => onAll(assembly, (taskId) => resume(assembly, taskId, hold)),
    message: (taskId, text) => message(assembly, taskId, text),
    toBackground: (taskId) => turn(assembly, taskId),
    cancel: (taskId, reason = 'It was cancelled.') => cancel(assembly, taskId, reason),
    tasks: (filter = {}) => listTasks({ members, store: host.store, aheadOf: supervisor.ahead }, filter),
    slots: () => supervisor.load(),
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
      assembly.closing ??= closeDown(assembly, graceMs)
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
