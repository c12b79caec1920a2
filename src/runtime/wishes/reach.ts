/**
 * What can be done to a task, wherever it is: here, in another process of the workspace, or with nobody, as
 * its process has gone. Whatever is done is a fact of its journal either way.
 */
import { inWords, RuntimeError } from '../../errors.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { RemoteOrder } from '../../protocol/remote.ts'
import type { Holder } from '../../protocol/task.ts'
import type { Assembly } from '../assembly.ts'
import type { Member } from '../members/member.ts'
import { factOfAnswer, notAsking, openRequestsOf } from './approvals.ts'
import { letGoOn, takeUpAll, takeUpBelow, takeUpTree, unfinishedBelow } from '../taking/recovery.ts'
import { resultOfTask } from './outcome.ts'
import { hasEnded, type TakenUp, takeUp } from '../taking/take-up.ts'
import { grasp, refuseClosing } from '../taking/grasp.ts'
import { holdElsewhere } from '../taking/elsewhere.ts'
import { tellAbove, tellEnd } from '../taking/family.ts'
import * as here from './verbs.ts'

type Answering = Extract<RemoteOrder, { verb: 'answer' }>

/** How often it is looked again for a task that changes hands, and how long is waited in between. */
const LOOKS_MAX = 100
const LOOK_AGAIN_MS = 50
/** A holder that lives and does not answer is waited for as long as this, however often it was asked. */
const LOOKS_LIMIT_MS = 30_000

/** Has it done by whoever has the task. */
export async function order(assembly: Assembly, wish: RemoteOrder): Promise<void> {
  const { members, host, taking } = assembly
  const until = host.clock.now() + LOOKS_LIMIT_MS
  for (let look = 0; look < LOOKS_MAX && host.clock.now() <= until; look += 1) {
    // Whoever is here is asked at once: what is said first is heard first.
    if (members.get(wish.taskId)) return serve(assembly, wish)
    // It may be ours in a moment: until then nobody could do it.
    await taking.idle(wish.taskId)
    if (members.get(wish.taskId)) return serve(assembly, wish)
    try {
      if ((await host.store.workplace?.ask(wish)) === 'done') return
      return await alone(assembly, wish)
    } catch (error) {
      // Somebody else was quicker: it is asked, as soon as it can answer.
      if (!isElsewhere(error)) throw error
    }
    await new Promise<void>((resolve) => host.clock.alarm(host.clock.now() + LOOK_AGAIN_MS, resolve))
  }
  throw new RuntimeError('store/held', `Task "${wish.taskId}" is held by a process that does not answer.`)
}

function isElsewhere(error: unknown): boolean {
  return RuntimeError.is(error) && (error.code === 'store/held' || error.code === 'task/lost')
}

/** Does it to a task that lives here. */
export async function serve(assembly: Assembly, wish: RemoteOrder): Promise<void> {
  const { taskId } = wish
  switch (wish.verb) {
    case 'pause':
      await here.pause(assembly, taskId, wish)
      return wish.subtree ? holdElsewhere(assembly, taskId) : undefined
    case 'resume':
      await here.resume(assembly, taskId, wish)
      return resumeBelow(assembly, taskId)
    case 'cancel':
      await here.cancel(assembly, taskId, wish.reason)
      return cancelAway(assembly, taskId, wish.reason)
    case 'message':
      return here.message(assembly, taskId, wish.text)
    case 'toBackground':
      return here.turn(assembly, taskId)
    case 'answer':
      return here.answer(assembly, wish.answer)
    case 'childEnded':
      return tellEnd(await here.living(assembly, taskId), wish.report)
  }
}

/** Those below it may be with others, or with nobody: they end too. */
async function cancelAway(assembly: Assembly, taskId: string, reason: string): Promise<void> {
  const { host, members } = assembly
  if (!host.store.workplace) return
  for (const id of await idsBelow(assembly, taskId))
    if (!members.get(id)) await order(assembly, { taskId: id, verb: 'cancel', reason }).catch(ignoreEnd)
}

/** Those below it may be with nobody by now, as their process has gone: it would wait for them in vain. */
async function resumeBelow(assembly: Assembly, taskId: string): Promise<void> {
  if (!assembly.host.store.workplace) return
  for (const member of await takeUpBelow(assembly, taskId)) await letGoOn(assembly, member)
}

/** Does it to a task that nobody holds. */
async function alone(assembly: Assembly, wish: RemoteOrder): Promise<void> {
  const { taskId } = wish
  switch (wish.verb) {
    case 'resume':
      return takeUpAndResume(assembly, wish)
    case 'pause':
      await touch(assembly, taskId, ({ append }) => append({ type: 'task.pauseAsked', by: wish.by }))
      return wish.subtree ? holdBelow(assembly, taskId) : undefined
    case 'cancel':
      return cancelAlone(assembly, taskId, wish.reason)
    case 'message':
      return touch(assembly, taskId, ({ append }) => append({ type: 'task.messaged', text: wish.text }))
    case 'answer':
      return answerAlone(assembly, wish)
    case 'toBackground':
      throw await whyNotNow(assembly, taskId)
    case 'childEnded':
      // Whoever takes it up looks for itself.
      return
  }
}

async function answerAlone(assembly: Assembly, wish: Answering): Promise<void> {
  const { taskId, answer } = wish
  try {
    await touch(assembly, taskId, async (taken) => taken.append(answerTo(assembly, taken, wish)))
  } catch (error) {
    const isOver = RuntimeError.is(error) && ['task/has-ended', 'task/no-such-task'].includes(error.code)
    throw isOver ? notAsking(answer.id) : error
  }
}

async function whyNotNow(assembly: Assembly, taskId: string): Promise<RuntimeError> {
  const { status } = await resultOfTask(assembly, taskId)
  if (status !== 'paused') return hasEnded(taskId, status)
  return new RuntimeError('task/held', `Task "${taskId}" stands still. Resume it first.`)
}

/** Writes something into the journal of a task at rest, and lets go of it. */
function touch(assembly: Assembly, taskId: string, act: (taken: TakenUp) => Promise<void>): Promise<void> {
  const { host, listeners, members } = assembly
  return grasp(assembly, taskId, async () => {
    if (members.get(taskId)) throw new RuntimeError('store/held', `Task "${taskId}" lives here by now.`)
    const taken = await takeUp(host, taskId, (spec) => tellAbove(assembly, spec))
    try {
      await act(taken)
    } finally {
      await host.store.release(taskId)
      listeners.stir()
    }
  })
}

async function takeUpAndResume(
  assembly: Assembly,
  { taskId, ...release }: Extract<RemoteOrder, { verb: 'resume' }>,
): Promise<void> {
  refuseClosing(assembly)
  for (const member of await takeUpTree(assembly, taskId))
    if (member.spec.id !== taskId) await letGoOn(assembly, member)
  assembly.members.wake(taskId)
  await here.resume(assembly, taskId, release)
}

async function holdBelow(assembly: Assembly, taskId: string): Promise<void> {
  const by = `parent/${taskId}` as const
  for (const id of await idsBelow(assembly, taskId))
    await order(assembly, { taskId: id, verb: 'pause', by, subtree: false }).catch(ignoreEnd)
}

async function cancelAlone(assembly: Assembly, taskId: string, reason: string): Promise<void> {
  const cancel = ({ append }: TakenUp) => append({ type: 'task.cancelAsked', reason })
  // Cancelling what has ended changes nothing; what works for it ends all the same.
  await touch(assembly, taskId, cancel).catch(ignoreEnd)
  for (const id of await idsBelow(assembly, taskId))
    await order(assembly, { taskId: id, verb: 'cancel', reason }).catch(ignoreEnd)
}

async function idsBelow({ host }: Assembly, taskId: string): Promise<readonly string[]> {
  return unfinishedBelow(await host.store.tasks('unfinished'), taskId).map(({ spec }) => spec.id)
}

function ignoreEnd(error: unknown): void {
  if (!(RuntimeError.is(error) && error.code === 'task/has-ended')) throw error
}

function answerTo({ host }: Assembly, { folded }: TakenUp, { answer }: Answering): ChartFact {
  const request = openRequestsOf(folded.actor).find(({ id }) => id === answer.id)
  if (!request) throw notAsking(answer.id)
  return factOfAnswer(request, answer, host.clock.now())
}

/**
 * Lets everything go on, also what nobody held until now: what stood still before what has not begun. What
 * some of them cannot, the others still do.
 */
export async function resumeAll(assembly: Assembly, { by }: { readonly by: Holder }): Promise<void> {
  refuseClosing(assembly)
  await takeUpAll(assembly)
  const { members } = assembly
  const queued = members.all().filter(({ actor }) => actor.getSnapshot().matches('queued'))
  await here.onAll(assembly, async (taskId) => {
    if (queued.every(({ spec }) => spec.id !== taskId))
      await here.resume(assembly, taskId, { by, message: null })
  })
  for (const { spec } of queued) members.wake(spec.id)
}

/** Goes on with everything that was cut off, and with nothing that somebody holds still. */
export async function resumeCutOff(assembly: Assembly): Promise<void> {
  refuseClosing(assembly)
  const taken = await takeUpAll(assembly)
  const isQueued = ({ actor }: Member) => actor.getSnapshot().matches('queued')
  // What has begun comes before what has not.
  for (const member of taken.toSorted((one, other) => Number(isQueued(one)) - Number(isQueued(other)))) {
    await letGoOn(assembly, member).catch((error: unknown) => {
      assembly.host.warn(`Task ${member.spec.id} does not go on: ${inWords(error)}`)
    })
  }
}
