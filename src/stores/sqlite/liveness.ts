/**
 * Whether another process still lives. Two ways to know: the system says that it is gone, or its beat stands
 * still for the time of a lease while this process looks on. Nothing is ever judged by a wall clock, and a
 * process that slept for the time of a lease itself begins anew to look.
 */
import { readFileSync, readlinkSync } from 'node:fs'

/** What is written down of a process, so that others can tell whether it lives. */
export interface ProcessTrace {
  readonly pid: number
  /** Host, its own mark, this boot of it, and the space its process numbers are in. `-` where not known. */
  readonly machine: string
  /** When it was started, as the system counts; '' where the system does not tell. */
  readonly born: string
}

const UNKNOWN = '-'
const STATE_FIELD = 3
const BORN_FIELD = 22

/** This process, as others will look for it. */
export function thisProcess(): ProcessTrace {
  return { pid: process.pid, machine: thisMachine(), born: statOf(process.pid)?.born ?? '' }
}

/**
 * The system says that the process is gone: no such number, or it belongs to a later process, or its machine
 * was started anew. False where it lives, and where it cannot be known from here.
 */
export function isDead(trace: ProcessTrace, machine: string = thisMachine()): boolean {
  if (trace.machine !== machine) return isOfEarlierBoot(trace.machine, machine)
  if (!hasNumber(trace.pid)) return true
  const stat = statOf(trace.pid)
  if (!stat) return false
  // One that was killed and not yet collected by its parent does nothing any more.
  if (stat.state === 'Z' || stat.state === 'X') return true
  return trace.born !== '' && trace.born !== stat.born
}

/** Where this process runs. */
export function thisMachine(): string {
  const host = textOf('/proc/sys/kernel/hostname') ?? process.env['COMPUTERNAME'] ?? process.platform
  const mark = textOf('/etc/machine-id') ?? UNKNOWN
  const boot = textOf('/proc/sys/kernel/random/boot_id') ?? UNKNOWN
  return [host, mark, boot, numberSpace()].join(' ')
}

/** The same installed machine, and the system was started since. */
function isOfEarlierBoot(theirs: string, ours: string): boolean {
  const [host, mark, boot] = theirs.split(' ')
  const [ourHost, ourMark, ourBoot] = ours.split(' ')
  if (mark === UNKNOWN || boot === UNKNOWN || ourBoot === UNKNOWN) return false
  return host === ourHost && mark === ourMark && boot !== ourBoot
}

function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** The name of the program stands in parentheses, and may hold spaces and parentheses itself. */
function statOf(pid: number): { readonly state: string; readonly born: string } | null {
  const text = textOf(`/proc/${pid}/stat`)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields[STATE_FIELD - 3]
  const born = fields[BORN_FIELD - 3]
  return state && born ? { state, born } : null
}

/** Two containers of one machine may both have a process 7. */
function numberSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return UNKNOWN
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch {
    return null
  }
}

/** What one process has itself seen of the beats of others. */
export interface BeatWatch {
  /** Looks at a beat. True when it has stood still for the time of a lease before this watcher's eyes. */
  standsStill(id: string, beat: number): boolean
  /** Forgets all others. */
  keepOnly(ids: ReadonlySet<string>): void
}

/** `now` counts milliseconds and never goes back, nor is it ever set. */
export function watchBeats(leaseMs: number, now: () => number = () => performance.now()): BeatWatch {
  const seen = new Map<string, { readonly beat: number; readonly since: number; lookedAt: number }>()
  return {
    standsStill(id, beat) {
      const at = now()
      const known = seen.get(id)
      // After a gap this process has slept or stood still, perhaps together with the other.
      if (known?.beat !== beat || at - known.lookedAt > leaseMs) {
        seen.set(id, { beat, since: at, lookedAt: at })
        return false
      }
      known.lookedAt = at
      return at - known.since >= leaseMs
    },
    keepOnly(ids) {
      for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id)
    },
  }
}
