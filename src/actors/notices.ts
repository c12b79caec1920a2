import { inWords } from '../errors.ts'
import type { Human, Notice } from '../host.ts'
import type { Failure } from '../protocol/task.ts'
import { shortened } from './shortened.ts'

/** Notices of progress that may wait. */
const PROGRESS_WAITING_MAX = 100
/** Of each kind: ids of what was delivered, remembered so that it is not told again. */
const DELIVERED_IDS_MAX = 1_000
const TEXT_CHARACTERS_MAX = 200
/** The part of an error's message that a warning quotes. */
const ERROR_CHARACTERS_MAX = 500
/** Whatever a terminal or an editor may take for the end of a line. */
const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/
const BLANK_BEGINNING = /^[\s\u0085]+/

/** A notice before it is known how many were left out ahead of it. */
export type News = Omit<Notice, 'dropped'>

/** What telling people takes. */
export interface NoticesParts {
  /** Contract: called as it is; what needs its `this` comes bound. */
  readonly notify: Human['notify'] | undefined
  readonly warn: (text: string) => void
  /** Notices of progress that may wait. */
  readonly max?: number
}

/** Tells a person how tasks in the background get on, one thing after the other. */
export interface Notices {
  /**
   * Contract: returns at once, whatever the person's side does. What waits, is being told, or was among the
   * last 1,000 of its kind that were told, is not told again. What could not be told may be tried again.
   */
  tell(news: News): void
  /** How many wait while the person is at another. */
  readonly waiting: number
}

/** The one way to `notify`. It may be slow, throw, or never return: only ends pile up then, no progress. */
export function createNotices({ notify, warn, max = PROGRESS_WAITING_MAX }: NoticesParts): Notices {
  const line = createLine()
  const delivery = notify ? createDelivery(notify, warn) : null
  let underWay: News | null = null
  let isWarned = false

  function deliver(): void {
    while (!underWay) {
      underWay = line.take()
      if (!underWay) return void (isWarned = false)
      const over = delivery?.handOver(underWay)
      if (over) return void over.then(goOn)
      underWay = null
    }
  }

  function goOn(): void {
    underWay = null
    deliver()
  }

  /** Once for every time that the line grows too long. */
  function complain(at: News): void {
    if (isWarned) return
    isWarned = true
    warn(
      `notify is still at the ${nameOf(at)}, and more than ${max} notices wait. Until it is done, only the ` +
        `newest ${max} of progress are kept, and every one of an end.`,
    )
  }

  return {
    tell(news) {
      if (!delivery || delivery.isDone(news) || (underWay && keyOf(underWay) === keyOf(news))) return
      line.add(noticeOf(news, 0))
      deliver()
      if (underWay && line.size > max) complain(underWay)
      delivery.countDropped(line.dropProgress(max))
    },
    get waiting() {
      return line.size
    },
  }
}

interface Delivery {
  /** Resolves when it is over; `null`: it is over already. Contract: never throws or rejects. */
  handOver(news: News): Promise<void> | null
  isDone(news: News): boolean
  /** The next notice that is delivered says so many more. */
  countDropped(count: number): void
}

function createDelivery(notify: Human['notify'], warn: (text: string) => void): Delivery {
  const done = { ended: new Set<string>(), progress: new Set<string>() }
  let dropped = 0

  return {
    handOver(news) {
      const told = dropped
      dropped = 0
      const succeeded = () => remember(done[news.kind], news.id)
      const failed = (error: unknown) => {
        dropped += told
        warn(`The ${nameOf(news)} could not be told: ${shortened(inWords(error), ERROR_CHARACTERS_MAX)}`)
      }
      try {
        const said = notify(noticeOf(news, told))
        // Whatever can't be a promise is done with: a burst does not wait for it, so nothing is dropped.
        if (typeof said === 'object' && said !== null) return Promise.resolve(said).then(succeeded, failed)
        succeeded()
      } catch (error) {
        failed(error)
      }
      return null
    },
    isDone: ({ kind, id }) => done[kind].has(id),
    countDropped(count) {
      dropped += count
    },
  }
}

interface Line {
  /** What stands in it already keeps its place. */
  add(news: News): void
  take(): News | null
  /** Drops the oldest notices of progress beyond `max`, and says how many. */
  dropProgress(max: number): number
  readonly size: number
}

/** In order of arrival. No step looks through all that wait. */
function createLine(): Line {
  const rows = new Map<string, News>()
  const progress = new Set<string>()
  const remove = (key: string) => {
    progress.delete(key)
    rows.delete(key)
  }

  return {
    add(news) {
      const key = keyOf(news)
      if (rows.has(key)) return
      rows.set(key, news)
      if (news.kind === 'progress') progress.add(key)
    },
    take() {
      const [first] = rows
      if (!first) return null
      remove(first[0])
      return first[1]
    },
    dropProgress(max) {
      const tooMany = [...progress].slice(0, Math.max(0, progress.size - max))
      for (const key of tooMany) remove(key)
      return tooMany.length
    },
    get size() {
      return rows.size
    },
  }
}

/** The end of a task is never taken for its progress, whatever ids they have. */
function keyOf({ kind, id }: News): string {
  return `${kind} ${id}`
}

function nameOf({ taskId, status }: News): string {
  return `notice that task ${taskId} is ${status}`
}

/** A copy that nobody can change, of what the type says and no more. */
function noticeOf(news: News, dropped: number): Notice {
  const { id, kind, taskId, agent, title, status, text } = news
  return Object.freeze({ id, kind, taskId, agent, title, status, text, dropped })
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id)
  const [oldest] = ids
  if (ids.size > DELIVERED_IDS_MAX && oldest !== undefined) ids.delete(oldest)
}

/** The line of a notice that tells of a result: its first that is not blank. Renderers make it safe. */
export function noticeOfResult(result: string): string {
  const begun = result.replace(BLANK_BEGINNING, '')
  const end = begun.search(LINE_BREAK)
  return shortened((end === -1 ? begun : begun.slice(0, end)).trimEnd(), TEXT_CHARACTERS_MAX)
}

/** The same of why a task ended, or stands still. */
export function noticeOfReason({ message }: Pick<Failure, 'message'>): string {
  return noticeOfResult(message)
}
