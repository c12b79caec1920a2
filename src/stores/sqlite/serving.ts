/**
 * Does what other processes ask of this one. Each request is begun once, in the order in which they were
 * made, and only while we hold its task. What takes its time does not hold up what was asked after it: a task
 * that is being paused can be cancelled.
 */
import type { RemoteOrder } from '../../protocol/remote.ts'
import { AGAIN, BEGUN, DONE, failedWith } from './answers.ts'
import type { Db } from './db.ts'
import type { Renewal } from './renewal.ts'

/** So many are read at once; the rest with the next look. */
const READ_MAX = 100
/** How long an answer that nobody fetches is kept. */
const KEPT_MS = 600_000
/** Answered, or for somebody who is not there any more. What is still being done is kept. */
const OLD = 'asked_at < ? AND (answer <> ? OR recipient NOT IN (SELECT id FROM owner))'

export interface Serving {
  /** Something has changed: perhaps somebody asks. */
  look(): void
  /** Tries again what could not be written, and forgets what nobody fetches. */
  tidy(): void
}

interface Desk {
  readonly db: Db
  readonly renewal: Renewal
  readonly serve: (order: RemoteOrder) => Promise<void>
  readonly rows: ReturnType<typeof statements>
  readonly inHand: Set<number>
  /** Answers that could not be written yet. */
  readonly unwritten: Map<number, () => void>
}

/** Answers others. */
export function openServing(db: Db, renewal: Renewal, serve: Desk['serve']): Serving {
  const desk: Desk = { db, renewal, serve, rows: statements(db), inHand: new Set(), unwritten: new Map() }
  const { rows, inHand, unwritten } = desk
  const look = () => {
    if (renewal.isLost()) return
    db.read(() => rows.open.all(db.self, READ_MAX) as readonly OpenRow[]).then(
      (open) => {
        for (const row of open) if (!inHand.has(row.id)) void handle(desk, row)
      },
      // The next look tells.
      () => {},
    )
  }
  return {
    look,
    tidy() {
      look()
      for (const write of unwritten.values()) write()
      const before = Date.now() - KEPT_MS
      db.read(() => rows.old.get(before, BEGUN))
        .then((old) => old && db.write(() => rows.removeOld.run(before, BEGUN)))
        .catch(() => {})
    },
  }
}

interface OpenRow {
  readonly id: number
  readonly wish: string
}

async function handle(desk: Desk, { id, wish }: OpenRow): Promise<void> {
  const { db, inHand, serve } = desk
  inHand.add(id)
  try {
    const order = JSON.parse(wish) as RemoteOrder
    if (await db.write(() => begin(desk, id, order.taskId))) {
      const answer = await serve(order).then(() => DONE, failedWith)
      await write(desk, id, order.taskId, answer)
    }
  } catch {
    // It could not even be begun: it is still there for the next look.
  } finally {
    inHand.delete(id)
  }
}

/** Inside a write. False: it was withdrawn, or is not ours to do. */
function begin({ db, rows, renewal }: Desk, id: number, taskId: string): boolean {
  renewal.fence()
  if (!rows.isOurs.get(taskId, db.self)) {
    rows.answerOpen.run(AGAIN, id)
    return false
  }
  return Number(rows.answerOpen.run(BEGUN, id).changes) > 0
}

async function write(desk: Desk, id: number, taskId: string, answer: string): Promise<void> {
  const { db, rows, unwritten } = desk
  const attempt = () =>
    db.write(() => {
      // A no of somebody who has let go of the task meanwhile is not the task's.
      const isNo = answer !== DONE && !rows.isOurs.get(taskId, db.self)
      rows.answer.run(isNo ? AGAIN : answer, id)
    })
  await attempt().catch(() => {
    unwritten.set(id, () => {
      attempt().then(
        () => unwritten.delete(id),
        () => {},
      )
    })
  })
}

function statements({ prepare }: Db) {
  return {
    open: prepare('SELECT id, wish FROM request WHERE recipient = ? AND answer IS NULL ORDER BY id LIMIT ?'),
    isOurs: prepare('SELECT 1 FROM task WHERE id = ? AND owner = ?'),
    answerOpen: prepare('UPDATE request SET answer = ? WHERE id = ? AND answer IS NULL'),
    answer: prepare('UPDATE request SET answer = ? WHERE id = ?'),
    old: prepare(`SELECT 1 FROM request WHERE ${OLD} LIMIT 1`),
    removeOld: prepare(`DELETE FROM request WHERE ${OLD}`),
  }
}
