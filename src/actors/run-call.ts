import { RuntimeError } from '../errors.ts'
import type { Clock } from '../host.ts'
import type { Verdict } from '../protocol/boundary.ts'
import type { Call, Result } from '../protocol/model.ts'
import { COMPLETION_TOOL } from '../protocol/names.ts'
import type { CallOrder } from '../protocol/orders.ts'
import { failed, issuesInWords, type PreparedCall } from '../tools/tool.ts'
import { type Effect, STOPPED } from './body.ts'
import { boundedResult } from './bounded-result.ts'
import type { Judge } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall, type Progress } from './live-tasks.ts'

const TIMED_OUT = new RuntimeError('tool/timed-out', 'The tool took longer than it may.')

export interface RunCallParts {
  readonly tasks: LiveTasks
  readonly judge: Judge
  readonly clock: Clock
  readonly progress: Progress
}

/**
 * Runs one call: judged once more right before, held to its time, its result cut to what a model can read.
 */
export function runCall({ tasks, judge, clock, progress }: RunCallParts): Effect<CallOrder> {
  return async (order, signal) => {
    const { taskId, call } = order
    const { id: callId } = call
    const prepared = await prepareCall(tasks, taskId, call)
    if (prepared.kind !== 'prepared') return { type: 'call.ended', callId, result: prepared }

    const refusal = refusalOf(await judge(taskId, call, prepared.access), order)
    if (refusal) return { type: 'call.ended', callId, result: failed('call/denied', refusal) }
    const limitMs = tasks.tools(taskId).get(call.tool)?.timeoutMs ?? tasks.spec(taskId).limits.toolTimeoutMs
    const run = (timed: AbortSignal) =>
      prepared.run({
        signal: timed,
        taskId,
        idempotencyKey: keyOf(taskId, call),
        progress: (text) => progress(taskId, callId, text),
      })
    const ran = boundedResult(await held(run, { clock, limitMs, signal, call }))
    const result = ran.kind === 'ok' ? await withData(ran, tasks, taskId, call) : ran
    const todos = result.kind === 'ok' ? prepared.todos : null
    return todos ? { type: 'call.ended', callId, result, todos } : { type: 'call.ended', callId, result }
  }
}

/** Why it may not run after all. A person's yes holds for what they were shown, not for what it has become. */
function refusalOf({ verdict, why }: Verdict, { isApproved, askedFor }: CallOrder): string | null {
  if (verdict === 'allow') return null
  if (verdict === 'deny' || !isApproved) return why
  return why === askedFor ? null : `It is no longer what was approved: ${why}`
}

interface Hold {
  readonly clock: Clock
  readonly limitMs: number
  readonly signal: AbortSignal
  readonly call: Call
}

/** Asks the tool to end when its time is up or nobody waits any more; waits until it really has. */
async function held(
  run: (signal: AbortSignal) => ReturnType<PreparedCall['run']>,
  hold: Hold,
): Promise<Result> {
  const { clock, limitMs, signal, call } = hold
  const abort = new AbortController()
  const stop = () => abort.abort(STOPPED)
  const disarm = clock.alarm(clock.now() + limitMs, () => abort.abort(TIMED_OUT))
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    const result = await run(abort.signal)
    if (result.kind !== 'failed' || !abort.signal.aborted) return result
    if (abort.signal.reason === STOPPED)
      return failed('tool/stopped', `"${call.tool}" was stopped. ${result.message}`)
    return failed(
      'tool/timed-out',
      `"${call.tool}" was ended by its limit of ${limitMs} ms. ${result.message}`,
    )
  } finally {
    disarm()
    signal.removeEventListener('abort', stop)
  }
}

/** The answer's data must be what the caller asked for. */
async function withData(result: Result, tasks: LiveTasks, taskId: string, call: Call): Promise<Result> {
  const schema = call.tool === COMPLETION_TOOL ? tasks.output(taskId) : null
  if (!schema) return result
  const { data } = call.input as { data?: unknown }
  const checked = await schema['~standard'].validate(data)
  if (!checked.issues) return result
  return failed('task/bad-result', `\`data\` is not what was asked for: ${issuesInWords(checked.issues)}`)
}
