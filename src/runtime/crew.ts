import { parseLayer } from '../boundary/layer.ts'
import { failure, RuntimeError, toFailure, UsageError } from '../errors.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import { nearest } from '../protocol/nearest.ts'
import type { Failure } from '../protocol/task.ts'
import type { Crew, CrewMember, Spawned, SpawnOrder } from '../tools/crew.ts'
import { admit, maySpawn } from './starting/admission.ts'
import type { Assembly } from './assembly.ts'
import { isCounted, type Member } from './members/member.ts'
import { statusOf, pathOf } from './result.ts'
import { enter } from './starting/start.ts'
import { cancel as cancelTree } from './wishes/verbs.ts'

/** What a task's model can do with other tasks. The assembly is there once a tool can be called. */
export function createCrew(assembly: () => Assembly): Crew {
  return {
    spawn: (parentId, order) => spawn(assembly(), parentId, order),
    descendants: (parentId) => descendants(assembly(), parentId),
    cancel: (parentId, taskId, reason) => cancel(assembly(), { parentId, taskId, reason }),
    capacity: () => assembly().supervisor.load(),
    deadline: (timeoutMs) => (timeoutMs === null ? null : assembly().host.clock.now() + timeoutMs),
  }
}

type Refused = { readonly refusal: Failure }

async function spawn(assembly: Assembly, parentId: string, order: SpawnOrder): Promise<Spawned | Refused> {
  const { members, supervisor, parts } = assembly
  const parent = members.get(parentId)
  if (!parent || assembly.closing)
    return refused('task/stopped', 'The task does not go on: it spawns nothing.')
  const taskId = order.key.replaceAll('/', '-')
  const wanted = order.background ?? parts.agents.get(order.agent)?.background ?? false
  // A parent that is about to move to the background takes along what it spawns now.
  const background = wanted || isCounted(parent) || supervisor.holds(parentId)
  const spawned = () => ({ taskId, background: wanted, ahead: supervisor.ahead(taskId) })
  // The same call again, after a crash: it was spawned then.
  if (members.get(taskId) || taskId in parent.actor.getSnapshot().context.children) {
    // The crash came before it was written that somebody waits in front of it.
    if (!wanted) members.await(taskId)
    return spawned()
  }
  // In another process, or with nobody: a second birth would only be refused.
  if (assembly.host.store.workplace && (await assembly.host.store.read(taskId)).length > 0) return spawned()
  const objection = objectionTo(assembly, parent, order)
  if (objection) return objection

  try {
    const { agent, message, title, permissions } = order
    const position = { parent: parent.spec, background }
    const names = parts.tools.map(({ name }) => name)
    // Read here, so that what is wrong with it is said in the words of the call.
    const boundary = permissions === undefined ? undefined : parseLayer(permissions, 'permissions', names)
    const { spec, model } = admit(taskId, { agent, message, title, boundary }, parts, position)
    const onBorn = (child: Member) => catchUp(parent, child)
    const [entered] = enter(assembly, [{ spec, model, output: null, isAwaited: !wanted, onBorn }])
    if (!entered || 'refusal' in entered) {
      const { code, message: why } = entered?.refusal ?? { code: 'task/stopped', message: '' }
      return { refusal: { code, message: why, retry: 'later' } }
    }
    await entered.begun
    return spawned()
  } catch (error) {
    // It was spawned before the crash, and lives in another process.
    if (RuntimeError.is(error) && error.code === 'task/duplicate-id') return spawned()
    return { refusal: UsageError.is(error) ? failure('tool/bad-input', error.message) : toFailure(error) }
  }
}

/** What happened to the parent while its child was being born happens to the child too. */
function catchUp({ spec, actor }: Member, { inbox }: Member): void {
  const { context, status } = actor.getSnapshot()
  const isEnded = status !== 'active' || ['cancelled', 'timedOut'].includes(context.ending?.status ?? '')
  // Whoever holds the parent together with its own parent lets go of both at once.
  const inherited = context.holders.filter((holder) => holder.startsWith('parent/'))
  const isHeldItself = context.holders.length > inherited.length
  const reason = `The task it worked for (${spec.id}) was ended.`
  // Refused means that the child is lost, which has been said by then.
  if (isEnded) inbox.post({ type: 'task.cancelAsked', reason }).catch(() => {})
  else
    for (const by of [...inherited, ...(isHeldItself ? [`parent/${spec.id}`] : [])])
      inbox.post({ type: 'task.pauseAsked', by }).catch(() => {})
}

function objectionTo({ parts, members }: Assembly, parent: Member, order: SpawnOrder): Refused | null {
  const { spec, actor } = parent
  const own = parts.agents.get(spec.agent)
  const names = [...parts.agents.keys()]
  const wanted = parts.agents.get(order.agent)
  const allowed = names.filter((name) => own && maySpawn(own, name))
  const there = `There are: ${allowed.join(', ')}.`
  if (!wanted) {
    const meant = nearest(order.agent, allowed)
    const guess = meant ? ` Did you mean "${meant}"?` : ''
    return refused('task/no-agent', `There is no agent "${order.agent}".${guess} ${there}`)
  }
  if (!own || !maySpawn(own, order.agent))
    return refused('task/may-not-spawn', `You may not have "${order.agent}" work for you. ${there}`)
  if (spec.depth >= DEFAULTS.depth)
    return refused('limit/depth', `Tasks may spawn tasks ${DEFAULTS.depth} deep, and you are that deep down.`)
  const { children } = actor.getSnapshot().context
  const live = members.below(spec.id).filter((it) => it.spec.parent === spec.id && !(it.spec.id in children))
  if (Object.keys(children).length + live.length >= DEFAULTS.children)
    return refused(
      'limit/children',
      `You have had ${DEFAULTS.children} tasks work for you, which is the limit.`,
    )
  return null
}

function refused(code: Parameters<typeof failure>[0], message: string): Refused {
  return { refusal: failure(code, message) }
}

function descendants({ members, supervisor }: Assembly, parentId: string): readonly CrewMember[] {
  const parent = members.get(parentId)
  const { children = {} } = parent?.actor.getSnapshot().context ?? {}
  const ended = members.endedFor(parentId).map(
    (it): CrewMember => ({
      ...it,
      parent: parentId,
      ahead: null,
      hasEnded: true,
      isTold: children[it.taskId] === 'told',
    }),
  )
  const living = members
    .below(parentId)
    .filter(({ spec }) => !(spec.id in children))
    .map(({ spec, actor, tally }): CrewMember => {
      const snapshot = actor.getSnapshot()
      return {
        taskId: spec.id,
        parent: spec.parent ?? '',
        agent: spec.agent,
        title: spec.title,
        status: statusOf(pathOf(snapshot.value)),
        background: snapshot.context.isBackground,
        ahead: supervisor.ahead(spec.id),
        turns: tally.turns,
        hasEnded: false,
        isTold: false,
      }
    })
  return [...ended, ...living]
}

interface Cancelling {
  readonly parentId: string
  readonly taskId: string
  readonly reason: string
}

async function cancel(assembly: Assembly, { parentId, taskId, reason }: Cancelling): Promise<null | Failure> {
  const { members } = assembly
  const member = members.below(parentId).find(({ spec }) => spec.id === taskId)
  if (!member) {
    const hasEnded = members.endedFor(parentId).some((it) => it.taskId === taskId)
    if (!hasEnded) return failure('task/no-such-task', `No task "${taskId}" works for you.`)
  }
  try {
    await cancelTree(assembly, taskId, reason)
    return null
  } catch (error) {
    return toFailure(error)
  }
}
