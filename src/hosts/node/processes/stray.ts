import type { ProcessMark } from '../../../protocol/journal.ts'
import { birthOf, HAS_PROC, UNKNOWN_BIRTH } from './birth.ts'
import { endGroup, groupIsAlive, livingMembers } from './group.ts'
import { bears, endMarked, isMarked, markNamed } from './mark.ts'

/** Whose the group with that number is. */
type Owner = 'its' | 'another' | 'unclear'

interface Surroundings {
  /** Of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly termGraceMs: number
}

/**
 * Ends what still lives of a group that a process left behind which is dead by now. False when some of it
 * could not be ended, and when nobody can say whose it is.
 */
export async function endStray(stray: ProcessMark, surroundings: Surroundings): Promise<boolean> {
  const { group } = stray
  if (process.platform === 'win32' || !isGroupNumber(group)) return true
  const mark = markNamed(stray.mark)
  // Troupe was started by that very command, and can't end itself.
  if (mark && bears(surroundings.environment, mark)) return false

  const owner = await ownerOf(stray)
  if (owner === 'unclear') return false
  const isDead = owner === 'another' || (await endGroup(group, surroundings.termGraceMs))
  return (mark === null || (await endMarked(mark))) && isDead
}

/** What is written down may be anything, and some numbers mean every process of the user. */
export function isGroupNumber(group: number): boolean {
  return Number.isSafeInteger(group) && group > 1
}

/**
 * A number is not given away while any process is in the group, so the leader tells, and when that is gone,
 * any other of the group. Where the system doesn't show environments, nobody can tell then.
 */
async function ownerOf({ group, startedAt, mark: id }: ProcessMark): Promise<Owner> {
  const birth = await birthOf(group)
  if (birth !== null && birth !== UNKNOWN_BIRTH && startedAt !== UNKNOWN_BIRTH)
    return birth === startedAt ? 'its' : 'another'
  if (!HAS_PROC) return groupIsAlive(group) ? 'unclear' : 'another'
  const mark = markNamed(id)
  return mark && livingMembers(group).some((member) => isMarked(member.id, mark)) ? 'its' : 'another'
}
