import type { InspectionEvent } from 'xstate'
import { createJudge } from './actors/judge.ts'
import type { Progress } from './actors/live-tasks.ts'
import { createListeners, type Listener, type Listeners } from './actors/listeners.ts'
import { createLiveBodies, type LiveBodies } from './actors/live-bodies.ts'
import {
  type Answer,
  createOpenRequests,
  type OpenRequest,
  type OpenRequests,
} from './actors/open-requests.ts'
import { taskStream } from './actors/task-stream.ts'
import { RuntimeError, UsageError } from './errors.ts'
import type { Host } from './host.ts'
import type { taskMachine } from './machines/task.ts'
import type { Policy } from './protocol/boundary.ts'
import { DEFAULTS } from './protocol/defaults.ts'
import type { TaskEvent } from './protocol/journal.ts'
import type { TaskView } from './protocol/task.ts'
import { type AdmissionParts, admit, type RunRequest } from './runtime/admission.ts'
import { closeDown } from './runtime/close.ts'
import { createHandle, type Task } from './runtime/handle.ts'
import type { Member } from './runtime/member.ts'
import { createMembers, type Members } from './runtime/members.ts'
import { plug } from './runtime/plug.ts'
import { heldResult, outcomeIn, pathOf, resultOf, type TaskResult, tallyOf } from './runtime/result.ts'
import { listTasks, type TaskFilter } from './runtime/views.ts'

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

/** Yes or no to a call, or words in answer to a question. */
export type HumanAnswer = { readonly allow: boolean; readonly note?: string } | { readonly text: string }

/** Any XState inspection callback. What it throws stays with it. */
export type Inspect = (event: InspectionEvent) => void

export interface RuntimeParts extends AdmissionParts {
  readonly policy: Policy
  /** When nobody can be asked: refuse at once, or wait for `approvals.answer`. */
  readonly onAsk: 'refuse' | 'park'
  readonly inspect: Inspect | null
}

/** What the functions of one runtime share. */
interface Assembly {
  readonly host: Host
  readonly parts: RuntimeParts
  readonly members: Members
  readonly machine: typeof taskMachine
  readonly listeners: Listeners
  readonly bodies: LiveBodies
  readonly requests: OpenRequests
  closing: Promise<void> | null
}

/** Plugs a host into the machines. */
export function assemble(host: Host, parts: RuntimeParts): Runtime {
  const { store, clock, chance, human, warn, files } = host
  const listeners = createListeners(warn)
  const bodies = createLiveBodies()
  const requests = createOpenRequests()
  const inspect = parts.inspect && contained(parts.inspect, warn)
  const members = createMembers({ store, clock, listeners, inspect })
  const { live: tasks, post, broke } = members
  const judge = createJudge(tasks, files, parts.policy)
  const progress: Progress = (taskId, callId, text) =>
    listeners.tell({ type: 'progress', taskId, callId, text })
  const { onAsk } = parts
  const ears = { begin: bodies.begin, end: bodies.end, post, broke }
  const machine = plug({ tasks, judge, clock, chance, progress, ears, human, onAsk, requests })
  return publicFace({ host, parts, members, machine, listeners, bodies, requests, closing: null })
}

function publicFace(assembly: Assembly): Runtime {
  const { host, members, listeners, requests, bodies } = assembly
  const runtime: Runtime = {
    run: async (request) => (await runtime.start(request)).result(),
    start: (request) => start(assembly, runtime, request),
    result: (taskId) => members.get(taskId)?.settled ?? storedResult(host, taskId),
    async pause(taskId) {
      await (await living(assembly, taskId)).inbox.post({ type: 'task.pauseAsked', by: 'user' })
    },
    resume: (taskId) => resume(assembly, taskId),
    async cancel(taskId, reason = 'It was cancelled.') {
      const member = members.get(taskId)
      if (member) await member.inbox.post({ type: 'task.cancelAsked', reason })
      else await storedResult(host, taskId)
    },
    tasks: (filter = {}) => listTasks(members, host.store, filter),
    events: ({ progress = false } = {}) =>
      listeners.follow({
        wants: ({ type }) => progress || type !== 'progress',
        bufferMax: DEFAULTS.eventsBuffered,
      }),
    subscribe: (listener) => listeners.add(listener),
    approvals: {
      list: () => requests.list(),
      async answer(id, given) {
        if (requests.answer(id, answerFrom(given))) return
        throw new RuntimeError('call/not-asking', `Nothing called "${id}" waits for an answer.`)
      },
    },
    close({ graceMs = DEFAULTS.closeGraceMs } = {}) {
      assembly.closing ??= closeDown({ host, members, listeners, bodies, graceMs })
      return assembly.closing
    },
    [Symbol.asyncDispose]: () => runtime.close(),
  }
  return runtime
}

async function start<Data>(
  assembly: Assembly,
  runtime: Runtime,
  request: RunRequest<Data>,
): Promise<Task<Data>> {
  const { host, parts, members, machine, listeners } = assembly
  if (assembly.closing) throw new UsageError('The runtime is closed: it starts nothing any more.')
  const { spec, model } = admit(host.chance.id(), request, parts)
  const { id } = spec
  const tools = new Map(
    parts.tools.filter(({ name }) => spec.tools.includes(name)).map((tool) => [tool.name, tool]),
  )
  const output = request.output ?? null
  const member = await members.adopt(machine, spec, { model, tools, output })
  await member.inbox.begin('task.started')

  const cancel = () => void runtime.cancel(id, 'Its signal was aborted.').catch(() => {})
  if (request.signal?.aborted) cancel()
  request.signal?.addEventListener('abort', cancel, { once: true })
  void member.settled.catch(() => {}).then(() => request.signal?.removeEventListener('abort', cancel))

  return createHandle({
    verbs: runtime,
    id,
    output,
    settled: member.settled,
    state: () => pathOf(member.actor.getSnapshot().value),
    events: ({ since = 0, progress: withProgress = false }) =>
      taskStream({
        taskId: id,
        store: host.store,
        listeners,
        since,
        progress: withProgress,
        isClosed: () => assembly.closing !== null,
      }),
  })
}

/** The task, if it lives here; in words, if not. */
async function living({ host, members }: Assembly, taskId: string): Promise<Member> {
  const member = members.get(taskId)
  if (member) return member
  const { status } = await storedResult(host, taskId)
  throw new RuntimeError('task/has-ended', `Task "${taskId}" is over: ${status}.`)
}

async function resume(assembly: Assembly, taskId: string): Promise<void> {
  const { members } = assembly
  await living(assembly, taskId)
  await members.until(taskId, ({ actor }) => !actor.getSnapshot().matches('pausing'))
  const member = members.get(taskId)
  if (member?.actor.getSnapshot().matches('paused')) await members.beginOnce(taskId)
}

async function storedResult({ store }: Host, taskId: string): Promise<TaskResult> {
  const entries = await store.read(taskId)
  if (entries.length === 0) throw new RuntimeError('task/no-such-task', `There is no task "${taskId}".`)
  const outcome = outcomeIn(entries)
  const tally = tallyOf(entries)
  if (outcome) return resultOf(taskId, outcome, tally)
  return heldResult(taskId, tally, {
    code: 'task/stopped',
    message: 'It is not done, and does not run here.',
  })
}

function answerFrom(given: HumanAnswer): Answer {
  if ('text' in given) return { type: 'call.told', text: given.text }
  const { allow, note } = given
  if (!allow) return { type: 'call.refused', note: note ? `The user said no: ${note}` : 'The user said no.' }
  return note ? { type: 'call.approved', note } : { type: 'call.approved' }
}

/** XState hands an exception of an inspector to whoever sent the event. Ours go no further than here. */
function contained(inspect: Inspect, warn: (text: string) => void): Inspect {
  return (event) => {
    try {
      inspect(event)
    } catch (error) {
      warn(`The inspection callback threw: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
