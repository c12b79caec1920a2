import { Bug, inWords, UsageError } from '../../errors.ts'
import type { Chance, Clock } from '../../host.ts'
import type { ProcessMark } from '../../protocol/journal.ts'
import type { Call, Result } from '../../protocol/model.ts'
import { COMPLETION_TOOL, DELEGATION_TOOLS } from '../../protocol/names.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import {
  failed,
  issuesInWords,
  type PreparedCall,
  type Schema,
  type ToolContext,
  type Waiting,
} from '../../tools/tool.ts'
import type { Awake } from '../awake.ts'
import type { Effect, MayAct } from '../body.ts'
import { boundedResult } from './bounded-result.ts'
import { type Judge, refusalOf } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall, type Progress } from './live-tasks.ts'
import { openTimeBox } from './time-box.ts'

/** What one call may keep for those that come after it, in keys. A patch may touch that many files. */
const KEPT_KEYS_MAX = 1_000
/** What all calls of a task may keep, in keys. */
const KEPT_KEYS_OF_TASK_MAX = 20_000
const KEPT_KEY_CHARACTERS_MAX = 5_000
const KEPT_TEXT_CHARACTERS_MAX = 2_000
/** Of all keys and texts of a call: they become one entry of the journal. */
const KEPT_CHARACTERS_MAX = 512 * 1024

/**
 * Says that a process of a call is about to run. Resolves when that is durable; rejects when the task is not
 * ours any more.
 */
export type KeepBegin = (taskId: string, callId: string, mark: ProcessMark) => Promise<void>

export interface RunCallParts {
  readonly tasks: LiveTasks
  readonly judge: Judge
  readonly clock: Clock
  readonly chance: Chance
  readonly awake: Awake
  readonly progress: Progress
  readonly keepBegin: KeepBegin
  readonly mayAct: MayAct
  readonly warn: (text: string) => void
}

/**
 * Runs one call: judged once more right before, held to its time, its result cut to what a model can read.
 */
export function runCall(parts: RunCallParts): Effect<CallOrder> {
  return async (order, signal) => {
    const { taskId, call } = order
    const { id: callId } = call
    const prepared = await prepareCall(parts, taskId, call)
    if (prepared.kind !== 'prepared') return { type: 'call.ended', callId, result: boundedResult(prepared) }

    const { verdict, judgedAt } = await parts.judge.verdict(taskId, call, prepared.access)
    const refusal = refusalOf(verdict, { order, prepared, chance: parts.chance })
    if (refusal) return { type: 'call.ended', callId, result: failed('call/denied', refusal) }
    // Looking at it took a while, in which another process may have taken the task over (L4).
    const isOurs = parts.mayAct(taskId)
    if (isOurs !== true && !(await isOurs)) return null
    const keeping = keepingOf(parts.tasks, order)
    const answer = await run(prepared, { parts, taskId, call, signal, keeping, judgedAt })
    // Only tasks of one's own are waited for, and only these tools know which they are.
    if (answer.kind === 'waits' && DELEGATION_TOOLS.includes(call.tool))
      return { type: 'call.waits', callId, wait: answer.wait }
    if (answer.kind === 'waits') throw new Bug(`"${call.tool}" waits for tasks, which it can't.`)
    const ran = boundedResult(answer)
    const result = ran.kind === 'ok' ? await withData(ran, parts.tasks.output(taskId), call) : ran
    const todos = result.kind === 'ok' ? prepared.todos : null
    const kept = keeping.all()
    return { type: 'call.ended', callId, result, ...(todos && { todos }), ...(kept && { kept }) }
  }
}

interface Keeping extends Pick<ToolContext, 'kept' | 'keep'> {
  /** What is new of it, or `null`. */
  all(): Readonly<Record<string, string>> | null
}

/** What one call keeps, and finds of what others have kept. */
function keepingOf(tasks: LiveTasks, { taskId, call: { tool } }: CallOrder): Keeping {
  const own = new Map<string, string>()
  let characters = 0
  const before = (key: string) => tasks.kept(taskId).get(key)
  const charactersOf = (key: string, text: string) =>
    text.length - (own.get(key)?.length ?? 0) + (own.has(key) ? 0 : key.length)

  function tooMuch(key: string, text: string): string | null {
    if (characters + charactersOf(key, text) > KEPT_CHARACTERS_MAX)
      return `a call keeps at most ${KEPT_CHARACTERS_MAX} characters`
    if (own.has(key)) return null
    if (own.size >= KEPT_KEYS_MAX) return `a call keeps at most ${KEPT_KEYS_MAX} keys`
    const isFull = before(key) === undefined && tasks.kept(taskId).size + own.size >= KEPT_KEYS_OF_TASK_MAX
    return isFull ? `a task keeps at most ${KEPT_KEYS_OF_TASK_MAX} keys` : null
  }

  return {
    kept: (key) => own.get(key) ?? before(key) ?? null,
    keep(key, text) {
      const objection = objectionTo(key, text) ?? tooMuch(key, text)
      if (objection) throw new UsageError(`"${tool}" can't keep this: ${objection}.`)
      characters += charactersOf(key, text)
      own.set(key, text)
    },
    all() {
      const fresh = [...own].filter(([key, text]) => before(key) !== text)
      return fresh.length === 0 ? null : Object.fromEntries(fresh)
    },
  }
}

/** A tool may be anybody's, so what it gives may be anything. */
function objectionTo(key: unknown, text: unknown): string | null {
  if (typeof key !== 'string' || typeof text !== 'string') return 'key and text must be strings'
  if (key.length > KEPT_KEY_CHARACTERS_MAX) return `a key has at most ${KEPT_KEY_CHARACTERS_MAX} characters`
  if (text.length > KEPT_TEXT_CHARACTERS_MAX)
    return `a text has at most ${KEPT_TEXT_CHARACTERS_MAX} characters`
  return null
}

interface Running extends Pick<ToolContext, 'judgedAt'> {
  readonly parts: RunCallParts
  readonly taskId: string
  readonly call: Call
  readonly signal: AbortSignal
  readonly keeping: Keeping
}

async function run(
  prepared: PreparedCall,
  { parts, taskId, call, signal, keeping, judgedAt }: Running,
): Promise<Result | Waiting> {
  const { tasks, judge, awake, progress, keepBegin, warn } = parts
  const { tool } = call
  const limitMs = tasks.tools(taskId).get(tool)?.timeoutMs ?? tasks.spec(taskId).limits.toolTimeoutMs
  const overdue = () =>
    warn(`The tool "${tool}" goes on with call ${call.id} of ${taskId} although it was told to end.`)
  const box = openTimeBox({ awake, limitMs, signal, overdue })
  const result = await prepared.run({
    signal: box.signal,
    taskId,
    idempotencyKey: keyOf(taskId, call),
    progress: (text) => progress(taskId, call.id, text),
    began: (mark) => keepBegin(taskId, call.id, mark),
    kept: keeping.kept,
    keep: keeping.keep,
    mayRead: judge.mayRead(taskId),
    judgedAt,
  })
  box.leave()
  if (result.kind !== 'failed' || box.why() === null) return result
  if (box.why() === 'stopped') return failed('tool/stopped', `"${tool}" was stopped. ${result.message}`)
  return failed('tool/timed-out', `"${tool}" was ended by its limit of ${limitMs} ms. ${result.message}`)
}

/** The answer's data must be what the caller asked for. */
async function withData(result: Result, schema: Schema | null, { tool, input }: Call): Promise<Result> {
  if (!schema || tool !== COMPLETION_TOOL) return result
  try {
    const checked = await schema['~standard'].validate((input as { data?: unknown }).data)
    if (!checked.issues) return result
    return failed('task/bad-result', `\`data\` is not what was asked for: ${issuesInWords(checked.issues)}`)
  } catch (error) {
    return failed('task/bad-result', `\`data\` could not be checked: ${inWords(error)}`)
  }
}
