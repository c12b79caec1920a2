import type { TaskRecord } from '../../host.ts'

/** How much of what has ended is kept. */
export interface Retention {
  readonly tasks: number
  readonly days: number
}

const DAY_MS = 24 * 3_600_000

/** A task with all that worked for it, of which nothing goes on. */
interface Tree {
  readonly ids: readonly string[]
  /** When the last of it ended. */
  readonly endedAt: number
}

/**
 * The tasks that are to be forgotten: whole trees of ended tasks, the oldest first. What has not ended stays,
 * and whatever works for it or that it works for. Contract: `records` are the oldest first.
 */
export function toForget(
  records: readonly TaskRecord[],
  now: number,
  { tasks, days }: Retention,
): readonly string[] {
  const over = endedTrees(records, now).toSorted((a, b) => a.endedAt - b.endedAt)
  let excess = records.filter(({ hasEnded }) => hasEnded).length - tasks
  const forgotten: string[] = []
  for (const { ids, endedAt } of over) {
    if (excess <= 0 && now - endedAt <= days * DAY_MS) break
    forgotten.push(...ids)
    excess -= ids.length
  }
  return forgotten
}

function endedTrees(records: readonly TaskRecord[], now: number): readonly Tree[] {
  const rootOf = new Map<string, string>()
  const trees = new Map<string, TaskRecord[]>()
  for (const record of records) {
    const { id, parent } = record.spec
    // A task is younger than its parent; one whose parent is not there stands alone.
    const root = (parent === null ? undefined : rootOf.get(parent)) ?? id
    rootOf.set(id, root)
    const tree = trees.get(root)
    if (tree) tree.push(record)
    else trees.set(root, [record])
  }
  return [...trees.values()]
    .filter((tree) => tree.every(({ hasEnded }) => hasEnded))
    .map((tree) => ({
      ids: tree.map(({ spec }) => spec.id),
      endedAt: Math.max(...tree.map((record) => endOf(record, now))),
    }))
}

/** A task of which it is not known when it ended is no older than one that just has. */
function endOf({ view }: TaskRecord, now: number): number {
  return view === null ? now : view.createdAt + view.durationMs
}
