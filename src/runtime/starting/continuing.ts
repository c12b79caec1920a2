/** Goes on after an end: a new task with the old conversation. */
import { UsageError } from '../../errors.ts'
import type { Line } from '../../protocol/model.ts'
import { type RunRequest, admit } from './admission.ts'
import type { Assembly } from '../assembly.ts'
import type { Task, Verbs } from './handle.ts'
import { fold } from '../replay.ts'
import { outcomeIn } from '../result.ts'
import { begun } from './start.ts'

/** What may be said anew; the rest is as it was. */
export interface Continuation extends Pick<RunRequest, 'message' | 'title' | 'boundary' | 'limits'> {}

/**
 * Starts a task that knows what was said in one that has ended. Its boundary is the old one, and a layer more
 * where one is given: it is never wider (L5). What the user allows is today's. It answers in words: the data
 * that the old one owed is not asked for again.
 */
export async function continueTask(
  assembly: Assembly,
  verbs: Verbs,
  { taskId, continuation }: { readonly taskId: string; readonly continuation: Continuation },
): Promise<Task> {
  const { host, parts, closing } = assembly
  if (closing) throw new UsageError('The runtime is closed: it starts nothing any more.')
  const entries = await host.store.read(taskId)
  if (!outcomeIn(entries)) {
    const why =
      entries.length === 0 ? 'There is no such task.' : 'It has not ended: resume it, or send it a message.'
    throw new UsageError(`Task "${taskId}" can't be continued. ${why}`)
  }
  const { spec: old, conversation } = fold(entries)
  const { message, title, boundary, limits } = continuation
  const request: RunRequest = {
    agent: old.agent,
    message,
    title,
    boundary,
    limits: { ...old.limits, ...limits },
  }
  const { spec, model } = admit(host.chance.id(), request, parts)
  const known = old.boundary.map((layer) => JSON.stringify(layer))
  const own = spec.boundary.filter((layer) => !known.includes(JSON.stringify(layer)))
  const order = {
    spec: { ...spec, boundary: [...old.boundary, ...own] },
    model,
    output: null,
    isAwaited: false,
    onBorn: () => {},
    before: past(answered(worthTelling(conversation.lines))),
  }
  const [task] = await begun(assembly, verbs, [order])
  return task as Task
}

/** What the new task is told anew is not told twice, and what drove the old one on has done so. */
function worthTelling(lines: readonly Line[]): readonly Line[] {
  const last = lines.at(-1)
  const isDriven = last?.role === 'note' && last.source === 'runtime'
  const said = isDriven ? lines.slice(0, -1) : lines
  return said.filter((line) => !(line.role === 'note' && line.source === 'workspace'))
}

/** Every call of a reply has an answer, also one that the end has cut off: no model takes it otherwise. */
function answered(lines: readonly Line[]): readonly Line[] {
  const told = new Set(lines.flatMap((line) => (line.role === 'tool' ? [line.callId] : [])))
  const rest = (index: number): readonly Line[] => {
    const reply = lines.slice(0, index + 1).findLast(({ role }) => role === 'agent')
    const open = reply?.role === 'agent' ? reply.calls.filter(({ id }) => !told.has(id)) : []
    for (const { id } of open) told.add(id)
    return open.map(({ id: callId, tool }) => ({ role: 'tool', callId, tool, result: NOT_ANSWERED }))
  }
  return lines.flatMap((line, index) => {
    const isLastAnswer = (line.role === 'agent' || line.role === 'tool') && lines[index + 1]?.role !== 'tool'
    return isLastAnswer ? [line, ...rest(index)] : [line]
  })
}

const NOT_ANSWERED = {
  kind: 'unknown',
  message: 'The task ended before this call was answered. Look before you repeat it.',
} as const

/**
 * What was said before the first turn of the new task, under names that none of its own turns and calls have.
 */
function past(lines: readonly Line[]): readonly Line[] {
  return lines.map((line): Line => {
    if (line.role === 'tool') return { ...line, callId: `0.${line.callId}` }
    if (line.role !== 'agent') return line
    return { ...line, turn: 0, calls: line.calls.map((call) => ({ ...call, id: `0.${call.id}` })) }
  })
}
