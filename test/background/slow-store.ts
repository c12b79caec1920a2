/** A store that is slow to write some facts: they become durable when the test says so. */
import type { Store } from '../../src/host.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'

export interface SlowStore {
  readonly store: Store
  /** The facts that wait now, the oldest first. */
  readonly held: readonly Entry[]
  /** From now on such facts wait, and behind them all that their task writes later. */
  hold(isHeld: (entry: Entry) => boolean): void
  /** Lets those that wait now become durable. Others still have to wait. */
  let(): void
  /** Nothing waits any more. */
  open(): void
}

export function slowStore(store: Store = memoryStore()): SlowStore {
  const latest = new Map<string, Promise<void>>()
  const gates: { readonly entry: Entry; readonly open: () => void }[] = []
  let isHeld: (entry: Entry) => boolean = () => false

  async function writeAfter(before: Promise<void>, entry: Entry, write: () => Promise<void>): Promise<void> {
    await before.catch(() => {})
    if (isHeld(entry)) await new Promise<void>((open) => gates.push({ entry, open }))
    await write()
  }

  function inOrder(entry: Entry, write: () => Promise<void>): Promise<void> {
    const written = writeAfter(latest.get(entry.taskId) ?? Promise.resolve(), entry, write)
    latest.set(entry.taskId, written)
    return written
  }

  function letGo(): void {
    for (const { open } of gates.splice(0)) open()
  }

  return {
    store: {
      ...store,
      create: (entry) => inOrder(entry, () => store.create(entry)),
      append: (entry, previousRunId) => inOrder(entry, () => store.append(entry, previousRunId)),
    },
    get held() {
      return gates.map(({ entry }) => entry)
    },
    hold: (held) => void (isHeld = held),
    let: letGo,
    open() {
      isHeld = () => false
      letGo()
    },
  }
}
