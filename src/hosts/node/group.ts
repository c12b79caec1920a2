import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { systemCode } from './paths.ts'

const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/stat')
const GONE = /^[ZX]$/

type Signal = 'SIGTERM' | 'SIGKILL'

/**
 * Sends a signal to every process of a group and, where the system tells, to those of its session that
 * `set -m` put into groups of their own. A group that is gone has nothing to hear.
 */
export function killGroup(group: number, signal: Signal): void {
  kill(-group, signal)
  for (const { id, isInGroup } of HAS_PROC ? livingMembers(group) : []) if (!isInGroup) kill(id, signal)
}

function kill(target: number, signal: Signal): void {
  try {
    process.kill(target, signal)
  } catch (error) {
    // EPERM: some process of it runs as another user. The others have heard.
    if (systemCode(error) !== 'ESRCH' && systemCode(error) !== 'EPERM') throw error
  }
}

/** Whether a process of the group still runs. One that has ended and was never asked how does not count. */
export function groupIsAlive(group: number): boolean {
  if (HAS_PROC) return livingMembers(group).length > 0
  try {
    process.kill(-group, 0)
    return true
  } catch (error) {
    return systemCode(error) !== 'ESRCH'
  }
}

function livingMembers(group: number): readonly { id: number; isInGroup: boolean }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    const [state = 'X', , processGroup, session] = statOf(entry)
    const isInGroup = Number(processGroup) === group
    return !GONE.test(state) && (isInGroup || Number(session) === group)
      ? [{ id: Number(entry), isInGroup }]
      : []
  })
}

/** What the system says of a process, from its state on; nothing when it ended while we looked. */
function statOf(id: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    // The name of the program stands in parentheses and may hold anything, also spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
