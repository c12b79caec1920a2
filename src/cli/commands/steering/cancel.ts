import { refuseEnded } from '../../acting/ended.ts'
import { type Order, toEach } from '../../acting/orders.ts'
import type { Arguments } from '../../arguments.ts'

/** Ends tasks, and all that work for them. */
export function cancelCommand(given: Arguments): Promise<number> {
  return toEach(given, given.words, cancel)
}

async function cancel({ given, runtime, task }: Order): Promise<string> {
  const { id, status } = task
  // Who wanted it to be cancelled has what they wanted; any other end is not theirs.
  if (status !== 'cancelled') refuseEnded([task], id)
  await runtime.cancel(id, given.value('reason') ?? 'It was cancelled from another terminal.')
  const [now = task] = await runtime.tasks({ id })
  return now.status === 'cancelled'
    ? `Task ${id} is cancelled. What it changed is still there.`
    : `Task ${id} is being ended; what is under way comes to its end first.`
}
