import { refuseEnded } from '../../acting/ended.ts'
import { type Order, toEach } from '../../acting/orders.ts'
import type { Arguments } from '../../arguments.ts'

/** Holds tasks still. */
export function pauseCommand(given: Arguments): Promise<number> {
  return toEach(given, given.words, pause)
}

async function pause({ runtime, task }: Order): Promise<string> {
  const { id } = task
  refuseEnded([task], id)
  await runtime.pause(id)
  const [now = task] = await runtime.tasks({ id })
  const how = now.status === 'paused' ? 'is paused' : 'pauses, as soon as what is under way has ended'
  return `Task ${id} ${how}. Go on with it: troupe resume ${id}`
}
