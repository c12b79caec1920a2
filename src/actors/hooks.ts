import { inWords } from '../errors.ts'
import type { Clock, Hooks, RunAbout, RunStop, TaskAbout } from '../host.ts'
import { shortened } from './shortened.ts'
import { within } from './within.ts'

/** The part of a hook's reason for more work that the task's model is told. */
const SEND_BACK_CHARACTERS_MAX = 8_000
/** The part of an error's message that a warning quotes. */
const ERROR_CHARACTERS_MAX = 500

/** What calling hooks takes. */
export interface HookParts {
  readonly hooks: Partial<Hooks>
  readonly clock: Clock
  readonly warn: (text: string) => void
  /** How long one call of a hook may take. */
  readonly limitMs: number
}

/** Calls what a host has hooked in. Contract: nothing here throws, rejects, or waits beyond the limit. */
export interface HookCaller {
  /** Somebody wants to be asked before a task completes. */
  readonly hasStop: boolean
  /** Somebody is told before a run begins. */
  readonly hasStart: boolean
  /** Resolves when the hook is done with, or at once when there is none. */
  start(about: RunAbout): Promise<void>
  /** Why the task is to go on working, or `null`. */
  stop(about: RunStop): Promise<string | null>
  /** Contract: the hook is called before this returns, so hooks are called in the order of what happens. */
  tell<Name extends ToldHook>(name: Name, about: About<Name>): void
  /** Waits for no hook any more: whatever one still has to say comes too late. */
  leave(): void
}

/** The hooks that are not waited for. */
export type ToldHook = 'TaskQueued' | 'TaskPaused' | 'TaskResumed'
type About<Name extends keyof Hooks> = Parameters<Hooks[Name]>[0]
type Hook = (about: unknown) => unknown

/** Field by field, so that no hook sees more than its type says, or changes what the next one sees. */
const COPIES: { readonly [Name in keyof Hooks]: (about: About<Name>) => About<Name> } = {
  SubagentStart: (about) => ({ ...copyOfTask(about), runId: about.runId }),
  SubagentStop: (about) => {
    const { runId, reason, result, timesSentBack } = about
    return { ...copyOfTask(about), runId, reason, result, timesSentBack }
  },
  TaskQueued: (about) => ({ ...copyOfTask(about), ahead: about.ahead }),
  TaskPaused: (about) => ({ ...copyOfTask(about), by: Object.freeze([...about.by]) }),
  TaskResumed: copyOfTask,
}

/** The one way to a host's hooks: whatever they do, the work goes on. Hooks are read once, here. */
export function createHookCaller({ hooks, clock, warn, limitMs }: HookParts): HookCaller {
  const found = hooksIn(hooks, warn)
  let leave = () => {}
  const left = new Promise<void>((resolve) => (leave = resolve))

  /** What `read` makes of the hook's answer; `otherwise` when there is none that can be used. */
  function call<Name extends keyof Hooks, Said>(
    name: Name,
    about: About<Name>,
    { read, otherwise }: { readonly read: (said: unknown) => Said; readonly otherwise: Said },
  ): Promise<Said> {
    const hook = found.get(name)
    if (!hook) return Promise.resolve(otherwise)
    const copy = Object.freeze(COPIES[name](about))
    const fail = (why: string) => {
      const what = shortened(why, ERROR_CHARACTERS_MAX)
      warn(`The hook ${name} failed for task ${about.taskId}, and the work goes on: ${what}`)
      return otherwise
    }
    // Thrown in here, an error of the hook's first moment is a rejection like any later one.
    const said = new Promise((resolve) => resolve(Reflect.apply(hook, hooks, [copy])))
    const late = () => fail(`it was not done within ${limitMs} ms`)
    const answer = Promise.race([said.then(read), left.then(() => otherwise)])
    return within(clock, limitMs, answer, late).catch((error: unknown) => fail(inWords(error)))
  }

  const nothing = { read: () => {}, otherwise: undefined }
  return {
    hasStop: found.has('SubagentStop'),
    hasStart: found.has('SubagentStart'),
    start: (about) => call('SubagentStart', about, nothing),
    stop: (about) => call('SubagentStop', about, { read: sendBackIn, otherwise: null }),
    tell: (name, about) => void call(name, about, nothing),
    leave,
  }
}

function copyOfTask({ taskId, parent, agent, title, depth, background }: TaskAbout): TaskAbout {
  return { taskId, parent, agent, title, depth, background }
}

function hooksIn(hooks: Partial<Hooks>, warn: (text: string) => void): ReadonlyMap<keyof Hooks, Hook> {
  const found = new Map<keyof Hooks, Hook>()
  for (const name of Object.keys(COPIES) as (keyof Hooks)[]) {
    try {
      const hook: unknown = hooks[name]
      if (typeof hook === 'function') found.set(name, hook as Hook)
      else if (hook !== undefined) warn(`The hook ${name} is no function, so it is never called.`)
    } catch (error) {
      const why = shortened(inWords(error), ERROR_CHARACTERS_MAX)
      warn(`The hook ${name} could not be read, so it is never called: ${why}`)
    }
  }
  return found
}

/** Only `{ sendBack: 'why' }` sends a task back. Throws, in words, on a `sendBack` that is no text. */
function sendBackIn(said: unknown): string | null {
  if (typeof said !== 'object' || said === null || !('sendBack' in said)) return null
  const { sendBack } = said
  if (sendBack === undefined || sendBack === null) return null
  if (typeof sendBack !== 'string') throw new TypeError('the sendBack that it returned is no text')
  const reason = sendBack.trim()
  return reason === '' ? null : shortened(reason, SEND_BACK_CHARACTERS_MAX)
}
