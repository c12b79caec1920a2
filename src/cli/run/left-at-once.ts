import type { TaskRow } from '../terminal/task-row.ts'
import { typed } from './ending.ts'
import { topsOf } from './family.ts'
import type { Place } from './session.ts'

/** What to type next when the command is left before its tasks came to rest; `null`: nothing goes on. */
export function leftWords(rows: readonly TaskRow[], place: Place | null): string | null {
  if (!place?.isKept) return null
  const [first, ...more] = topsOf(rows.filter(({ endedAt }) => endedAt === null))
  if (!first) return null
  return `Left at once. Go on with it: ${typed(more.length === 0 ? `resume ${first.id}` : 'resume --all', place)}`
}
