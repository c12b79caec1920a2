import { UsageError } from '../../errors.ts'
import type { Entry, TaskEvent } from '../../protocol/journal.ts'
import type { Runtime } from '../../runtime.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts'
import { printError, printResult } from '../output.ts'
import { type Interruption, listenForInterruption, whenAborted } from '../run/interruption.ts'
import { safeJson } from '../safe-text.ts'
import { createLogTeller, type LogTeller } from '../one-task/log-lines.ts'
import { nextStepOf } from '../tasks/next-step.ts'
import { pageColumns, printRows } from '../tasks/page.ts'
import { hasEnded, isLive, standingWords } from '../tasks/standing.ts'
import { idAmong, shortIds, taskOperand } from '../tasks/task-id.ts'
import { withWorkspace } from '../tasks/workspace-runtime.ts'

const LONG_MS = 3_600_000

interface Log {
  readonly runtime: Runtime
  readonly taskId: string
  readonly since: number
  readonly isJson: boolean
  readonly teller: LogTeller
}

/** Tells what happened in a task, and what happens until it ends if that is asked for. */
export async function logsCommand(given: Arguments): Promise<number> {
  const meant = taskOperand(given.words, 'logs')
  const since = readSince(given.value('since') ?? '0')
  return withWorkspace(given, async ({ runtime }) => {
    const taskId = idAmong(await runtime.tasks(), meant)
    const isJson = given.has('json')
    const teller = createLogTeller(process.stdout.isTTY ? pageColumns() : null)
    const log = { runtime, taskId, since, isJson, teller }
    if (given.has('follow')) return interruptibly((interruption) => follow(log, interruption))
    await tellJournal(log)
    return EXIT.done
  })
}

/** What is in the journal by now. The last of it, if there was any. */
async function tellJournal(log: Log): Promise<Entry | null> {
  const { runtime, taskId, since, teller } = log
  const entries = await runtime.journal(taskId)
  for (const { seq, runId, fact } of entries) {
    const event = { ...fact, taskId, seq, runId }
    // What became of a call is told by the name that it was asked for by, perhaps before.
    if (seq > since) tell(log, event)
    else teller.skip(event)
  }
  return entries.at(-1) ?? null
}

function readSince(text: string): number {
  const since = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(since)) return since
  throw new UsageError(`--since can't be "${text}". Say the number of a fact, from 0.`)
}

async function interruptibly(work: (interruption: Interruption) => Promise<void>): Promise<number> {
  const interruption = listenForInterruption()
  // To wait for another process keeps no process alive by itself.
  const alive = setInterval(() => {}, LONG_MS)
  try {
    await work(interruption)
    return interruption.by === null ? EXIT.done : exitCodeOfSignal(interruption.by)
  } finally {
    clearInterval(alive)
    interruption.dispose()
  }
}

async function follow(log: Log, interruption: Interruption): Promise<void> {
  const { runtime, taskId, since } = log
  const last = await tellJournal(log)
  if (last?.fact.type === 'task.ended') return
  const events = runtime.events({ task: taskId, since: Math.max(since, last?.seq ?? 0) })
  const leave = () => void events.return?.()
  const letGo = whenAborted(interruption.signal, leave)
  // A reader that has gone waits for nothing more.
  process.stdout.once('error', leave)
  try {
    for await (const event of events) {
      if (interruption.signal.aborted) break
      if (event.type === 'caught_up') await sayHowItStands(log)
      tell(log, event)
    }
  } finally {
    letGo()
    process.stdout.off('error', leave)
  }
}

function tell({ isJson, teller }: Log, event: TaskEvent): void {
  if (isJson) printResult(`${safeJson(event)}\n`)
  else if ('seq' in event) printRows(teller.rows(event))
  else if (event.type === 'task.lost') printError(`The task goes on elsewhere, or nowhere: ${event.message}`)
}

/** Who waits for something of a task that stands still would wait for long. */
async function sayHowItStands({ runtime, taskId }: Log): Promise<void> {
  const tasks = await runtime.tasks()
  const view = tasks.find(({ id }) => id === taskId)
  if (!view || hasEnded(view) || isLive(view)) return
  const isAsking = (await runtime.approvals.all()).some((request) => request.taskId === taskId)
  const { words } = standingWords(view, isAsking)
  const { command } = nextStepOf(view, shortIds(tasks.map(({ id }) => id)).get(taskId) ?? taskId, isAsking)
  printError(`It stands still: ${words}. It is followed all the same; to go on: ${command}`)
}
