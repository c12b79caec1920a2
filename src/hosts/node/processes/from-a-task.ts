import { readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { HAS_PROC, statOf } from './birth.ts'
import { environmentOf, MARK_VARIABLE } from './mark.ts'

/** Where a command is run. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The directory in which the workspace's tasks are kept: whoever has a file of it open works on them. */
  readonly state?: string
  /** Processes that are known to hold tasks of the workspace, or to lead the group of a task's command. */
  readonly holders?: readonly number[]
}

/** No honest process has more above it. */
const ANCESTORS_MAX = 1_000
/** Of a process that has more files open, the others are not looked at. */
const OPEN_FILES_MAX = 10_000
/** Where in `stat`, counted from the state on, stand the parent, the group and the session. */
const PARENT = 1
const LEADERS = [2, 3]

/**
 * Whether a task has started this process. What such a process changes in its own environment does not help
 * it where the system shows the processes above it: what they began with, and that they hold tasks. One that
 * has left them, its group and its session is not known any more.
 */
export function isFromATask({ environment, state, holders }: Surroundings): boolean {
  const above = ancestors()
  const about = [...above, ...leaders()]
  return (
    environment[MARK_VARIABLE] !== undefined ||
    about.some((id) => holders?.includes(id)) ||
    about.some(isMarked) ||
    (state !== undefined && above.some((id) => hasOpen(id, state)))
  )
}

/** The parent, its parent, and so on, as far as the system shows them. */
function ancestors(): readonly number[] {
  if (!HAS_PROC) return [process.ppid]
  const found: number[] = []
  for (let id = process.ppid; id > 0 && found.length < ANCESTORS_MAX; id = Number(statOf(id)[PARENT] ?? 0))
    found.push(id)
  return found
}

/** One whose parent has ended has another one by now, but is still in its group and its session. */
function leaders(): readonly number[] {
  const stat = HAS_PROC ? statOf('self') : []
  return LEADERS.map((place) => Number(stat[place] ?? 0)).filter((id) => id > 0 && id !== process.pid)
}

function isMarked(id: number): boolean {
  const began = HAS_PROC ? environmentOf(id)?.toString('latin1').split('\0') : null
  return began?.some((entry) => entry.startsWith(`${MARK_VARIABLE}=`)) ?? false
}

/** Whether a process has a file of the directory open. Another user's shows nothing. */
function hasOpen(id: number, directory: string): boolean {
  if (!HAS_PROC) return false
  try {
    const inside = `${realpathSync(directory)}${sep}`
    const files = readdirSync(`/proc/${id}/fd`).slice(0, OPEN_FILES_MAX)
    return files.some((file) => linkOf(`/proc/${id}/fd/${file}`).startsWith(inside))
  } catch {
    return false
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // It was closed meanwhile.
    return ''
  }
}

/**
 * Whether a task of the workspace has started this process: it bears the mark of a command, and above it
 * stands who works on the tasks that are kept in `state`.
 */
export function isFromTaskIn(state: string, environment: Surroundings['environment']): boolean {
  const about = [...ancestors(), ...leaders()]
  const bearsMark = environment[MARK_VARIABLE] !== undefined || about.some(isMarked)
  return bearsMark && about.some((id) => hasOpen(id, state))
}
