import { answerTo } from '../actors/open-requests.ts'
import { RuntimeError, UsageError } from '../errors.ts'
import type { Assembly } from './assembly.ts'
import type { Member } from './member.ts'
import { outcomeIn, resultOf, resultWithout, type TaskResult, tallyOf } from './result.ts'

/** Yes or no to a call, or words in answer to a question. */
export type HumanAnswer =
  | { readonly allow: boolean; readonly note?: string | undefined }
  | { readonly text: string | null }

/** The task, if it lives here; in words, if not. */
export async function living(assembly: Assembly, taskId: string): Promise<Member> {
  const member = assembly.members.get(taskId)
  if (member) return member
  const { status } = await resultHere(assembly, taskId)
  throw assembly.members.lossOf(taskId) || status === 'paused'
    ? new RuntimeError('task/lost', `Task "${taskId}" does not run here, and is not done.`)
    : new RuntimeError('task/has-ended', `Task "${taskId}" is over: ${status}.`)
}

export async function resume(assembly: Assembly, taskId: string): Promise<void> {
  const { members } = assembly
  // A pause may be on its way: what was asked for first counts first.
  await (await living(assembly, taskId)).inbox.settled()
  await members.until(taskId, ({ actor }) => !actor.getSnapshot().matches('pausing'))
  // A runtime that closes brings to rest; it lets nothing go on.
  if (assembly.closing) throw new UsageError('The runtime is closed: it resumes nothing any more.')
  if (members.get(taskId)?.actor.getSnapshot().matches('paused')) await members.beginOnce(taskId)
}

export async function cancel(assembly: Assembly, taskId: string, reason: string): Promise<void> {
  const member = assembly.members.get(taskId)
  if (member) return member.inbox.post({ type: 'task.cancelAsked', reason })
  await living(assembly, taskId).catch((error: unknown) => {
    if (!(RuntimeError.is(error) && error.code === 'task/has-ended')) throw error
  })
}

/** Answers what waits for a person. Resolves when the answer is durable. */
export async function answer({ members, requests }: Assembly, id: string, given: HumanAnswer): Promise<void> {
  const request = requests.find(id)
  const member = request && members.get(request.taskId)
  if (!member) throw new RuntimeError('call/not-asking', `Nothing called "${id}" waits for an answer.`)
  const said = answerTo(request, given)
  requests.take(id)
  await member.inbox.post({ ...said, callId: request.callId })
}

/** What became of a task, or will. */
export async function resultHere({ host, members }: Assembly, taskId: string): Promise<TaskResult> {
  const here = members.get(taskId)?.settled ?? members.lossOf(taskId)
  if (here) return here
  const entries = await host.store.read(taskId)
  if (entries.length === 0) throw new RuntimeError('task/no-such-task', `There is no task "${taskId}".`)
  const outcome = outcomeIn(entries)
  const tally = tallyOf(entries)
  if (outcome) return resultOf(taskId, outcome, tally)
  return resultWithout('paused', taskId, tally, {
    code: 'task/stopped',
    message: 'It is not done, and does not run here.',
  })
}
