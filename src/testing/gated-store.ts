import type { Store } from '../host.ts'
import type { Entry } from '../protocol/journal.ts'

export interface GatedStore extends Store {
  /** The facts that want to be written and wait, the oldest first. */
  readonly waiting: readonly Entry[]
  /** Lets the oldest one be written. Rejects as the store does; the runtime hears of it either way. */
  letOne(): Promise<void>
  /** Resolves once something waits. */
  arrival(): Promise<void>
  /** From now on nothing waits any more. */
  open(): void
}

/** A store whose every write waits to be let through: so a test decides when a fact becomes durable. */
export function gatedStore(store: Store): GatedStore {
  const waiting: { readonly entry: Entry; readonly let: () => Promise<void> }[] = []
  const arrived: (() => void)[] = []
  let isOpen = false

  function gate(entry: Entry, write: () => Promise<void>): Promise<void> {
    if (isOpen) return write()
    return new Promise((resolve, reject) => {
      waiting.push({ entry, let: () => forward(write(), resolve, reject) })
      for (const call of arrived.splice(0)) call()
    })
  }

  return {
    ...store,
    create: (entry) => gate(entry, () => store.create(entry)),
    append: (entry, previousRunId) => gate(entry, () => store.append(entry, previousRunId)),
    get waiting() {
      return waiting.map(({ entry }) => entry)
    },
    async letOne() {
      await waiting.shift()?.let()
    },
    async arrival() {
      if (waiting.length === 0) await new Promise<void>((resolve) => arrived.push(resolve))
    },
    open() {
      isOpen = true
      for (const { let: write } of waiting.splice(0)) write().catch(() => {})
    },
  }
}

async function forward(
  written: Promise<void>,
  resolve: () => void,
  reject: (error: unknown) => void,
): Promise<void> {
  written.then(resolve, reject)
  await written
}
