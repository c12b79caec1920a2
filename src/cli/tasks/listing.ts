import type { TaskView } from '../../protocol/task.ts'
import type { Slots } from '../terminal/amounts.ts'
import { backgroundLoad, withPlaces } from './background-load.ts'
import { bounded, type Selection, selected } from './selection.ts'
import { hasEnded } from './standing.ts'
import { shortIds } from './task-id.ts'
import type { Listing } from './task-table.ts'
import { treeOf } from './tree.ts'
import type { OpenWorkspace } from './workspace-runtime.ts'

const ENDED_SHOWN_MAX = 15

/** What there is to list. */
export interface Found {
  /** All tasks of the workspace. */
  readonly all: readonly TaskView[]
  /** Those that are asked for. */
  readonly tasks: readonly TaskView[]
  /** Those that wait for a person. */
  readonly asking: ReadonlySet<string>
  readonly slots: Slots
}

/** Looks which tasks there are, the oldest first. */
export async function findTasks({ runtime, elsewhere }: OpenWorkspace, selection: Selection): Promise<Found> {
  const all = withPlaces(await runtime.tasks())
  const isOpen = all.some((task) => !hasEnded(task))
  const requests = isOpen ? await runtime.approvals.all() : []
  const asking = new Set(requests.map(({ taskId }) => taskId))
  const slots = backgroundLoad(await elsewhere(), all)
  return { all, tasks: selected(all, selection, asking), asking, slots }
}

/** The tasks that were found, as they are shown: what has ended long ago only if all is asked for. */
export function listingOf(
  { all, tasks, asking, slots }: Found,
  { isAll, now }: { readonly isAll: boolean; readonly now: number },
): Listing {
  const shown = isAll ? tasks : bounded(tasks, ENDED_SHOWN_MAX)
  return {
    branches: treeOf(shown),
    shortIds: shortIds(all.map(({ id }) => id)),
    asking,
    slots,
    now,
    hiddenCount: tasks.length - shown.length,
  }
}
