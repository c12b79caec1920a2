import type { Notice } from '../../host.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import { frameOf } from './frame.ts'
import { newsRows } from './news-lines.ts'
import { createScreen, type Terminal } from './screen.ts'
import { type Looks, painted, type Row } from './style.ts'
import type { News, TaskRow } from './task-row.ts'
import { createTaskRows, type TaskRows } from './task-rows.ts'

/** What a person sees of the work while it goes on. */
export interface View {
  hear(event: TaskEvent): void
  /** Takes in what happened before anybody watched. Nothing is told of it. */
  recall(event: TaskEvent): void
  /** Tells what this task does, or what none does. Unsaid, it is the first of which anything is heard. */
  attend(taskId: string | null): void
  /** Says something that is not about a call. */
  note(text: string): void
  /** Tells how a task in the background gets on. */
  notify(notice: Notice): void
  /** Leaves the terminal to somebody else until `resume`. Nothing is lost, only told later. */
  suspend(): void
  resume(): void
  /** Draws a last time, then leaves the terminal as it was found. */
  end(): void
  tasks(): readonly TaskRow[]
}

export interface ViewOptions {
  readonly terminal: Terminal
  readonly looks: Looks
  readonly isQuiet: boolean
  readonly isVerbose: boolean
}

const REDRAW_MS = 100
/** As many of the rows above as this stay in sight, where the terminal is not too low for that. */
const ROWS_ABOVE = 5
/** On a wider terminal the eye would lose the row on its way to the right edge. */
const FRAME_COLUMNS_MAX = 110

/** The foreground is the first task there is. Others are rows of the tree, and never mix into its text. */
export function createView(options: ViewOptions): View {
  const rows = createTaskRows()
  const view = options.looks.isLive && !options.isQuiet ? liveView(options, rows) : plainView(options)
  let foreground: string | null | undefined
  return {
    hear(event) {
      if ('taskId' in event && foreground === undefined) foreground = event.taskId
      const news = rows.hear(event)
      if (event.type === 'slots') view.tell([{ kind: 'slots', slots: event }])
      if ('taskId' in event && event.taskId === foreground) view.tell(news)
    },
    recall: (event) => void rows.hear(event),
    attend(taskId) {
      foreground = taskId
    },
    note: (text) => view.tell([{ kind: 'note', text }], true),
    notify: (notice) => view.tell([{ kind: 'notice', notice }]),
    suspend: view.suspend,
    resume: view.resume,
    end: view.end,
    tasks: rows.all,
  }
}

interface Teller {
  tell(news: readonly News[], isUrgent?: boolean): void
  suspend(): void
  resume(): void
  end(): void
}

/** A line for each thing that happened, without a control sequence but colours, if they are wished for. */
function plainView({ terminal, looks, isQuiet, isVerbose }: ViewOptions): Teller {
  return {
    tell(news, isUrgent = false) {
      if (isQuiet && !isUrgent) return
      for (const it of news) {
        for (const row of newsRows(it, { columns: null, isVerbose })) {
          terminal.write(`${painted(row, looks.isColoured).trimEnd()}\n`)
        }
      }
    },
    suspend() {},
    resume() {},
    end() {},
  }
}

/** Draws at most ten times a second, however much happens. */
function liveView({ terminal, looks, isVerbose }: ViewOptions, rows: TaskRows): Teller {
  const screen = createScreen(terminal, looks.isColoured)
  let pending: Row[] = []
  let tick = 0
  let timer: NodeJS.Timeout | null = null

  function draw(isLast = false): void {
    tick += 1
    const lines = pending.map((row) => painted(row, looks.isColoured))
    pending = []
    const frame = {
      columns: Math.min(FRAME_COLUMNS_MAX, screen.columns - 1),
      rowsMax: screen.rows - 1 - Math.min(ROWS_ABOVE, Math.floor(screen.rows / 4)),
      now: Date.now(),
      tick,
    }
    const tasks = rows.all()
    screen.draw(lines, isLast || tasks.length === 0 ? [] : frameOf(tasks, frame, rows.slots()))
  }

  function resume(): void {
    timer ??= setInterval(draw, REDRAW_MS)
    draw()
  }

  function suspend(): void {
    if (timer) clearInterval(timer)
    timer = null
    draw(true)
    screen.clear()
  }

  return {
    tell(news) {
      for (const it of news) {
        // How the slots stand is drawn in place.
        if (it.kind !== 'slots') pending.push(...newsRows(it, { columns: screen.columns - 1, isVerbose }))
      }
      if (!timer && tick === 0) resume()
    },
    suspend,
    resume,
    end: suspend,
  }
}
