import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { Bug } from '../../../errors.ts'

/** The pipe on which a shell waits. It ends with our process, however that dies. */
const GATE = 3
const GO = 'go\n'
/** What a shell ends with that was never told to go. */
const NO_GO = 125

/**
 * A shell that runs nothing until it is told, and nothing ever when whoever would tell it is gone. Then it
 * becomes the bash of the line: the same process, without the pipe.
 */
const WAIT = `read -r <&${GATE} && exec "$0" --noprofile --norc -c -- "$1" ${GATE}<&-; exit ${NO_GO}`

/** `--` keeps a line that begins with a dash from being taken for options of bash. */
const PLAIN = ['--noprofile', '--norc', '-c', '--']

/** What bash is started with to run a line at once, or behind a gate. */
export function bashArguments(bash: string, line: string, isGated: boolean): readonly string[] {
  return isGated ? [...PLAIN, WAIT, bash, line] : [...PLAIN, line]
}

export const OPEN_STDIO = ['ignore', 'pipe', 'pipe'] as const
/** The last is the gate. */
export const GATED_STDIO = [...OPEN_STDIO, 'pipe'] as const

/**
 * Tells of a process that waits behind its gate, then lets it go. Rejects with what `tell` rejects with; the
 * gate stays shut then, and when it was stopped meanwhile.
 */
export async function openGate(
  child: ChildProcess,
  tell: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const gate = child.stdio[GATE]
  if (!(gate instanceof Socket)) throw new Bug('A shell was started without its gate.')
  // A shell that was killed behind its gate can't be told. Whoever waits for its end sees that.
  gate.on('error', () => {})
  await unlessStopped(tell(), signal)
  if (!signal.aborted) gate.write(GO)
}

/** Lets go of the pipe. A shell that still waits ends. */
export function closeGate(child: ChildProcess): void {
  child.stdio[GATE]?.destroy()
}

/** Waits for work, but not once it is stopped. */
function unlessStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    if (signal.aborted) stop()
  })
}
