import { asksGit, decide, pathsOf } from '../../boundary/decide.ts'
import { toFailure } from '../../errors.ts'
import type { Chance, Files } from '../../host.ts'
import {
  type Access,
  type Action,
  denialInWords,
  type Policy,
  type Verdict,
} from '../../protocol/boundary.ts'
import type { Call } from '../../protocol/model.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import type { PreparedCall } from '../../tools/tool.ts'
import { markOf, type Shown } from '../open-requests.ts'
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

/** Everything of a call that is put before a person who is asked, and why they are. */
export function shownIn(call: Call, { question, access }: PreparedCall, why: string): Shown {
  if (question) return { kind: 'question', ...question }
  return { kind: 'approval', call, action: actionOf(call, access), why }
}

interface Ordered {
  readonly order: CallOrder
  readonly prepared: PreparedCall
  readonly chance: Chance
}

/**
 * Why a call may not run after all. A person's yes holds for what they were shown, not for what it has
 * become.
 */
export function refusalOf(judged: Verdict, { order, prepared, chance }: Ordered): string | null {
  const { call, askedFor, shown, isApproved } = order
  const { verdict, why } = judged
  if (verdict === 'deny' || (verdict === 'ask' && !isApproved)) return denialInWords(judged)
  if (!isApproved) return null
  // What nobody has to be asked for any more is still what was asked for.
  const reason = verdict === 'ask' ? why : (askedFor ?? '')
  if (markOf(shownIn(call, prepared, reason), chance) === shown) return null
  const what = reason === askedFor ? 'What it would touch has changed.' : reason
  return `It is no longer what was approved: ${what}`
}
