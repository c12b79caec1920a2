import { asksGit, decide, pathsOf } from '../../boundary/decide.ts'
import { toFailure } from '../../errors.ts'
import type { Files } from '../../host.ts'
import type { Access, Action, Policy, Verdict } from '../../protocol/boundary.ts'
import type { Call } from '../../protocol/model.ts'
import type { LiveTasks } from './live-tasks.ts'
import { lookAtRepository, placeOf } from './look-at-repository.ts'

/**
 * Whether a call may run, by its task's boundary and the user's policy, looked at now. Contract: never
 * rejects.
 */
export type Judge = (taskId: string, call: Call, access: Access | null) => Promise<Verdict>

export function createJudge(tasks: LiveTasks, files: Files, policy: Policy): Judge {
  return async (taskId, call, access) => {
    const action = actionOf(call, access)
    try {
      const places = await Promise.all(
        pathsOf(action).map(async (path) => [path, await placeOf(files, path)] as const),
      )
      const repository = asksGit(action) ? await lookAtRepository(files) : null
      const { boundary } = tasks.spec(taskId)
      const own = { root: files.root, ...files.kept }
      return decide({ boundary, policy, action, places: new Map(places), repository, own })
    } catch (error) {
      // What cannot be looked at cannot be allowed.
      return { verdict: 'deny', layer: 'host', rule: 'unreadable', why: toFailure(error).message }
    }
  }
}

export function actionOf({ tool, effect }: Call, access: Access | null): Action {
  return { tool, effect, access }
}
