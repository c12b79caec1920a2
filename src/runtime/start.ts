import { noEvents, taskStream } from '../actors/task-stream.ts'
import { inWords, toFailure, UsageError } from '../errors.ts'
import { EMPTY_TALLY } from '../protocol/tally.ts'
import { admit, type RunRequest } from './admission.ts'
import type { Assembly } from './assembly.ts'
import { createHandle, type Task, type Verbs } from './handle.ts'
import type { Member } from './member.ts'
import { pathOf, resultWithout } from './result.ts'

/**
 * Admits a task, gives it a life, and lets it begin. What cannot be kept is `rejected`, which is data, not a
 * throw.
 */
export async function start<Data>(
  assembly: Assembly,
  verbs: Verbs,
  request: RunRequest<Data>,
): Promise<Task<Data>> {
  const { host, parts, members, machine } = assembly
  if (assembly.closing) throw new UsageError('The runtime is closed: it starts nothing any more.')
  const { spec, model } = admit(host.chance.id(), request, parts)
  const { id } = spec
  const tools = new Map(
    parts.tools.filter(({ name }) => spec.tools.includes(name)).map((tool) => [tool.name, tool]),
  )
  const output = request.output ?? null
  let member: Member
  try {
    member = await members.adopt(machine, spec, { model, tools, output })
  } catch (error) {
    return rejected(verbs, id, error)
  }

  const { settled } = member
  if (request.signal) {
    const cancel = () => void verbs.cancel(id, 'Its signal was aborted.').catch(() => {})
    const leave = assembly.signals.watch(request.signal, cancel)
    void settled.catch(() => {}).then(leave)
  }
  // Refused means that the task is lost, or was cancelled before it began: its result says so.
  await member.inbox.begin('task.started').catch(() => {})
  const state = () => (members.lossOf(id) ? 'lost' : pathOf(member.actor.getSnapshot().value))
  return createHandle({ verbs, id, output, settled, state, events: eventsOf(assembly, id) })
}

function rejected<Data>(verbs: Verbs, id: string, error: unknown): Task<Data> {
  const reason = { code: toFailure(error).code, message: `The task could not be kept: ${inWords(error)}` }
  const settled = Promise.resolve(resultWithout('rejected', id, EMPTY_TALLY, reason))
  return createHandle({
    verbs,
    id,
    output: null,
    settled,
    state: () => 'rejected',
    events: noEvents,
  })
}

function eventsOf({ host, listeners }: Assembly, taskId: string) {
  const { store } = host
  return ({ since = 0, progress = false }) => taskStream({ taskId, store, listeners, since, progress })
}
