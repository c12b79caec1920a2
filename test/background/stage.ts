/** A real runtime on a real workspace, and what it told whoever watches. Only its models are puppets. */
import { onTestFinished } from 'vitest'
import { RuntimeError } from '../../src/errors.ts'
import type { Hooks, Notice, Store } from '../../src/host.ts'
import { createRuntime, type RuntimeOptions } from '../../src/hosts/node.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import type { AskedCall } from '../../src/protocol/model.ts'
import type { TaskView } from '../../src/protocol/task.ts'
import type { Runtime } from '../../src/runtime.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { HandClock } from '../../src/testing/hand-clock.ts'
import { workspaceWith } from '../support/runtime.ts'
import { type Puppets, puppets } from './puppets.ts'

export interface StageOptions extends Omit<RuntimeOptions, 'clock' | 'store'> {
  readonly store?: Store
  readonly clock?: HandClock
}

export interface Stage {
  readonly runtime: Runtime
  readonly models: Puppets
  readonly store: Store
  readonly warnings: readonly string[]
  readonly notices: readonly Notice[]
  /** Every call of a hook, as `SubagentStop A completed`. */
  readonly hooks: readonly string[]
  /** Starts tasks in the background, each with its message. */
  background(...messages: readonly string[]): Promise<readonly Task[]>
  /** The facts in the journal of a task, of one type if it is given. */
  facts(taskId: string, type?: string): Promise<readonly Entry['fact'][]>
  /** The task that was given a message, once there is one. */
  find(message: string): Promise<TaskView>
}

/** Opens a runtime that is closed, by its clock if that is a hand's, when the test is over. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const models = puppets()
  const warnings: string[] = []
  const notices: Notice[] = []
  const hooks: string[] = []
  const store = options.store ?? memoryStore()
  const runtime = await createRuntime({
    settings: false,
    onAsk: 'park',
    model: models.model,
    warn: (text) => void warnings.push(text),
    ...options,
    store,
    workspace: options.workspace ?? (await workspaceWith()),
    hooks: listening(options.hooks ?? {}, hooks),
    human: { notify: (notice) => void notices.push(notice), ...options.human },
  })
  onTestFinished(() => closeBy(runtime, options.clock))
  return {
    runtime,
    models,
    store,
    warnings,
    notices,
    hooks,
    background: (...messages) =>
      Promise.all(messages.map((message) => runtime.start({ message, background: true }))),
    async facts(taskId, type) {
      const entries = await store.read(taskId)
      return entries.map(({ fact }) => fact).filter((fact) => type === undefined || fact.type === type)
    },
    async find(message) {
      for (;;) {
        const found = (await runtime.tasks()).find(({ title }) => title === message)
        if (found) return found
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

/** Nobody else moves a hand's clock on while the runtime waits for its end. */
export async function closeBy(runtime: Runtime, clock?: HandClock): Promise<void> {
  let isClosed = false
  const closed = runtime.close({ graceMs: 0 }).finally(() => (isClosed = true))
  while (clock && !isClosed) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
}

function listening(given: Partial<Hooks>, heard: string[]): Partial<Hooks> {
  return {
    SubagentStart(about) {
      heard.push(`SubagentStart ${about.title}`)
      return given.SubagentStart?.(about)
    },
    SubagentStop(about) {
      heard.push(`SubagentStop ${about.title} ${about.reason}`)
      return given.SubagentStop?.(about)
    },
    TaskQueued(about) {
      heard.push(`TaskQueued ${about.title} ${about.ahead}`)
      return given.TaskQueued?.(about)
    },
    TaskPaused(about) {
      heard.push(`TaskPaused ${about.title} ${about.by.join('+')}`)
      return given.TaskPaused?.(about)
    },
    TaskResumed(about) {
      heard.push(`TaskResumed ${about.title}`)
      return given.TaskResumed?.(about)
    },
  }
}

/** A call by which a model has another agent work for it. */
export function newTask(message: string, input: Readonly<Record<string, unknown>> = {}): AskedCall {
  return { tool: 'new_task', input: { agent: 'lead', message, ...input } }
}

/** A store that refuses a fact, as often as it is told to. */
export function refusing(isRefused: (entry: Entry) => boolean, store: Store = memoryStore()): Store {
  const unless = (entry: Entry, write: () => Promise<void>) =>
    isRefused(entry) ? Promise.reject(new RuntimeError('store/conflict', 'The disk is full.')) : write()
  return {
    ...store,
    create: (entry) => unless(entry, () => store.create(entry)),
    append: (entry, previousRunId) => unless(entry, () => store.append(entry, previousRunId)),
  }
}

/** Resolves when all that was begun has come to rest: a few turns of the event loop change nothing more. */
export async function settled(runtime: Runtime): Promise<void> {
  let before = ''
  for (let still = 0; still < 5; ) {
    await new Promise((resolve) => setImmediate(resolve))
    const views = (await runtime.tasks()).map(({ id, state }) => `${id} ${state}`)
    const now = JSON.stringify([views, runtime.slots()])
    still = now === before ? still + 1 : 0
    before = now
  }
}
