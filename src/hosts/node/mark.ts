import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/environ')
const NAME = 'TROUPE_COMMAND'
/** Of a machine with more processes, the rest is not looked at. */
const PROCESSES_MAX = 50_000

/** What tells the processes of one command from all others, wherever they went. */
export interface Mark {
  readonly variable: Readonly<Record<string, string>>
  readonly entry: Buffer
}

/** A mark that no other command has. */
export function markOf(): Mark {
  const id = randomUUID()
  return { variable: { [NAME]: id }, entry: Buffer.from(`${NAME}=${id}\0`) }
}

/** Kills every process that began with one of the marks, and says how many there were. */
export function killMarked(marks: readonly Mark[]): number {
  if (!HAS_PROC || marks.length === 0) return 0
  let count = 0
  for (const entry of readdirSync('/proc').slice(-PROCESSES_MAX)) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue
    const environment = environmentOf(entry)
    if (!marks.some((mark) => environment?.includes(mark.entry))) continue
    try {
      process.kill(Number(entry), 'SIGKILL')
      count += 1
    } catch {
      // It has ended since, or runs as another user by now.
    }
  }
  return count
}

/** `null` where the process is gone or another user's. One that ended and was not asked how has none left. */
function environmentOf(id: string): Buffer | null {
  try {
    return readFileSync(`/proc/${id}/environ`)
  } catch {
    return null
  }
}
