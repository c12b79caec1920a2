import { RuntimeError } from '../errors.ts'
import type { Entry } from '../protocol/journal.ts'
import type { Runtime } from '../runtime.ts'
import type { RunRequest } from '../runtime/starting/admission.ts'
import { replay } from '../runtime/replay.ts'
import { pathOf } from '../runtime/result.ts'
import type { GatedStore } from './gated-store.ts'
import type { HandClock } from './hand-clock.ts'
import { brokenInvariants } from './invariants.ts'

export type Command = 'pause' | 'resume' | 'cancel' | 'timeUp'

/** One way a task can go: what is done to it, and after how many facts. */
export interface Plan {
  readonly commands: readonly { readonly after: number; readonly command: Command }[]
}

export interface WalkPlan {
  readonly runtime: Runtime
  readonly store: GatedStore
  readonly clock: HandClock
  readonly request: RunRequest
  readonly plan: Plan
}

export interface Walked {
  readonly facts: number
  readonly states: readonly string[]
  readonly outcome: string
}

/** No walk of a finite script is longer. */
const STEPS_MAX = 2_000
/** How long the world may take to come up with the next fact, in real time. */
const PATIENCE_MS = 15_000

/**
 * Takes one task from its start to its end, one durable fact at a time, doing what the plan says on the way.
 */
export async function walk(given: WalkPlan): Promise<Walked> {
  const { runtime, store, request, plan } = given
  const ears = hearing(runtime)
  const states = new Set<string>()
  const entries: Entry[] = []
  // How it ended is read off the journal; what could not even begin is thrown.
  const refused = refusalOf(runtime.start(request))

  for (let step = 0; step < STEPS_MAX; step++) {
    const last = entries.at(-1)?.fact
    if (last?.type === 'task.ended')
      return { facts: entries.length, states: [...states], outcome: last.outcome.status }
    if (store.waiting.length === 0) await Promise.race([nextArrival(given, entries), refused])

    const [entry] = store.waiting
    await store.letOne()
    if (!entry) continue
    entries.push(entry)
    await promptly(
      ears.heard(entry.seq),
      `Fact ${entry.seq}, ${entry.fact.type}, was written and never heard.`,
    )
    states.add(await checkedState(runtime, entries))
    for (const { after, command } of plan.commands)
      if (after === entries.length) await obey(given, entries, command)
  }
  throw new RuntimeError('unexpected', `The task did not end in ${STEPS_MAX} facts.`)
}

/** Nothing waits to be written: lets the world, the clock or a resume bring the next fact. */
async function nextArrival({ runtime, store, clock }: WalkPlan, entries: readonly Entry[]): Promise<void> {
  const [birth] = entries
  const { value, context } = birth ? replay(entries).getSnapshot() : { value: 'queued', context: null }
  const state = pathOf(value)
  if (context?.tries.retryAt && state === 'running.backingOff')
    clock.advance(context.tries.retryAt - clock.now())
  if (birth && state === 'paused') runtime.resume(birth.taskId).catch(() => {})
  await promptly(store.arrival(), `Nothing happens any more in "${state}", after ${entries.length} facts.`)
}

/**
 * The state after the last fact; throws when it is not the fold of the journal, or an invariant is broken.
 */
async function checkedState(runtime: Runtime, entries: readonly Entry[]): Promise<string> {
  const id = entries[0]?.taskId ?? ''
  const [view] = await runtime.tasks({ id })
  const folded = pathOf(replay(entries).getSnapshot().value)
  const wrong = brokenInvariants(entries)
  if (view && view.state !== folded)
    wrong.push(`L2: the task is in "${view.state}", its journal in "${folded}"`)
  if (wrong.length === 0) return folded
  const facts = entries.map(({ fact }) => fact.type).join(' ')
  throw new RuntimeError('unexpected', `${wrong.join('; ')}. The journal: ${facts}`)
}

async function obey(
  { runtime, clock, request }: WalkPlan,
  entries: readonly Entry[],
  command: Command,
): Promise<void> {
  const id = entries[0]?.taskId ?? ''
  // A wish that comes too late is refused in words; what counts is what the journal makes of it.
  if (command === 'timeUp') clock.advance(request.limits?.timeoutMs ?? 0)
  else runtime[command](id).catch(() => {})
  // The wish takes its place in the journal's order before anything else is asked for.
  await new Promise((resolve) => setImmediate(resolve))
}

/** Never resolves; rejects as the start does. */
function refusalOf(starting: Promise<unknown>): Promise<never> {
  const refused = new Promise<never>((_, reject) => void starting.catch(reject))
  refused.catch(() => {})
  return refused
}

function hearing(runtime: Runtime) {
  const heard = new Set<number>()
  let waiting: (() => void)[] = []
  runtime.subscribe((event) => {
    if (!('seq' in event)) return
    heard.add(event.seq)
    const ready = waiting
    waiting = []
    for (const call of ready) call()
  })
  return {
    async heard(seq: number) {
      while (!heard.has(seq)) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}

async function promptly(work: Promise<void>, complaint: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RuntimeError('unexpected', complaint)), PATIENCE_MS)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
