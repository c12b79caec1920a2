import { codeRunBy } from './known/code-runners.ts'
import type { JudgedPart } from './parts.ts'

/**
 * The parts of a line in the light of those in front of them. What they name was looked up before the line
 * runs: a command that may put a link there first makes it unknown. One that runs code could do the same by
 * itself.
 */
export function inOrder(parts: readonly JudgedPart[]): readonly JudgedPart[] {
  const first = parts.findIndex(mayMakeLinks)
  if (first < 0) return parts
  return parts.map((part, index) => (index > first && isMovable(part) ? moved(part) : part))
}

function mayMakeLinks({ kind, leaves }: JudgedPart): boolean {
  if (kind !== 'other') return false
  return leaves.some(({ words, isWrapper }) => {
    const values = words.flatMap(({ value }) => value ?? [])
    return !isWrapper && !(values.length === words.length && codeRunBy(values) !== null)
  })
}

/** What it writes may be made a link before, and so may what is not there yet and is read. */
function isMovable({ kind, reads, writes, redirected }: JudgedPart): boolean {
  if (kind === 'other') return false
  const isAbsent = reads.some(({ place }) => place !== 'outside' && place.kind === 'absent')
  return isAbsent || writes.length + redirected.length > 0
}

function moved(part: JudgedPart): JudgedPart {
  return { ...part, kind: 'other', why: 'a command in front of it may change where its files lead' }
}
