import type { TaskView } from '../../protocol/task.ts'
import { hasEnded } from './standing.ts'

/** A task, and the twigs of the tree that stand before its title. */
export interface Branch {
  readonly task: TaskView
  readonly twigs: string
}

/** What works in the background hangs loosely. */
const LOOSE = '┄'
const FIRM = '─'

/**
 * The tasks as a tree, children under their parents: families in which something has not ended first, the
 * oldest of them first; then what is over, the newest first.
 */
export function treeOf(tasks: readonly TaskView[]): readonly Branch[] {
  const ids = new Set(tasks.map(({ id }) => id))
  const byParent = new Map<string | null, TaskView[]>()
  for (const task of tasks) {
    const key = task.parent !== null && ids.has(task.parent) ? task.parent : null
    const siblings = byParent.get(key)
    if (siblings) siblings.push(task)
    else byParent.set(key, [task])
  }
  const childrenOf = ({ id }: TaskView) => byParent.get(id) ?? []
  const families = (byParent.get(null) ?? []).map((root) => familyOf(root, childrenOf))
  const open = families.filter(({ isOpen }) => isOpen)
  const over = families.filter(({ isOpen }) => !isOpen).toSorted((a, b) => b.endAt - a.endAt)
  return [...open, ...over].flatMap(({ branches }) => branches)
}

interface Family {
  readonly branches: readonly Branch[]
  readonly isOpen: boolean
  readonly endAt: number
}

function familyOf(root: TaskView, childrenOf: (task: TaskView) => readonly TaskView[]): Family {
  const branches: Branch[] = []
  const add = (task: TaskView, head: string, body: string): void => {
    branches.push({ task, twigs: head })
    const children = childrenOf(task)
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1
      const twig = child.background ? LOOSE : FIRM
      add(child, `${body}${isLast ? '└' : '├'}${twig} `, `${body}${isLast ? '   ' : '│  '}`)
    }
  }
  add(root, '', '')
  return {
    branches,
    isOpen: branches.some(({ task }) => !hasEnded(task)),
    endAt: Math.max(...branches.map(({ task }) => task.createdAt + task.durationMs)),
  }
}
