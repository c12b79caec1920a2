export interface LiveBodies {
  readonly begin: () => void
  readonly end: () => void
  count(): number
  /** Calls back once nothing is under way any more. */
  whenNone(call: () => void): void
}

/** Counts what is really under way, whatever the charts think. */
export function createLiveBodies(): LiveBodies {
  let live = 0
  let waiting: (() => void)[] = []
  return {
    begin: () => void (live += 1),
    end() {
      live -= 1
      if (live > 0) return
      const ready = waiting
      waiting = []
      for (const call of ready) call()
    },
    count: () => live,
    whenNone(call) {
      if (live === 0) call()
      else waiting.push(call)
    },
  }
}
