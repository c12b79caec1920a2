import type { Db } from '../db.ts'
import { closed, isBusy, storeFault } from './faults.ts'
import type { OpenFile } from './open.ts'
import { type Applied, transactions } from './transaction.ts'

/** How long a write, or a reading, may wait for other processes. */
const BUSY_LIMIT_MS = 30_000
/** At most so long a process stands aside before it tries again. */
const PAUSE_MAX_MS = 25
/** Whoever has tried so often is the next to get its turn, and stops standing aside for a while. */
const TRIES_BEFORE_EAGER = 3
const TRIES_BEFORE_PATIENT = 20
/** So many writes are one transaction at most: the loop is not held up for longer. */
const BATCH_MAX = 500

interface Waiting {
  readonly apply: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly since: number
}

/** How much was written since the file was opened. */
export interface Written {
  /** Transactions that kept something, each with one sync. */
  readonly commits: number
  readonly writes: number
}

export interface Queue extends Pick<Db, 'write' | 'read'> {
  readonly written: Written
  /** What was asked before is done first. */
  close(): Promise<void>
}

interface State {
  readonly path: string
  readonly transact: ReturnType<typeof transactions>
  waiting: Waiting[]
  isScheduled: boolean
  isClosed: boolean
  /** How often others were in the way of what waits now. */
  tries: number
  written: Written
}

/** One way to write: all that one turn of the event loop asks for is one transaction. */
export function openQueue(file: OpenFile): Queue {
  const state: State = {
    path: file.path,
    transact: transactions(file),
    waiting: [],
    isScheduled: false,
    isClosed: false,
    tries: 0,
    written: { commits: 0, writes: 0 },
  }
  return {
    write: <T>(apply: () => T) =>
      state.isClosed ? Promise.reject(closed(file.path)) : (enqueue(state, apply) as Promise<T>),
    read: (look) => read(state, look),
    get written() {
      return state.written
    },
    async close() {
      state.isClosed = true
      await enqueue(state, () => {}).catch(() => {})
    },
  }
}

function enqueue(state: State, apply: () => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    state.waiting.push({ apply, resolve, reject, since: performance.now() })
    schedule(state, 0)
  })
}

function schedule(state: State, pauseMs: number): void {
  if (state.isScheduled) return
  state.isScheduled = true
  const next = () => {
    state.isScheduled = false
    if (state.waiting.length > 0) commit(state)
  }
  if (pauseMs > 0) setTimeout(next, pauseMs)
  else setImmediate(next)
}

function commit(state: State): void {
  const batch = state.waiting.slice(0, BATCH_MAX)
  try {
    const { applied, tookMs, isCrowded } = state.transact(batch.map(({ apply }) => apply))
    settle(state, batch, applied)
    state.tries = 0
    // Others write, too. Whoever has just had its turn lets them go first, or they would never get one.
    if (isCrowded) schedule(state, standAside(tookMs))
  } catch (error) {
    if (isBusy(error)) return tryLater(state, error)
    refuse(state, batch, error)
  }
  if (state.waiting.length > 0) schedule(state, 0)
}

function tryLater(state: State, error: unknown): void {
  const now = performance.now()
  refuse(
    state,
    state.waiting.filter(({ since }) => now - since > BUSY_LIMIT_MS),
    error,
  )
  state.tries += 1
  if (state.waiting.length > 0) schedule(state, pause(state.tries))
}

function refuse(state: State, batch: readonly Waiting[], error: unknown): void {
  const refusal = storeFault(error, state.path)
  settle(
    state,
    batch,
    batch.map(() => ({ refusal })),
  )
}

/** Those that have waited longest are settled, in the order in which they were asked for. */
function settle(state: State, batch: readonly Waiting[], applied: readonly Applied[]): void {
  state.waiting = state.waiting.slice(batch.length)
  let writes = 0
  for (const [i, { resolve, reject }] of batch.entries()) {
    const outcome = applied[i]
    if (outcome && 'value' in outcome) {
      writes += 1
      resolve(outcome.value)
    } else reject(outcome?.refusal)
  }
  if (writes === 0) return
  state.written = { commits: state.written.commits + 1, writes: state.written.writes + writes }
}

async function read<T>(state: State, look: () => T): Promise<T> {
  for (let tries = 1, since = performance.now(); ; tries += 1) {
    if (state.isClosed) throw closed(state.path)
    try {
      return look()
    } catch (error) {
      const isOver = performance.now() - since > BUSY_LIMIT_MS
      if (!isBusy(error) || isOver) throw storeFault(error, state.path)
    }
    await new Promise((resolve) => setTimeout(resolve, pause(tries)))
  }
}

/** Never the same in two processes. One that waits in vain for long leaves its own work some time, too. */
function pause(tries: number): number {
  if (tries > TRIES_BEFORE_EAGER && tries <= TRIES_BEFORE_PATIENT) return 1
  return 1 + Math.random() * Math.min(2 ** tries, PAUSE_MAX_MS)
}

/** As long as some others take together, if each takes as long. */
function standAside(tookMs: number): number {
  return Math.min(PAUSE_MAX_MS, 1 + tookMs * (1 + 2 * Math.random()))
}
