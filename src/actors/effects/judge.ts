import { asksGit, decide, type Decision, globsOf, pathsOf } from '../../boundary/decide.ts'
import type { KnownPlace } from '../../boundary/files/places.ts'
import { readable } from '../../boundary/files/readable.ts'
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
import type { TaskSpec } from '../../protocol/task.ts'
import type { PreparedCall, ToolContext } from '../../tools/tool.ts'
import { markOf, type Shown } from '../open-requests.ts'
import type { LiveTasks } from './live-tasks.ts'
import { lookAtRepository, placeOf } from './look-at-repository.ts'

/** What a task's boundary and the user's policy say. */
export interface Judge {
  /** Whether a call may run, looked at now. Contract: never rejects. */
  verdict(taskId: string, call: Call, access: Access | null): Promise<Judged>
  /** Which files a task that goes through a directory may be shown, by their real path. */
  mayRead(taskId: string): ToolContext['mayRead']
}

/** A verdict, and where the paths of the call led when it was given. */
export interface Judged extends Pick<ToolContext, 'judgedAt'> {
  readonly verdict: Verdict
}

/** No path in the workspace: what was judged as outside is opened nowhere inside. */
const OUTSIDE = '..'

/** By whose rules it is judged, and whether commands run by the bash that they are judged for. */
export type Rules = Pick<Standing, 'policy' | 'hasBash'>

export function createJudge(tasks: LiveTasks, files: Files, { policy, hasBash }: Rules): Judge {
  return {
    async verdict(taskId, call, access) {
      try {
        const standing = { task: standingOf(tasks, taskId), policy, files, hasBash }
        const decision = await decisionOn(actionOf(call, access), standing)
        return { verdict: decide(decision), judgedAt: (given) => realPathOf(decision.places.get(given)) }
      } catch (error) {
        return { verdict: unseen(error), judgedAt: () => null }
      }
    },
    mayRead(taskId) {
      // Few calls go through a directory, and for the others no pattern is read.
      let read: ReturnType<typeof readable> | null = null
      return (path, isHardLinked) =>
        (read ??= readable(tasks.spec(taskId).boundary, policy))(path, isHardLinked)
    },
  }
}

function realPathOf(place: KnownPlace | 'outside' | undefined): string | null {
  if (place === undefined) return null
  return place === 'outside' ? OUTSIDE : place.path
}

/** A task that has moved to the background has nobody in front of it any more. */
function standingOf(tasks: LiveTasks, taskId: string): Standing['task'] {
  return { boundary: tasks.spec(taskId).boundary, background: tasks.isBackground(taskId) }
}

/** What a call is judged by, besides what it is. */
export interface Standing {
  readonly task: Pick<TaskSpec, 'boundary' | 'background'>
  readonly policy: Policy
  readonly files: Files
  readonly hasBash: boolean
}

/** A call with all that has a say in it, looked up now. Rejects when something cannot be looked at. */
export async function decisionOn(
  action: Action,
  { task, policy, files, hasBash }: Standing,
): Promise<Decision> {
  const links = new Map(
    await Promise.all(
      globsOf(action).map(async (path) => [path, (await files.links?.(path)) ?? null] as const),
    ),
  )
  const places = await Promise.all(
    pathsOf(action, links).map(async (path) => [path, await placeOf(files, path)] as const),
  )
  return {
    boundary: task.boundary,
    isBackground: task.background,
    policy,
    action,
    places: new Map(places),
    links,
    repository: asksGit(action) ? await lookAtRepository(files) : null,
    own: { root: files.root, ...files.kept },
    hasBash,
  }
}

/** What cannot be looked at cannot be allowed. */
export function unseen(error: unknown): Verdict {
  return { verdict: 'deny', layer: 'host', rule: 'unreadable', why: toFailure(error).message }
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
