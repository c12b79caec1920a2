/** Every actor of a runtime, as XState's own inspection tells of them. */
import type { AnyActorRef, InspectionEvent } from 'xstate'

export interface Census {
  readonly inspect: (event: InspectionEvent) => void
  /** Actors that are alive though no task that lives here owns them. */
  orphans(living: ReadonlySet<string>): readonly string[]
}

export function takeCensus(): Census {
  const seen = new Set<AnyActorRef>()

  return {
    inspect(event) {
      // One that is stopped in the very step in which it was spawned never starts: nothing of it is alive.
      if (event.type === '@xstate.event' && event.event.type === 'xstate.init')
        seen.add(event.actorRef as AnyActorRef)
    },
    orphans(living) {
      for (const ref of seen) if (!isAlive(ref)) seen.delete(ref)
      return [...seen].filter((ref) => !isOwned(ref, living)).map(({ id }) => id)
    },
  }
}

/** The supervisor owns itself; a task must live; all else must have somebody above it who is owned. */
function isOwned(ref: AnyActorRef, living: ReadonlySet<string>): boolean {
  if (ref.id === 'supervisor') return true
  const { _parent: parent } = ref as { readonly _parent?: AnyActorRef }
  if (!parent) return false
  if (parent.id === 'supervisor') return living.has(ref.id)
  return isAlive(parent) && isOwned(parent, living)
}

function isAlive(ref: AnyActorRef): boolean {
  const snapshot = ref.getSnapshot() as { readonly status: string } | undefined
  return snapshot?.status === 'active'
}
