import type { Action } from '../protocol/boundary.ts'
import { ESSENTIAL_TOOLS } from '../protocol/names.ts'

/** Tools that do the same thing in different ways: whoever is denied one is denied all of a row. */
export const WRITE_TOOLS: readonly string[] = ['write_file', 'edit_file', 'apply_patch']
export const READ_TOOLS: readonly string[] = ['read_file', 'search_files']
export const LIST_TOOLS: readonly string[] = ['list_files']
export const COMMAND_TOOLS: readonly string[] = ['execute_command']

/** Whether a call touches nothing outside its own task. */
export function isInner({ access }: Action): boolean {
  return (
    access?.isInner === true &&
    access.reads.length === 0 &&
    access.writes.length === 0 &&
    access.command === null
  )
}

/** Whether a tool can't be taken away. Only as long as it touches nothing but its own task. */
export function isNeeded(action: Action): boolean {
  return ESSENTIAL_TOOLS.includes(action.tool) && (action.access === null || isInner(action))
}

/**
 * Whether naming these tools reaches a call: by its tool's name, or because it does what one of them
 * does.
 */
export function reaches(names: readonly string[], action: Action): boolean {
  if (names.includes(action.tool)) return true
  const { reads = [], writes = [], command = null } = action.access ?? {}
  if (names.some(isOf(WRITE_TOOLS)) && (isOf(WRITE_TOOLS)(action.tool) || writes.length > 0)) return true
  if (names.some(isOf(COMMAND_TOOLS)) && (isOf(COMMAND_TOOLS)(action.tool) || command !== null)) return true
  const onlyReads =
    reads.length > 0 && writes.length === 0 && command === null && !isOf(LIST_TOOLS)(action.tool)
  return names.some(isOf(READ_TOOLS)) && (isOf(READ_TOOLS)(action.tool) || onlyReads)
}

export function isOf(tools: readonly string[]): (tool: string) => boolean {
  return (tool) => tools.includes(tool)
}
