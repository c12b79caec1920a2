import type { OpenRequest } from '../../actors/open-requests.ts'
import { openRequestsIn } from './approvals.ts'
import type { Assembly } from '../assembly.ts'

/**
 * What waits for a person in the whole workspace: in tasks here, in other processes, and in those of none.
 */
export async function allRequests({ host, members, requests }: Assembly): Promise<readonly OpenRequest[]> {
  const records = await host.store.tasks('unfinished')
  const away = records.filter(({ spec }) => !members.get(spec.id))
  const specs = new Map(records.map(({ spec }) => [spec.id, spec]))
  const specOf = (taskId: string) => specs.get(taskId) ?? null
  const found: OpenRequest[] = [...requests.list()]
  // One after the other: a journal may be long, and all of them at once need not be in memory.
  for (const { spec } of away) {
    // One that can't be read is told by `tasks`; the others are asked for all the same.
    const entries = await host.store.read(spec.id).catch(() => [])
    found.push(...openRequestsIn(entries, specOf))
  }
  return found
}
