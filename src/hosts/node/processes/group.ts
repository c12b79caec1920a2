import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { HAS_PROC, statOf } from './birth.ts'
import { systemCode } from '../paths.ts'

export const POLL_FIRST_MS = 2
export const POLL_MAX_MS = 50
/** A killed process that is still there after this is held by the system, or is another user's. */
export const DEATH_MAX_MS = 30_000
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

/** Asks the group to end, then kills it. True when it is dead. */
export async function endGroup(group: number, termGraceMs: number): Promise<boolean> {
  killGroup(group, 'SIGTERM')
  if (await isDeadWithin(group, termGraceMs)) return true
  killGroup(group, 'SIGKILL')
  return isDeadWithin(group, DEATH_MAX_MS)
}

async function isDeadWithin(group: number, ms: number): Promise<boolean> {
  const until = performance.now() + ms
  for (let pauseMs = POLL_FIRST_MS; groupIsAlive(group); pauseMs = Math.min(pauseMs * 2, POLL_MAX_MS)) {
    if (performance.now() >= until) return false
    await wait(pauseMs)
  }
  return true
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

/** The processes of a group and of its session that still run. Only where the system shows its processes. */
export function livingMembers(group: number): readonly { id: number; isInGroup: boolean }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    const [state = 'X', , processGroup, session] = statOf(entry)
    const isInGroup = Number(processGroup) === group
    return !GONE.test(state) && (isInGroup || Number(session) === group)
      ? [{ id: Number(entry), isInGroup }]
      : []
  })
}
