import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { HAS_PROC } from './birth.ts'
import { DEATH_MAX_MS, POLL_FIRST_MS, POLL_MAX_MS } from './group.ts'

/** Stands in the environment of all processes of a command. */
export const MARK_VARIABLE = 'TROUPE_COMMAND'
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Of a machine with more processes, the rest is not looked at. */
const PROCESSES_MAX = 50_000

/** What tells the processes of one command from all others, wherever they went. */
export interface Mark {
  readonly id: string
  readonly variable: Readonly<Record<string, string>>
  readonly entry: Buffer
}

/** A mark that no other command has. */
export function markOf(id: string = randomUUID()): Mark {
  return { id, variable: { [MARK_VARIABLE]: id }, entry: Buffer.from(`${MARK_VARIABLE}=${id}\0`) }
}

/** The mark that somebody has written down; `null` for what none of ours looks like. */
export function markNamed(id: string): Mark | null {
  return ID.test(id) ? markOf(id) : null
}

/** Whether a process with this environment belongs to the command. */
export function bears(environment: Readonly<Record<string, string | undefined>>, { id }: Mark): boolean {
  return environment[MARK_VARIABLE] === id
}

/** Whether a process began with the mark, as far as the system shows that. */
export function isMarked(id: string | number, mark: Mark): boolean {
  return environmentOf(id)?.includes(mark.entry) ?? false
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

/** Kills what left the group, as far as its environment tells whose it is. True when none of it is left. */
export async function endMarked(mark: Mark): Promise<boolean> {
  const until = performance.now() + DEATH_MAX_MS
  for (let pauseMs = POLL_FIRST_MS; killMarked([mark]) > 0; pauseMs = Math.min(pauseMs * 2, POLL_MAX_MS)) {
    if (performance.now() >= until) return false
    await wait(pauseMs)
  }
  return true
}

/**
 * What a process began with; `null` where it is gone or another user's. One that ended and was not asked how
 * has none left.
 */
export function environmentOf(id: string | number): Buffer | null {
  try {
    return readFileSync(`/proc/${id}/environ`)
  } catch {
    return null
  }
}
