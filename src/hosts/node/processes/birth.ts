import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The system shows its processes as files. */
export const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/stat')
const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/** Where in `stat`, counted from the state on, stands when a process began, in ticks since the boot. */
const START_TICKS = 19
const PS_MS_MAX = 10_000

/** When a process began, where that can't be found out. Nothing is ever taken for the same by it. */
export const UNKNOWN_BIRTH = 'unknown'

/** What the system says of a process, from its state on; nothing when it has ended and was asked how. */
export function statOf(id: string | number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    // The name of the program stands in parentheses and may hold anything, also spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/**
 * When a process began, so that no other of its number has the same; `null` when there is none. On Linux
 * `<boot>:<ticks since the boot>`, to a hundredth of a second; elsewhere what `ps` says, to a second.
 */
export async function birthOf(id: number): Promise<string | null> {
  if (!HAS_PROC) return birthByPs(id)
  const ticks = statOf(id)[START_TICKS]
  return ticks === undefined ? null : `${bootId()}:${ticks}`
}

function bootId(): string {
  return readFileSync(BOOT_ID, 'utf8').trim()
}

/** What `ps` says of when a process began; `null` when there is none. */
export function birthByPs(id: number): Promise<string | null> {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' }
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(id)], { env, timeout: PS_MS_MAX }, (error, text) => {
      const birth = text.trim().replace(/\s+/g, ' ')
      // Where there is no such process, `ps` ends with 1 and says nothing. Any other end tells nothing.
      if (birth !== '') resolve(birth)
      else resolve(error === null || error.code === 1 ? null : UNKNOWN_BIRTH)
    })
  })
}
