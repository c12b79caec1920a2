import type { Entry, TaskEvent } from '../../protocol/journal.ts'
import type { TaskView } from '../../protocol/task.ts'
import { familyOf } from './family.ts'
import { type OpenSession, tellEvent } from './session.ts'

/** How often it is looked for tasks that were born meanwhile in another process. */
const LOOK_MS = 1_000

/** The last fact of each task that the view knows of. */
export type Known = Map<string, number>

/** Shows what has become of these tasks so far, without telling it again. */
export async function recalled(
  { runtime, view }: Pick<OpenSession, 'runtime' | 'view'>,
  tasks: readonly Pick<TaskView, 'id'>[],
): Promise<Known> {
  const known: Known = new Map()
  for (const { id } of tasks) {
    const entries = await runtime.journal(id)
    for (const entry of entries) view.recall(eventOf(entry))
    known.set(id, entries.at(-1)?.seq ?? 0)
  }
  return known
}

function eventOf({ taskId, seq, runId, fact }: Entry): TaskEvent {
  return { ...fact, taskId, seq, runId }
}

/**
 * Shows what another process does with tasks, and with those that are born for them meanwhile. Returns what
 * stops that.
 */
export function follow(session: OpenSession, rootId: string, known: Known): () => void {
  const { runtime, options, view } = session
  const followed = new Map<string, AsyncIterableIterator<TaskEvent>>()
  let isOver = false

  async function pump(id: string): Promise<void> {
    const events = runtime.events({ task: id, since: known.get(id) ?? 0, progress: true })
    followed.set(id, events)
    for await (const event of events) {
      if (isOver) return
      view.hear(event)
      if (options.format === 'stream-json') tellEvent(event, options)
    }
  }

  async function look(): Promise<void> {
    const family = familyOf(await runtime.tasks(), [rootId])
    for (const { id, heldBy } of family)
      if (heldBy === 'elsewhere' && !isOver && !followed.has(id)) pump(id).catch(quietly)
  }

  const timer = setInterval(() => void look().catch(quietly), LOOK_MS)
  void look().catch(quietly)
  return () => {
    isOver = true
    clearInterval(timer)
    for (const events of followed.values()) events.return?.().catch(quietly)
  }
}

/** What can't be shown is not missed: the outcome is told whatever the view knows. */
function quietly(): void {}
