import type { TaskEvent } from '../../protocol/journal.ts'
import type { Result } from '../../protocol/model.ts'
import { COMPLETION_TOOL } from '../../protocol/names.ts'
import { argumentOf } from './call-argument.ts'
import { type CallEnd, type CallRow, type Heard, mayRun, quiet, type TaskRow } from './task-row.ts'

type Event<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>

const SIGN_CHARACTERS_MAX = 500

/** The calls of a reply, before anything became of them. */
export function openCalls({ reply, at }: Event<'model.replied'>): TaskRow['calls'] {
  return new Map(
    reply.calls.map((call) => [call.id, { call, stage: 'open', wait: null, startedAt: at, sign: '' }]),
  )
}

/** The last line of what a call shows as a sign of life. */
export function withSign(row: TaskRow, callId: string, text: string): Heard {
  const sign = text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.slice(0, SIGN_CHARACTERS_MAX)
  return quiet(sign === undefined ? {} : { calls: withCall(row, callId, { sign }) })
}

/** It may run, must be asked for, or will not run. */
export function checked(row: TaskRow, event: Event<'call.checked'>): Heard {
  const { verdict, why } = event.verdict
  if (verdict === 'deny') return ended(row, event, { mark: 'failed', note: 'call/denied', why })
  if (verdict === 'ask') return quiet({ calls: withCall(row, event.callId, { stage: 'asking' }) })
  return cleared(row, event)
}

/** It runs, or will as soon as its task may. */
export function cleared(row: TaskRow, { callId, at }: Event<'call.checked' | 'call.approved'>): Heard {
  // A task that has waited for the answer without a slot needs one first.
  const isAlone = ![...row.calls.values()].some(({ stage }) => stage === 'running')
  const stage = mayRun(row) || !isAlone ? 'running' : 'cleared'
  return quiet({ calls: withCall(row, callId, { stage, startedAt: at }) })
}

/** The task works again: what was cleared meanwhile runs now. */
export function awake({ calls }: TaskRow, at: number): TaskRow['calls'] {
  return new Map(
    [...calls].map(([id, it]) => [
      id,
      it.stage === 'cleared' ? { ...it, stage: 'running', startedAt: at } : it,
    ]),
  )
}

/** It is answered when other tasks have ended. */
export function waits(row: TaskRow, { callId, wait }: Event<'call.waits'>): Heard {
  return quiet({ calls: withCall(row, callId, { stage: 'waiting', wait, sign: '' }) })
}

/** A person said no, or nobody could be asked. */
export function refused(row: TaskRow, event: Event<'call.refused'>): Heard {
  const { change, news } = ended(row, event, { mark: 'failed', note: 'refused', why: '' })
  return { change: { ...change, refusedCount: row.refusedCount + 1 }, news }
}

/** The call is over, which is told in a line. */
export function ended(
  row: TaskRow,
  { callId, at }: { readonly callId: string; readonly at: number },
  end: CallEnd,
): Heard {
  const found = row.calls.get(callId)
  const calls = new Map(row.calls)
  calls.delete(callId)
  // That the task ends is told by its result.
  if (!found || (found.call.tool === COMPLETION_TOOL && end.mark === 'ok')) return quiet({ calls })
  const { tool } = found.call
  const tookMs = at - found.startedAt
  return { change: { calls }, news: [{ kind: 'call', tool, argument: argumentOf(found.call), end, tookMs }] }
}

/** What a result comes to, at a glance. */
export function endOf(result: Result): CallEnd {
  if (result.kind === 'failed') return { mark: 'failed', note: result.code, why: result.message }
  if (result.kind === 'unknown') return { mark: 'odd', note: 'outcome unknown', why: result.message }
  // A command that ran and said no is an answer, but one worth seeing.
  const [, exit] = typeof result.output === 'string' ? (/^exit code (\d+) /.exec(result.output) ?? []) : []
  return exit !== undefined && exit !== '0'
    ? { mark: 'odd', note: `exit ${exit}`, why: '' }
    : { mark: 'ok', note: '', why: '' }
}

function withCall(row: TaskRow, callId: string, change: Partial<CallRow>): TaskRow['calls'] {
  const found = row.calls.get(callId)
  return found ? new Map(row.calls).set(callId, { ...found, ...change }) : row.calls
}
