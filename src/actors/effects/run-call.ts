import { Bug, inWords } from '../../errors.ts'
import type { Clock } from '../../host.ts'
import { denialInWords, type Verdict } from '../../protocol/boundary.ts'
import type { Call, Result } from '../../protocol/model.ts'
import { COMPLETION_TOOL, DELEGATION_TOOLS } from '../../protocol/names.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import { failed, issuesInWords, type PreparedCall, type Schema, type Waiting } from '../../tools/tool.ts'
import type { Awake } from '../awake.ts'
import type { Effect } from '../body.ts'
import { boundedResult } from './bounded-result.ts'
import type { Judge } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall, type Progress } from './live-tasks.ts'
import { openTimeBox } from './time-box.ts'

export interface RunCallParts {
  readonly tasks: LiveTasks
  readonly judge: Judge
  readonly clock: Clock
  readonly awake: Awake
  readonly progress: Progress
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

    const refusal = refusalOf(await parts.judge(taskId, call, prepared.access), order)
    if (refusal) return { type: 'call.ended', callId, result: failed('call/denied', refusal) }
    const answer = await run(prepared, { parts, taskId, call, signal })
    // Only tasks of one's own are waited for, and only these tools know which they are.
    if (answer.kind === 'waits' && DELEGATION_TOOLS.includes(call.tool))
      return { type: 'call.waits', callId, wait: answer.wait }
    if (answer.kind === 'waits') throw new Bug(`"${call.tool}" waits for tasks, which it can't.`)
    const ran = boundedResult(answer)
    const result = ran.kind === 'ok' ? await withData(ran, parts.tasks.output(taskId), call) : ran
    const todos = result.kind === 'ok' ? prepared.todos : null
    return todos ? { type: 'call.ended', callId, result, todos } : { type: 'call.ended', callId, result }
  }
}

/**
 * Why it may not run after all. A person's yes holds for what they were shown, not for what it has become.
 */
function refusalOf(judged: Verdict, { isApproved, askedFor }: CallOrder): string | null {
  const { verdict, why } = judged
  if (verdict === 'allow') return null
  if (verdict === 'deny' || !isApproved) return denialInWords(judged)
  return why === askedFor ? null : `It is no longer what was approved: ${why}`
}

interface Running {
  readonly parts: RunCallParts
  readonly taskId: string
  readonly call: Call
  readonly signal: AbortSignal
}

async function run(
  prepared: PreparedCall,
  { parts, taskId, call, signal }: Running,
): Promise<Result | Waiting> {
  const { tasks, awake, progress, warn } = parts
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
