import { RuntimeError, UsageError } from '../../errors.ts'
import type { TaskView } from '../../protocol/task.ts'
import type { Runtime } from '../../runtime.ts'
import { safeLine } from '../safe-text.ts'

type Named = Pick<TaskView, 'id' | 'agent' | 'title'>

/** Ids that the runtime makes begin with their time, so what tells them apart soonest is their end. */
const SHORT_CHARACTERS_MIN = 6
const GIVEN_CHARACTERS_MIN = 2
const LISTED_MAX = 10
/** Those of tasks that another one started are its id, and the call that they were asked for by. */
const MADE = /^(t_[0-9a-hjkmnp-z]{25})((?:-[\d.]+)*)$/

/** The shortest endings by which tasks can be told apart, and asked for. */
export function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const bases = new Set(ids.map((id) => partsOf(id).base))
  // Only those that end alike can be mistaken for each other.
  const alike = new Map<string, string[]>()
  for (const base of bases) {
    const found = alike.get(endOf(base))
    if (found) found.push(base)
    else alike.set(endOf(base), [base])
  }
  return new Map(
    ids.map((id) => {
      const { base, rest } = partsOf(id)
      return [id, `${shortened(base, alike.get(endOf(base)) ?? [])}${rest}`]
    }),
  )
}

/** An id of ours in two: the task that a person started, and where below it this one stands. */
function partsOf(id: string): { readonly base: string; readonly rest: string } {
  const [, base = id, rest = ''] = MADE.exec(id) ?? []
  return { base, rest }
}

function endOf(base: string): string {
  return base.slice(-SHORT_CHARACTERS_MIN)
}

function shortened(id: string, alike: readonly string[]): string {
  if (!MADE.test(id)) return id
  let length = SHORT_CHARACTERS_MIN
  while (length < id.length && alike.some((other) => other !== id && other.endsWith(id.slice(-length))))
    length += 1
  return id.slice(-length)
}

/** The id that was meant by a whole one, its beginning (with or without `t_`) or its end. Throws in words. */
export function idAmong(tasks: readonly Named[], given: string): string {
  const meant = given.trim()
  if (meant.length < GIVEN_CHARACTERS_MIN)
    throw new UsageError(`Which task? "${safeLine(given)}" is too short. See: troupe tasks --all`)
  if (tasks.some(({ id }) => id === meant)) return meant
  const found = tasks.filter(({ id }) => isMeant(id, meant))
  const [first] = found
  if (!first) {
    const words = tasks.length === 0 ? 'There are no tasks here.' : 'See: troupe tasks --all'
    throw new RuntimeError('task/no-such-task', `There is no task "${safeLine(given)}". ${words}`)
  }
  if (found.length === 1) return first.id
  const listed = found.slice(0, LISTED_MAX).map((task) => `  ${task.id}  ${whatIs(task)}`)
  const more = found.length > LISTED_MAX ? [`  … and ${found.length - LISTED_MAX} more`] : []
  throw new UsageError(
    [`"${safeLine(given)}" may be ${found.length} tasks. Say more of its id:`, ...listed, ...more].join('\n'),
  )
}

/** The beginning of an id is also that of all that work for it: the one at the top is meant. */
function isMeant(id: string, given: string): boolean {
  const { base, rest } = partsOf(id)
  if (id.endsWith(given)) return true
  const beginning = given.includes('-') ? id : rest === '' ? base : ''
  return beginning.startsWith(given) || beginning.startsWith(`t_${given}`)
}

function whatIs({ agent, title }: Named): string {
  return safeLine(`${agent}: ${title}`)
}

/** The id of the task of this workspace that was meant. */
export async function resolveTaskId(runtime: Pick<Runtime, 'tasks'>, given: string): Promise<string> {
  return idAmong(await runtime.tasks(), given)
}

/** The one operand of a command that is about one task. */
export function taskOperand(words: readonly string[], command: string): string {
  const [given, ...more] = words
  if (given === undefined)
    throw new UsageError(`Which task? troupe ${command} <id>, with an id of: troupe tasks`)
  if (more.length > 0)
    throw new UsageError(`troupe ${command} takes one task. What to do with "${safeLine(more[0] ?? '')}"?`)
  return given
}
