/**
 * Asks the process that holds a task to do something with it. A request is a row; the answer goes into it.
 *
 *   asked ──► begun ──► done | failed    by the holder; each step once
 *     └─────────┴─────► withdrawn        by whoever asked, when the holder is gone or has not begun in time
 *
 * R1  The holder does only what it has marked as begun, and what was withdrawn can't be begun: nothing is
 *     done for somebody who was told that nobody would.
 */
import { RuntimeError } from '../../errors.ts'
import type { RemoteOrder } from '../../protocol/remote.ts'
import { type Answer, answerOf, BEGUN, errorOf } from './answers.ts'
import type { Db } from './db.ts'
import type { Owners } from './owners.ts'

/** How often the answer is looked for. */
const LOOK_MS = 20
/** How often a task may change hands while somebody looks for who holds it. */
const ROUNDS_MAX = 100
/** A holder that lives for so many leases and does not begin has nobody there who could. */
const LEASES_UNHEARD = 2

export interface Requests {
  /** As in `Workplace`. */
  ask(order: RemoteOrder): Promise<'done' | 'nobody'>
  /** Everything that is still waited for is rejected, and taken back where that is possible. */
  leave(): Promise<void>
}

interface Request {
  readonly id: number
  readonly recipient: string
  readonly order: RemoteOrder
  /** The last entry of all that was there when it was asked. */
  readonly position: number
  readonly since: number
}

export interface RequestsOptions {
  readonly leaseMs: number
  /** Inside a write. Throws when others take this process for gone. */
  readonly fence: () => void
}

interface Asking extends RequestsOptions {
  readonly db: Db
  readonly owners: Owners
  readonly rows: ReturnType<typeof statements>
  /** What waits for its next look. */
  readonly naps: Set<() => void>
  isOver: boolean
}

/** Asks, and waits for the answer. */
export function openRequests(db: Db, owners: Owners, { leaseMs, fence }: RequestsOptions): Requests {
  const asking: Asking = { db, owners, leaseMs, fence, rows: statements(db), naps: new Set(), isOver: false }
  return {
    async ask(order) {
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        if (asking.isOver) throw closed(db)
        const request = await db.write(() => place(asking, order))
        if (!request) return 'nobody'
        const answer = await answerTo(asking, request)
        if (answer.kind === 'done') return 'done'
        if (answer.kind === 'failed') throw errorOf(answer)
      }
      throw new RuntimeError('store/held', `Task "${order.taskId}" changes hands too often. Try again.`)
    },
    async leave() {
      asking.isOver = true
      try {
        await db.write(() => asking.rows.withdrawAll.run(db.self))
      } finally {
        for (const wake of [...asking.naps]) wake()
      }
    },
  }
}

/** Inside a write. Nothing when nobody holds the task. */
function place({ db, owners, rows, fence }: Asking, order: RemoteOrder): Request | null {
  const { taskId } = order
  // One that others have taken over from asks for nothing any more: it may be wrong about everything.
  fence()
  const task = rows.holder.get(taskId) as { readonly owner: string | null } | undefined
  if (!task) throw new RuntimeError('task/no-such-task', `There is no task "${taskId}".`)
  if (task.owner === db.self)
    throw new RuntimeError('store/held', `Task "${taskId}" is held by the process that asks for it.`)
  if (task.owner === null || owners.bury(task.owner)) return null
  const { position } = rows.position.get() as { readonly position: number }
  const { lastInsertRowid } = rows.insert.run(task.owner, db.self, Date.now(), JSON.stringify(order))
  return { id: Number(lastInsertRowid), recipient: task.owner, order, position, since: performance.now() }
}

async function answerTo(asking: Asking, request: Request): Promise<Answer> {
  const { db, rows } = asking
  for (;;) {
    await nap(asking)
    // Also after the last look: what was answered by then is told.
    const text = await db.read(() => answerText(asking, request))
    if (text !== null && text !== BEGUN) {
      db.write(() => rows.remove.run(request.id)).catch(() => {})
      return answerOf(text)
    }
    if (asking.isOver) throw closed(db)
    if (await db.read(() => isInVain(asking, request, text !== null))) {
      const answer = await db.write(() => withdraw(asking, request))
      if (answer) return answer
    }
  }
}

/** `null`: not even begun. One that is not there any more was forgotten together with its holder. */
function answerText({ rows }: Asking, { id }: Request): string | null {
  const row = rows.answer.get(id) as { readonly answer: string | null } | undefined
  return row ? row.answer : JSON.stringify({ kind: 'again' } satisfies Answer)
}

function isInVain(asking: Asking, request: Request, hasBegun: boolean): boolean {
  const { owners, leaseMs } = asking
  // Looked at each time: that is how a holder that stands still is told.
  if (owners.isGone(request.recipient)) return true
  if (hasBegun) return false
  const isUnheard = performance.now() - request.since > LEASES_UNHEARD * leaseMs
  return isUnheard || holderOf(asking, request) !== request.recipient
}

function holderOf({ rows }: Asking, { order }: Request): string | null {
  const task = rows.holder.get(order.taskId) as { readonly owner: string | null } | undefined
  return task?.owner ?? null
}

/** Inside a write: all of it is looked at again. Nothing when there is still somebody to wait for. */
function withdraw(asking: Asking, request: Request): Answer | null {
  const { rows, owners } = asking
  const text = answerText(asking, request)
  if (text !== null && text !== BEGUN) return answerOf(text)
  const hasBegun = text !== null
  if (!isInVain(asking, request, hasBegun)) return null
  const isGone = owners.bury(request.recipient)
  rows.remove.run(request.id)
  if (!isGone && holderOf(asking, request) === request.recipient) return unheard(request)
  return { kind: hasBegun && wasHeard(asking, request) ? 'done' : 'again' }
}

function unheard({ order }: Request): Answer {
  const message = `The process that holds "${order.taskId}" lives, but does not answer. Try again, or end it.`
  return { kind: 'failed', name: 'RuntimeError', code: 'store/held', message, retryAfterMs: null }
}

/** To say the same words twice is the one thing that would show: all else is as well done twice. */
function wasHeard({ rows }: Asking, { order, position }: Request): boolean {
  if (order.verb !== 'message') return false
  const facts = rows.facts.all(order.taskId, position) as readonly { readonly fact: string }[]
  return facts.some(({ fact }) => {
    const { type, text } = JSON.parse(fact) as { readonly type?: unknown; readonly text?: unknown }
    return type === 'task.messaged' && text === order.text
  })
}

function nap({ naps, isOver }: Asking): Promise<void> {
  if (isOver) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      naps.delete(wake)
      resolve()
    }
    const timer = setTimeout(wake, LOOK_MS)
    naps.add(wake)
  })
}

function closed({ path }: Db): RuntimeError {
  return new RuntimeError('store/closed', `The store ${path} was closed before the answer came.`)
}

function statements({ prepare }: Db) {
  return {
    holder: prepare('SELECT owner FROM task WHERE id = ?'),
    position: prepare('SELECT coalesce(max(position), 0) AS position FROM entry'),
    insert: prepare('INSERT INTO request (recipient, asked_by, asked_at, wish) VALUES (?, ?, ?, ?)'),
    answer: prepare('SELECT answer FROM request WHERE id = ?'),
    remove: prepare('DELETE FROM request WHERE id = ?'),
    withdrawAll: prepare('DELETE FROM request WHERE asked_by = ? AND answer IS NULL'),
    facts: prepare(
      'SELECT fact FROM entry WHERE task = (SELECT number FROM task WHERE id = ?) AND position > ?',
    ),
  }
}
