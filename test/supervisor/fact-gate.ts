/** A store that keeps facts in flight, task by task, until the test lets them become durable. */
import type { Store } from '../../src/host.ts'
import type { Entry } from '../../src/protocol/journal.ts'

export interface FactGate {
  readonly store: Store
  /** The facts of a task that are in flight, the oldest first. */
  inFlight(taskId: string): readonly Entry[]
  readonly tasks: readonly string[]
  /** From now on facts wait, those of one type or all, or no longer. */
  close(type?: Entry['fact']['type']): void
  open(): void
  /** Lets the oldest fact of a task become durable. */
  let(taskId: string): void
  /** Refuses the next fact of this type, whosever it is. */
  refuse(type: Entry['fact']['type']): void
}

export function factGate(store: Store): FactGate {
  const lines = new Map<string, { readonly entry: Entry; readonly write: () => void }[]>()
  const refused = new Set<string>()
  let isClosed: (type: string) => boolean = () => false

  function pass(entry: Entry, write: () => Promise<void>): Promise<void> {
    if (refused.delete(entry.fact.type)) return Promise.reject(new Error('The disk is full.'))
    return new Promise((resolve, reject) => {
      const line = lines.get(entry.taskId) ?? []
      lines.set(entry.taskId, line)
      // All take the same way, so that those of one task resolve in their order.
      line.push({ entry, write: () => void write().then(resolve, reject) })
      if (line.length === 1 && !isClosed(entry.fact.type)) line.shift()?.write()
    })
  }

  return {
    store: {
      ...store,
      create: (entry) => pass(entry, () => store.create(entry)),
      append: (entry, previous) => pass(entry, () => store.append(entry, previous)),
    },
    inFlight: (taskId) => lines.get(taskId)?.map(({ entry }) => entry) ?? [],
    get tasks() {
      return [...lines].filter(([, line]) => line.length > 0).map(([taskId]) => taskId)
    },
    close(held) {
      isClosed = (type) => held === undefined || type === held
    },
    open() {
      isClosed = () => false
      for (const line of lines.values()) for (const { write } of line.splice(0)) write()
    },
    let(taskId) {
      lines.get(taskId)?.shift()?.write()
    },
    refuse: (type) => void refused.add(type),
  }
}
