/** What is forgotten: whole trees that have ended, the oldest first, and nothing anybody may still need. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TaskRecord } from '../../../src/host.ts'
import { toForget } from '../../../src/hosts/keeping/retention.ts'

const DAY_MS = 24 * 3_600_000
const NOW = 1_000 * DAY_MS

interface Made {
  readonly id: string
  readonly parent?: string | null
  /** Days ago; `null`: it has not ended. Absent: nobody kept when. */
  readonly ended?: number | null
}

function record({ id, parent = null, ended }: Made): TaskRecord {
  const hasView = typeof ended === 'number'
  const view = hasView ? { createdAt: NOW - ended * DAY_MS - 5, durationMs: 5 } : null
  return { spec: { id, parent }, hasEnded: ended !== null, heldBy: 'nobody', view } as TaskRecord
}

const forgotten = (tasks: readonly Made[], limits = { tasks: 1_000, days: 30 }) =>
  toForget(tasks.map(record), NOW, limits)

describe('toForget', () => {
  it('forgets what ended longer ago than the days, and keeps the rest', () => {
    expect(
      forgotten([
        { id: 'a', ended: 31 },
        { id: 'b', ended: 30 },
        { id: 'c', ended: 0 },
      ]),
    ).toEqual(['a'])
  })

  it('forgets the oldest ends first when there are more than the number, whenever they began', () => {
    const tasks = [
      { id: 'slow', ended: 1 },
      { id: 'old', ended: 9 },
      { id: 'new', ended: 2 },
    ]
    expect(forgotten(tasks, { tasks: 2, days: 30 })).toEqual(['old'])
    expect(forgotten(tasks, { tasks: 1, days: 30 })).toEqual(['old', 'new'])
    expect(forgotten(tasks, { tasks: 3, days: 30 })).toEqual([])
  })

  it('forgets trees whole, and only when all of them have ended and the last of them long ago', () => {
    const tree = (child: number | null) => [
      { id: 'root', ended: 50 },
      { id: 'child', parent: 'root', ended: child },
      { id: 'grandchild', parent: 'child', ended: 60 },
    ]
    expect(forgotten(tree(40))).toEqual(['root', 'child', 'grandchild'])
    expect(forgotten(tree(20))).toEqual([])
    expect(forgotten(tree(null))).toEqual([])
    expect(forgotten(tree(null), { tasks: 1, days: 1 })).toEqual([])
  })

  it('keeps a child of which its parent has not read the report', () => {
    const tasks = [
      { id: 'root', ended: null },
      { id: 'child', parent: 'root', ended: 90 },
    ]
    expect(forgotten(tasks, { tasks: 1, days: 1 })).toEqual([])
  })

  it('counts as just ended what nobody kept the end of', () => {
    const tasks = [{ id: 'unknown' }, { id: 'known', ended: 3 }]
    expect(forgotten(tasks)).toEqual([])
    expect(forgotten(tasks, { tasks: 1, days: 30 })).toEqual(['known'])
  })

  it('a task whose parent was forgotten before stands alone', () => {
    expect(forgotten([{ id: 'orphan', parent: 'gone', ended: 31 }])).toEqual(['orphan'])
  })

  it('whatever there is: nothing that has not ended, no part of a tree, and no more than needed', () => {
    const task = fc.record({
      up: fc.nat({ max: 8 }),
      ended: fc.option(fc.nat({ max: 60 }), { nil: null }),
    })
    const some = fc.array(task, { maxLength: 40 }).map((made) =>
      made.map(({ up, ended }, at): Made => {
        const parent = up === 0 || up > at ? null : `t${at - up}`
        return { id: `t${at}`, parent, ended }
      }),
    )
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 20 }), (tasks, max) => {
        const inOrder = forgotten(tasks, { tasks: max, days: 30 })
        const gone = new Set(inOrder)
        const rootOf = (it: Made): string => {
          const parent = tasks.find(({ id }) => id === it.parent)
          return parent ? rootOf(parent) : it.id
        }
        const roots = new Set(tasks.map(rootOf))
        const trees = [...roots].map((root) => tasks.filter((it) => rootOf(it) === root))
        const count = (some: readonly Made[]) => some.filter(({ ended }) => ended !== null).length
        const left = count(tasks.filter(({ id }) => !gone.has(id)))
        const hasEnded = (tree: readonly Made[]) => count(tree) === tree.length
        const isOld = (tree: readonly Made[]) => tree.every(({ ended }) => (ended ?? 0) > 30)
        for (const tree of trees) {
          const isGone = tree.filter(({ id }) => gone.has(id)).length
          expect([0, tree.length]).toContain(isGone)
          if (isGone > 0) expect(hasEnded(tree)).toBe(true)
          // What could be forgotten and stays is neither too old nor too much.
          else if (hasEnded(tree)) expect(isOld(tree) || left > max).toBe(false)
        }
        // The last to go need not have gone, had there been room for it.
        const last = trees.find((tree) => tree.some(({ id }) => id === inOrder.at(-1))) ?? []
        if (last.length > 0) expect(isOld(last) || left + last.length > max).toBe(true)
      }),
    )
  })
})
