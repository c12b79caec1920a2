/**
 * Takes up a task that nobody holds: after a crash, or because whoever held it has gone. Before anything else
 * can happen to it, what its dead run left behind is ended, and what the crash cut off is put to rest.
 */
import { RuntimeError } from '../../errors.ts'
import type { Host } from '../../host.ts'
import type { ChartFact, Entry, Fact, ProcessMark } from '../../protocol/journal.ts'
import type { Outcome, TaskSpec } from '../../protocol/task.ts'
import { fold, type Folded } from '../replay.ts'
import { endedView, outcomeIn } from '../result.ts'

export interface TakenUp {
  readonly folded: Folded
  /** The token that it is written under from now on. */
  readonly runId: number
  /** A run was cut off: it is over since, and nobody was told. */
  readonly wasCutOff: boolean
  /** Writes a fact, and folds it. What comes to its end with that, ends. */
  append(fact: ChartFact): Promise<void>
}

type Parts = Pick<Host, 'store' | 'clock' | 'processes'>

/**
 * Rejects with `task/has-ended`, and with `store/held` while somebody else has it. `ended`: told when the end
 * is written here.
 */
export async function takeUp(
  parts: Parts,
  taskId: string,
  ended: (spec: TaskSpec) => Promise<void>,
): Promise<TakenUp> {
  const { store, processes } = parts
  refuseEnded(taskId, await store.read(taskId))
  const { runId, seenAt } = await store.acquire(taskId)
  try {
    const entries = await store.read(taskId)
    refuseEnded(taskId, entries)
    await endStrays(processes, taskId, entries)
    const folded = fold(entries)
    const taken = writer(parts, { folded, runId, ended })
    const wasCutOff = isCutOff(folded)
    if (wasCutOff) await taken.appendAt(seenAt, { type: 'task.interrupted' })
    // It had come to its end, and only that was not written yet.
    await taken.end()
    const outcome = outcomeOf(folded)
    if (outcome) throw hasEnded(taskId, outcome.status)
    return { ...taken, wasCutOff }
  } catch (error) {
    await store.release(taskId)
    throw error
  }
}

function refuseEnded(taskId: string, entries: readonly Entry[]): void {
  if (entries.length === 0) throw new RuntimeError('task/no-such-task', `There is no task "${taskId}".`)
  const outcome = outcomeIn(entries)
  if (outcome) throw hasEnded(taskId, outcome.status)
}

export function hasEnded(taskId: string, status: string): RuntimeError {
  return new RuntimeError('task/has-ended', `Task "${taskId}" is over: ${status}.`)
}

/** In the middle of something that a dead process cannot go on with. */
export function isCutOff({ actor }: Pick<Folded, 'actor'>): boolean {
  const snapshot = actor.getSnapshot()
  return (['running', 'pausing', 'cancelling'] as const).some((state) => snapshot.matches(state))
}

/** Contract: nothing of the dead run is alive when it resolves (L6). */
async function endStrays(
  processes: Host['processes'],
  taskId: string,
  entries: readonly Entry[],
): Promise<void> {
  for (const stray of straysIn(entries)) {
    if (await processes.endStray(stray)) continue
    const what = `A process of its last run (group ${stray.group}) is still alive and could not be ended.`
    throw new RuntimeError('task/held', `Task "${taskId}" can't go on: ${what} End it, then try again.`)
  }
}

function straysIn(entries: readonly Entry[]): readonly ProcessMark[] {
  const open = new Map<string, ProcessMark[]>()
  for (const { fact } of entries) {
    if (fact.type === 'call.began') open.set(fact.callId, [...(open.get(fact.callId) ?? []), fact.process])
    else if (fact.type === 'call.ended' || fact.type === 'call.reconciled') open.delete(fact.callId)
  }
  return [...open.values()].flat()
}

interface Writer extends Omit<TakenUp, 'wasCutOff'> {
  /** Writes the end of one that has come to it. */
  end(): Promise<void>
  appendAt(at: number, fact: ChartFact): Promise<void>
}

interface Writing {
  readonly folded: Folded
  readonly runId: number
  readonly ended: (spec: TaskSpec) => Promise<void>
}

function writer({ store, clock }: Parts, { folded, runId, ended }: Writing): Writer {
  const { id: taskId } = folded.spec

  async function write(at: number, fact: Fact): Promise<void> {
    const { seq, fact: before } = folded.last
    const { asleepMs } = before
    const heard = { ...fact, at: Math.max(before.at, at), ...(asleepMs !== undefined && { asleepMs }) }
    const entry: Entry = { v: 1, taskId, seq: seq + 1, runId, fact: heard }
    await store.append(entry)
    folded.hear(entry)
  }

  async function end(): Promise<void> {
    const outcome = outcomeOf(folded)
    if (!outcome) return
    await write(clock.now(), { type: 'task.ended', outcome })
    store.keepView(endedView(folded.spec, outcome, folded))
    await ended(folded.spec)
  }

  return {
    folded,
    runId,
    // Of what happened between the last sign of life and now nobody knows, and no limit counts it.
    appendAt: (at, fact) => write(Math.min(at, clock.now()), fact),
    async append(fact) {
      await write(clock.now(), fact)
      await end()
    },
    end,
  }
}

/** How a task ends whose chart has come to its end. */
export function outcomeOf({ actor }: Pick<Folded, 'actor'>): Outcome | null {
  const { status, output } = actor.getSnapshot()
  return status === 'done' ? (output ?? null) : null
}
