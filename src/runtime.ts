import { type Awake, createAwake } from './actors/awake.ts'
import { contained, quietly } from './actors/contained.ts'
import { createJudge } from './actors/effects/judge.ts'
import type { Progress } from './actors/effects/live-tasks.ts'
import { createHookCaller } from './actors/hooks.ts'
import { createListeners, type Listener, type Listeners } from './actors/listeners.ts'
import { createLiveBodies, type LiveBodies } from './actors/live-bodies.ts'
import { createNotices } from './actors/notices.ts'
import { journalStream } from './actors/streams/journal-stream.ts'
import { createOpenRequests, type OpenRequest, type OpenRequests } from './actors/open-requests.ts'
import { inWords } from './errors.ts'
import type { Host } from './host.ts'
import { DEFAULTS } from './protocol/defaults.ts'
import type { Entry, TaskEvent } from './protocol/journal.ts'
import type { TaskView } from './protocol/task.ts'
import type { RunRequest } from './runtime/starting/admission.ts'
import type { Assembly, Inspect, RuntimeParts } from './runtime/assembly.ts'
import { closeDown } from './runtime/close.ts'
import type { Task } from './runtime/starting/handle.ts'
import { allRequests } from './runtime/wishes/all-requests.ts'
import { type Continuation, continueTask } from './runtime/starting/continuing.ts'
import { createCrew } from './runtime/crew.ts'
import { createMembers, type Members } from './runtime/members/members.ts'
import { resultAnywhere } from './runtime/wishes/outcome.ts'
import { plug } from './runtime/plug.ts'
import { order, resumeAll, resumeCutOff, serve } from './runtime/wishes/reach.ts'
import type { TaskResult } from './runtime/result.ts'
import { createSignals } from './runtime/starting/signals.ts'
import { familyElsewhere, lookAfterChildren } from './runtime/taking/elsewhere.ts'
import { start, startAll, streamOf } from './runtime/starting/start.ts'
import { createSupervisor, type Load, type Supervisor } from './runtime/supervisor.ts'
import { onAll, pause } from './runtime/wishes/verbs.ts'
import {
  answerOrder,
  type Hold,
  type HumanAnswer,
  messageOrder,
  pauseOrder,
  type Release,
  resumeOrder,
} from './runtime/wishes/wishes.ts'
import { tidyNowAndThen } from './runtime/tidying.ts'
import { createTaking } from './runtime/taking/one-at-a-time.ts'
import { listTasks, type TaskFilter } from './runtime/views.ts'
import { delegationTools } from './tools/delegation/delegation-tools.ts'

export type { Inspect }

export interface Runtime extends AsyncDisposable {
  /** Runs a task to its end. Rejects only with a `UsageError` or a `Bug`: how it ended is in `status`. */
  run<Data = unknown>(request: RunRequest<Data>): Promise<TaskResult<Data>>
  /** Resolves when the task is durably admitted. */
  start<Data = unknown>(request: RunRequest<Data>): Promise<Task<Data>>
  /** What becomes of a task; one in another process is waited for too. */
  result(taskId: string): Promise<TaskResult>
  /** Goes on after an end: a new task, which knows what was said in the old one. */
  continue(taskId: string, continuation: Continuation): Promise<Task>
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
  /**
   * Lets go of every task, also of those that no process has; what others hold still stays so. Those of other
   * processes are theirs.
   */
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
  /** Everything that ever happened to a task. */
  journal(taskId: string, after?: number): Promise<readonly Entry[]>
  /**
   * Everything that happens from now on, in all tasks that live here. A reader that falls far behind is told
   * how much it lost. With `since` or `task`, read from the journals instead, at the reader's own pace, those
   * of other processes too: what was there, one `caught_up`, then what happens.
   */
  events(options?: Follow): AsyncIterableIterator<TaskEvent>
  /** Calls back at once with everything that happens. A throw of the listener stays with the listener. */
  subscribe(listener: Listener): () => void
  readonly approvals: Approvals
  /** Goes on with all that a crash, a shutdown or a full queue has cut off, and that nobody holds still. */
  recover(): Promise<void>
  /** Brings everything to rest and lets go of it: no timer, process or handle is left. */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

export interface Follow {
  /**
   * Also the signs of life between the facts. They are not kept, so that only those of tasks here are told.
   */
  readonly progress?: boolean | undefined
  /** Of one task only. */
  readonly task?: string | undefined
  /**
   * The last that is known: a `seq` of the task, or the `cursor` of an event of all tasks; 0 is before all.
   */
  readonly since?: number | undefined
}

export interface Approvals {
  /** What waits for a person now, in tasks that live here. */
  list(): readonly OpenRequest[]
  /** The same in all tasks of the store, also in those that no process has. */
  all(): Promise<readonly OpenRequest[]>
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
    elsewhere: familyElsewhere(() => assembly),
    whenGone: bodies.whenGone,
    supervisor: () => supervisor,
  })
  const supervisor: Supervisor = createSupervisor({
    limits: parts.concurrency,
    workplace: store.workplace,
    inspect: parts.inspect && quiet(parts.inspect, warn),
    given: members.given,
    broke: members.broke,
    changed: (load) => listeners.tell({ type: 'slots', ...load }),
    warn,
  })
  const crew = createCrew(() => assembly)
  const tools = [...parts.tools, ...delegationTools(crew, [...parts.agents.values()])]
  const assembly: Assembly = {
    host: { ...host, warn },
    parts: { ...parts, tools, asksToStop: hooks.hasStop },
    members,
    supervisor,
    hooks,
    machine: pluggedMachine(host, parts, { members, listeners, warn, awake, bodies, requests }),
    listeners,
    bodies,
    requests,
    signals: createSignals(),
    tidying: tidyNowAndThen(host, listeners, parts.toForget),
    taking: createTaking(),
    closing: null,
  }
  takePart(assembly)
  return publicFace(assembly)
}

/** Works beside the other processes of the workspace. */
function takePart(assembly: Assembly): void {
  const { host, parts, members, supervisor, listeners } = assembly
  const look = lookAfterChildren(assembly)
  host.store.workplace?.enter({
    cap: parts.concurrency.background,
    serve: (wish) => serve(assembly, wish),
    changed() {
      listeners.stir()
      supervisor.refresh().catch(() => {})
      look().catch(() => {})
    },
    lost(error) {
      host.processes.killAll()
      for (const { spec } of members.all()) members.lose(spec.id, error)
      host.warn(`Nothing goes on here: ${inWords(error)}`)
    },
  })
}

interface Shared {
  readonly members: Members
  readonly listeners: Listeners
  readonly warn: (text: string) => void
  readonly awake: Awake
  readonly bodies: LiveBodies
  readonly requests: OpenRequests
}

function pluggedMachine({ clock, chance, human, files, store }: Host, parts: RuntimeParts, shared: Shared) {
  const { members, listeners, warn, awake, bodies, requests } = shared
  const { live: tasks, post, broke, askStop } = members
  // It may only be that nothing can be written now. What was to be done is not: whoever resumes it does it.
  const notOurs = (taskId: string) => (error: unknown) => {
    members.lose(taskId, error)
    return false
  }
  const judge = createJudge(tasks, files, parts)
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
    keepBegin: members.keepBegin,
    mayAct: (taskId) => store.workplace?.mayAct()?.then(yes, notOurs(taskId)) ?? true,
  })
}

const yes = () => true

function publicFace(assembly: Assembly): Runtime {
  const { host, members, supervisor, listeners, requests } = assembly
  const runtime: Runtime = {
    run: async (request) => (await runtime.start(request)).result(),
    start: (request) => start(assembly, runtime, request),
    startAll: (requests) => startAll(assembly, runtime, requests),
    result: (taskId) => resultAnywhere(assembly, taskId),
    continue: (taskId, continuation) => continueTask(assembly, runtime, { taskId, continuation }),
    pause: async (taskId, hold = {}) => order(assembly, pauseOrder(taskId, hold)),
    resume: async (taskId, release = {}) => order(assembly, resumeOrder(taskId, release)),
    pauseAll: async (hold = {}) => {
      const { by } = pauseOrder('', hold)
      await onAll(assembly, (taskId) => pause(assembly, taskId, { by, subtree: false }))
    },
    recover: () => resumeCutOff(assembly),
    resumeAll: async (release = {}) => resumeAll(assembly, resumeOrder('', release)),
    message: async (taskId, text) => order(assembly, messageOrder(taskId, text)),
    toBackground: (taskId) => order(assembly, { taskId, verb: 'toBackground' }),
    cancel: (taskId, reason = 'It was cancelled.') => order(assembly, { taskId, verb: 'cancel', reason }),
    tasks: (filter = {}) => listTasks({ members, store: host.store, aheadOf: supervisor.ahead }, filter),
    slots: () => supervisor.load(),
    journal: (taskId, after) => host.store.read(taskId, after),
    events: (options = {}) => eventsOf(assembly, options),
    subscribe: (listener) => listeners.add(listener),
    approvals: {
      list: () => requests.list(),
      all: () => allRequests(assembly),
      answer: async (id, given) => order(assembly, answerOrder(id, given)),
    },
    close({ graceMs = DEFAULTS.closeGraceMs } = {}) {
      assembly.closing ??= closeDown(assembly, graceMs)
      return assembly.closing
    },
    [Symbol.asyncDispose]: () => runtime.close(),
  }
  return runtime
}

function eventsOf(assembly: Assembly, { task, since, progress = false }: Follow) {
  const { host, listeners } = assembly
  if (task !== undefined) return streamOf(assembly, task, { since: since ?? 0, progress })
  if (since !== undefined) return journalStream({ store: host.store, listeners, since })
  return listeners.follow({
    wants: ({ type }) => progress || type !== 'progress',
    bufferMax: DEFAULTS.eventsBuffered,
  })
}

/** XState hands an exception of an inspector to whoever sent the event. Ours go no further than here. */
function quiet(inspect: Inspect, warn: (text: string) => void): Inspect {
  return (event) =>
    contained(
      () => inspect(event),
      (error) => warn(`The inspection callback threw: ${inWords(error)}`),
    )
}
