import { exitCodeOfSignal, type SignalName, SIGNALS } from '../exit-codes.ts'

/** How the person says stop. The first time asks, the second does not. */
export interface Interruption {
  /** Aborts at the first. */
  readonly signal: AbortSignal
  /** What it was, once it was. */
  readonly by: SignalName | null
  /** As if the signal had come: for keys that send none. */
  raise(name: SignalName): void
  /** Listens no longer. */
  dispose(): void
}

/** What has to be done at the second is done by whoever listens to the end of the process. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController()
  const names = Object.keys(SIGNALS) as readonly SignalName[]
  let by: SignalName | null = null

  function raise(name: SignalName): void {
    if (by !== null) process.exit(exitCodeOfSignal(by))
    by = name
    controller.abort()
  }

  for (const name of names) process.on(name, raise)
  return {
    signal: controller.signal,
    get by() {
      return by
    },
    raise,
    dispose() {
      for (const name of names) process.off(name, raise)
    },
  }
}
