/** Who works for whom, among the tasks that live and those between them. */
export interface Lineage {
  add(taskId: string, parent: string): void
  /** All that work for a task, and for those, also where the one in between has ended. */
  below(taskId: string): readonly string[]
  /** Forgets a task that has ended, as soon as nothing below it lives. */
  leave(taskId: string): void
}

interface Kin {
  parent: string | null
  readonly children: Set<string>
  hasLeft: boolean
}

export function createLineage(): Lineage {
  const kin = new Map<string, Kin>()

  function kinOf(taskId: string, parent: string | null): Kin {
    const known = kin.get(taskId)
    if (known) return known
    const created = { parent, children: new Set<string>(), hasLeft: parent === null }
    kin.set(taskId, created)
    return created
  }

  function prune(taskId: string): void {
    const own = kin.get(taskId)
    if (!own?.hasLeft || own.children.size > 0) return
    kin.delete(taskId)
    if (own.parent === null) return
    kin.get(own.parent)?.children.delete(taskId)
    prune(own.parent)
  }

  function below(taskId: string): readonly string[] {
    return [...(kin.get(taskId)?.children ?? [])].flatMap((child) => [child, ...below(child)])
  }

  return {
    add(taskId, parent) {
      kinOf(parent, null).children.add(taskId)
      // Those below it may have come back to life before it.
      const own = kinOf(taskId, parent)
      own.parent = parent
      own.hasLeft = false
    },
    below,
    leave(taskId) {
      const own = kin.get(taskId)
      if (own) own.hasLeft = true
      prune(taskId)
    },
  }
}
