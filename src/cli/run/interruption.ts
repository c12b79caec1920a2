import { exitCodeOfSignal, type SignalName, SIGNALS } from '../exit-codes.ts'

/** How the person says stop. The first time asks, the second does not. */
export interface Interruption {
  /** Aborts at the first. */
  readonly signal: AbortSignal
  /** What it was, once it was. */
  readonly by: SignalName | null
  /** Resolves when what was asked to stop has had its time. */
  readonly tooLate: Promise<null>
  /** As if the signal had come: for keys that send none. */
  raise(name: SignalName): void
  /** Listens no longer. */
  dispose(): void
}

/** How long what was told to stop may take to come to its end before it is left behind. */
const STOP_GRACE_MS = 10_000

/** What has to be done at the second is done by whoever listens to the end of the process. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController()
  const names = Object.keys(SIGNALS) as readonly SignalName[]
  let by: SignalName | null = null
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<null>((resolve) => {
    whenAborted(controller.signal, () => (timer = setTimeout(() => resolve(null), STOP_GRACE_MS)))
  })

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
    tooLate,
    raise,
    dispose() {
      clearTimeout(timer)
      for (const name of names) process.off(name, raise)
    },
  }
}

/** Calls back once the signal aborts, or at once if it has. Returns what takes that back. */
export function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
  return () => signal.removeEventListener('abort', act)
}
