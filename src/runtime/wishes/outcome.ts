import { RuntimeError } from '../../errors.ts'
import type { Assembly } from '../assembly.ts'
import { outcomeIn, resultOf, resultWithout, type TaskResult, tallyOf } from '../result.ts'

/** How often it is looked who has a task that lives in another process. Its end is heard of sooner. */
const LOOK_MS = 1_000

/** What became of a task, or what can be said of it now. */
export async function resultOfTask({ host, members }: Assembly, taskId: string): Promise<TaskResult> {
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

/** The same, and while another process has the task it is waited for. */
export async function resultAnywhere(assembly: Assembly, taskId: string): Promise<TaskResult> {
  let last: TaskResult | null = null
  try {
    for (;;) {
      // In this order: what ends in between is not taken for one that nobody has.
      const isAway = await isElsewhere(assembly, taskId)
      last = await resultOfTask(assembly, taskId)
      if (last.status !== 'paused' || !isAway) return last
      await untilItMayBeOver(assembly, taskId)
    }
  } catch (error) {
    // Nobody looks any more: it is as it was seen last.
    if (last && assembly.closing) return last
    throw error
  }
}

async function isElsewhere({ host, members, closing }: Assembly, taskId: string): Promise<boolean> {
  if (members.get(taskId) || closing || !host.store.workplace) return false
  const records = await host.store.tasks('unfinished')
  return records.find(({ spec }) => spec.id === taskId)?.heldBy === 'elsewhere'
}

/** Resolves when the task has ended, and at the latest when it is time to look who has it. */
async function untilItMayBeOver({ host, listeners }: Assembly, taskId: string): Promise<void> {
  const { clock, store } = host
  const until = clock.now() + LOOK_MS
  for (let seen = 0; clock.now() < until; ) {
    const fresh = await store.read(taskId, seen)
    if (outcomeIn(fresh)) return
    seen = fresh.at(-1)?.seq ?? seen
    await new Promise<void>((resolve) => {
      const done = () => {
        disarm()
        leave()
        resolve()
      }
      const disarm = clock.alarm(until, done)
      const leave = listeners.onStir(done)
    })
  }
}
