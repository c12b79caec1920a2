import { RuntimeError, toFailure } from '../../errors.ts'
import type { Chance } from '../../host.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { Call, ModelReply, ModelRequest, Reply, Usage } from '../../protocol/model.ts'
import { COMPLETION_TOOL } from '../../protocol/names.ts'
import type { ModelOrder } from '../../protocol/orders.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tool } from '../../tools/tool.ts'
import type { Awake } from '../awake.ts'
import type { Effect } from '../body.ts'
import { watchIdle } from '../idle-watch.ts'
import type { LiveTasks, Progress } from './live-tasks.ts'
import { readReply } from './read-reply.ts'
import { digest, linesToSummarise, SUMMARY_INSTRUCTIONS } from './summary.ts'
import { openTimeBox } from './time-box.ts'

const BACK_OFF_FIRST_MS = 500
const BACK_OFF_MAX_MS = 30_000
/** Whoever wants to be left alone for longer has failed. */
const RETRY_AFTER_MAX_MS = 15 * 60_000
const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 }

export interface CallModelParts {
  readonly tasks: LiveTasks
  readonly awake: Awake
  readonly chance: Chance
  readonly progress: Progress
  /** Where facts go that do not end the call: to the inbox of the task. */
  readonly post: (taskId: string, fact: ChartFact) => void
  readonly warn: (text: string) => void
}

/** Asks the model for the next reply, or for the old turns in short. */
export function callModel(parts: CallModelParts): Effect<ModelOrder> {
  return async (order, signal) => {
    const { turn, purpose } = order
    const request = requestFor(order, parts.tasks)
    try {
      const reply = await ask(request, parts, signal)
      if (purpose === 'summary') return summarised(turn, reply.text || digest(request.lines), reply.usage)
      return { type: 'model.replied', turn, reply: kept(reply, order, parts.tasks) }
    } catch (error) {
      // A summary that cannot be had is no reason to stop: what the runtime knows of the turns stands in.
      if (purpose === 'summary' && !signal.aborted) return summarised(turn, digest(request.lines), NO_USAGE)
      const isLast = order.attempt >= parts.tasks.spec(order.taskId).limits.retries
      const retryInMs = isLast ? null : retryDelay(error, order, parts.chance)
      return { type: 'model.failed', turn, failure: toFailure(error), retryInMs }
    }
  }
}

async function ask(request: ModelRequest, parts: CallModelParts, signal: AbortSignal): Promise<ModelReply> {
  const { tasks, awake, warn } = parts
  const { taskId } = request
  const model = tasks.model(taskId)
  const { modelTimeoutMs: limitMs } = tasks.spec(taskId).limits
  const overdue = () =>
    warn(`The model "${model.name}" goes on with task ${taskId} although it was told to end.`)
  const box = openTimeBox({ awake, limitMs, signal, overdue })
  const life = watchLife(taskId, parts, signal)
  try {
    return readReply(await model.reply(request, { signal: box.signal, progress: life.sign }))
  } catch (error) {
    if (box.why() !== 'limit') throw error
    throw new RuntimeError('model/timed-out', `"${model.name}" gave no reply within ${limitMs} ms.`, {
      cause: error,
    })
  } finally {
    box.leave()
    life.stop()
  }
}

/**
 * Shows what the model says while it says it, and tells the task once when nothing came for too long. What
 * becomes of the call then, the task decides.
 */
function watchLife(taskId: string, { tasks, awake, progress, post }: CallModelParts, signal: AbortSignal) {
  const { idleMs } = tasks.spec(taskId).limits
  const idle = () => {
    if (!signal.aborted) post(taskId, { type: 'limit.reached', limit: 'idleMs' })
  }
  const watch = idleMs === null ? null : watchIdle({ awake, idleMs, idle })
  return {
    sign(text: string): void {
      watch?.sign()
      if (text !== '') progress(taskId, null, text)
    },
    stop: () => watch?.stop(),
  }
}

function requestFor({ taskId, turn, purpose }: ModelOrder, tasks: LiveTasks): ModelRequest {
  const spec = tasks.spec(taskId)
  const { agent, instructions } = spec
  if (purpose === 'summary') {
    const lines = linesToSummarise(tasks.lines(taskId), turn)
    return { taskId, agent, turn, purpose, instructions: SUMMARY_INSTRUCTIONS, lines, tools: [] }
  }
  // A copy: the conversation goes on, and a request is what was said when it was made.
  const lines = [...tasks.lines(taskId)]
  const tools = [...tasks.tools(taskId).values()].map((tool) => specFor(tool, spec))
  return { taskId, agent, turn, purpose, instructions, lines, tools }
}

/** A task that owes data tells its model what they must be, where they are handed in. */
function specFor({ name, spec }: Tool, { dataSchema }: TaskSpec) {
  if (name !== COMPLETION_TOOL || !dataSchema) return spec
  const { properties, required = [] } = spec.input as { properties?: object; required?: readonly string[] }
  const input = {
    ...spec.input,
    properties: { ...properties, data: dataSchema },
    required: [...required, 'data'],
  }
  return { ...spec, input }
}

/** A model's own ids repeat between turns, and a hostile one collides: ours are `turn.index`. */
function kept({ calls, ...reply }: ModelReply, { taskId, turn }: ModelOrder, tasks: LiveTasks): Reply {
  const tools = tasks.tools(taskId)
  const ours = calls.map((asked, index): Call => {
    const effect = tools.get(asked.tool)?.effect ?? 'pure'
    return { ...asked, id: `${turn}.${index}`, effect }
  })
  return { ...reply, calls: ours }
}

function summarised(turn: number, text: string, usage: Usage): ChartFact {
  return { type: 'conversation.summarised', turn, text, usage }
}

/**
 * How long to wait before asking again: what the other side said, or twice as long each time, spread by
 * chance.
 */
function retryDelay(error: unknown, { attempt }: ModelOrder, chance: Chance): number | null {
  if (!RuntimeError.is(error) || toFailure(error).retry === 'never' || error.code === 'model/stopped')
    return null
  if (error.retryAfterMs !== null) {
    const isBearable = error.retryAfterMs >= 0 && error.retryAfterMs <= RETRY_AFTER_MAX_MS
    return isBearable ? Math.round(error.retryAfterMs) : null
  }
  const ceiling = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** attempt)
  return Math.round(ceiling / 2 + (ceiling / 2) * chance.fraction())
}
