import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { systemCode } from './node-paths.ts'

const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/stat')

/** Sends a signal to every process of a group. A group that is gone has nothing to hear. */
export function killGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    // EPERM: some process of it runs as another user. The others have heard.
    if (systemCode(error) !== 'ESRCH' && systemCode(error) !== 'EPERM') throw error
  }
}

/** Whether a process of the group still runs. One that has ended and was never asked how does not count. */
export function groupIsAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  return HAS_PROC ? readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && isLivingMember(entry, group)) : true
}

function isLivingMember(process: string, group: number): boolean {
  let stat: string
  try {
    stat = readFileSync(`/proc/${process}/stat`, 'utf8')
  } catch {
    // It ended while we looked.
    return false
  }
  // The name of the program stands in parentheses and may hold anything, also spaces and parentheses.
  const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(processGroup) === group && state !== 'Z' && state !== 'X'
}
