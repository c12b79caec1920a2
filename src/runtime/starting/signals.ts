/** The signals that tasks hang on. */
export interface Signals {
  /** Calls once when the signal aborts, at once if it has; until it is let go of. */
  watch(signal: AbortSignal, call: () => void): () => void
}

/** One listener for each signal, however many tasks hang on it: a server has one signal for all of them. */
export function createSignals(): Signals {
  const watched = new WeakMap<AbortSignal, Set<() => void>>()

  function callsOf(signal: AbortSignal): Set<() => void> {
    const known = watched.get(signal)
    if (known) return known
    const calls = new Set<() => void>()
    watched.set(signal, calls)
    signal.addEventListener('abort', () => [...calls].forEach((call) => call()), { once: true })
    return calls
  }

  return {
    watch(signal, call) {
      if (signal.aborted) call()
      const calls = callsOf(signal)
      calls.add(call)
      return () => void calls.delete(call)
    },
  }
}
