/** Who holds a task still. */
import type { Holder } from '../../protocol/task.ts'
import type { TaskContext } from '../task-context.ts'

/** Whoever lets a task go on in the user's name lets go of these too: they wait for nothing but that. */
const HELD_FOR_USER: readonly Holder[] = ['user', 'interrupted', 'shutdown', 'no-slot', 'quota']

export function holdersWith({ holders }: TaskContext, by: Holder): readonly Holder[] {
  return holders.includes(by) ? holders : [...holders, by]
}

export function holdersWithout({ holders }: TaskContext, by: Holder): readonly Holder[] {
  const gone = by === 'user' ? HELD_FOR_USER : [by]
  return holders.filter((holder) => !gone.includes(holder))
}
