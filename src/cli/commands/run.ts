import type { Human } from '../../host.ts'
import { modelFromEnvironment } from '../../hosts/node-model.ts'
import { nodeProcesses } from '../../hosts/node-processes.ts'
import { createRuntime, type RuntimeOptions } from '../../hosts/node.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import type { Runtime } from '../../runtime.ts'
import type { Task } from '../../runtime/handle.ts'
import type { TaskResult } from '../../runtime/result.ts'
import type { Arguments } from '../arguments.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { codeOf, type Ending, resultObject, resultText, summaryRows } from '../run/ending.ts'
import { type Interruption, listenForInterruption, STOP_GRACE_MS, whenAborted } from '../run/interruption.ts'
import { othersEnded } from '../run/others.ts'
import { readPrompt } from '../run/prompt.ts'
import { readRunOptions, type RunOptions } from '../run/run-options.ts'
import { safeJson } from '../safe-text.ts'
import { workspaceOf } from '../workspace-flag.ts'
import { createKeyboard, type Keyboard } from '../terminal/keyboard.ts'
import { looksOf, type Looks, painted } from '../terminal/style.ts'
import type { TaskRow } from '../terminal/task-row.ts'
import { createTerminalHuman } from '../terminal/terminal-human.ts'
import { createView, type View } from '../terminal/view.ts'

const CLOSE_GRACE_MS = 1_000
const EMBEDDED_NOTE = 'Built-in model: rules, offline. For a real one set OPENAI_API_KEY or OPENAI_BASE_URL.'

/** Everything that one run of the command shares. */
interface Session {
  readonly options: RunOptions
  readonly looks: Looks
  readonly view: View
  readonly interruption: Interruption
  readonly processes: ReturnType<typeof nodeProcesses>
  keyboard: Keyboard | null
  runtime: Runtime | null
}

export async function runCommand(given: Arguments): Promise<number> {
  const session = openSession(readRunOptions(given))
  const { interruption, view, processes } = session
  // However the process ends, what it started ends with it, and the terminal is as it was.
  const leave = () => {
    processes.killAll()
    letGoOfTerminal(session)
  }
  process.on('exit', leave)
  try {
    const prompt = await readPrompt({
      words: given.words,
      input: process.stdin,
      waiting: () =>
        view.note('Reading the prompt from standard input; close it (Ctrl-D, or </dev/null) to go on.'),
      signal: interruption.signal,
    })
    if (interruption.by || prompt === null) {
      view.note('Nothing was started. Run the same command again.')
      return exitCodeOfSignal(interruption.by ?? 'SIGINT')
    }
    return await runTask(session, prompt, await workspaceOf(given))
  } finally {
    letGoOfTerminal(session)
    await session.runtime?.close({ graceMs: CLOSE_GRACE_MS })
    interruption.dispose()
    process.off('exit', leave)
  }
}

function openSession(options: RunOptions): Session {
  const { stderr } = process
  const looks = looksOf(stderr.isTTY, process.env)
  const { isQuiet, isVerbose, format } = options
  // Events that come to the same terminal would tear apart what is drawn in place.
  const isLive = looks.isLive && !(format === 'stream-json' && process.stdout.isTTY)
  return {
    options,
    looks,
    view: createView({ terminal: stderr, looks: { ...looks, isLive }, isQuiet, isVerbose }),
    interruption: listenForInterruption(),
    processes: nodeProcesses(),
    keyboard: null,
    runtime: null,
  }
}

function letGoOfTerminal({ view, keyboard }: Session): void {
  view.end()
  keyboard?.close()
}

async function runTask(session: Session, prompt: string, workspace: string): Promise<number> {
  const { options, view, interruption } = session
  const runtime = await createRuntime(runtimeOptions(session, workspace))
  session.runtime = runtime
  const say = (text: string) => options.isQuiet || view.note(text)
  whenAborted(interruption.signal, () => say('Stopping. Once more leaves at once.'))
  if (usesEmbedded(options)) say(EMBEDDED_NOTE)
  runtime.subscribe((event) => view.hear(event))
  if (options.format === 'stream-json') runtime.subscribe((event) => tellEvent(event, options))
  const { agent, limits } = options
  const task = await runtime.start({ message: prompt, limits, ...(agent === undefined ? {} : { agent }) })

  const result = await resultOrGiveUp(session, task)
  await othersEnded({ runtime, rootId: task.id, interruption, reason: () => stopReason(session), say })
  // What there is to tell of the last of them may still be on its way.
  await runtime.close({ graceMs: CLOSE_GRACE_MS })
  view.end()
  return conclude(session, endingOf(session, result))
}

function endingOf({ view, keyboard, interruption }: Session, result: TaskResult): Ending {
  const rows = view.tasks()
  const sum = (read: (row: TaskRow) => number) => rows.reduce((total, row) => total + read(row), 0)
  const [root] = rows
  const lastEnd = Math.max(...rows.map(({ endedAt }) => endedAt ?? 0))
  return {
    result,
    by: interruption.by,
    taskCount: rows.length,
    turnCount: sum(({ turns }) => turns),
    callCount: sum(({ callCount }) => callCount),
    tokenCount: sum(({ usage }) => usage.inputTokens + usage.outputTokens),
    // What works for the task may go on after it has ended.
    durationMs: Math.max(result.durationMs, root ? lastEnd - root.startedAt : 0),
    unaskedCount: keyboard ? 0 : sum(({ refusedCount }) => refusedCount),
  }
}

function runtimeOptions(session: Session, workspace: string): RuntimeOptions {
  const { options, view, processes } = session
  const { mode, model, readsSettings, maxBackground } = options
  const named = model === undefined ? null : modelFromEnvironment({ environment: process.env, name: model })
  return {
    workspace,
    processes,
    settings: readsSettings,
    warn: (text) => view.note(text),
    ...(mode === undefined ? {} : { policy: { mode } }),
    // What was typed is meant for this run, also where an agent's file names another model.
    ...(named ? { model: named, models: () => named } : {}),
    ...(maxBackground === undefined ? {} : { concurrency: { background: maxBackground } }),
    // Without `approve` there is nobody to ask; how background tasks end is told all the same.
    human: terminalHuman(session) ?? { notify: view.notify },
  }
}

function usesEmbedded({ model }: RunOptions): boolean {
  const chosen = modelFromEnvironment({
    environment: process.env,
    ...(model === undefined ? {} : { name: model }),
  })
  return chosen.name === 'embedded'
}

/** Somebody can be asked only where keys can be read and questions be seen. */
function terminalHuman(session: Session): Human | null {
  const { view, looks, interruption, options } = session
  const { stdin, stderr } = process
  if (!stdin.isTTY || !looks.isLive || !options.mayAsk) return null
  const keyboard = createKeyboard({
    input: stdin,
    output: stderr,
    interrupt: () => interruption.raise('SIGINT'),
    leave: view.suspend,
    comeBack: view.resume,
  })
  session.keyboard = keyboard
  const cancel = async (taskId: string) => {
    await session.runtime?.cancel(taskId, 'The user cancelled it when asked to allow a call.')
  }
  return createTerminalHuman({ keyboard, output: stderr, isColoured: looks.isColoured, view, cancel })
}

/** The public events of all tasks, one a line, as they become durable. */
function tellEvent(event: TaskEvent, { isVerbose }: RunOptions): void {
  if (isVerbose || event.type !== 'progress') printResult(`${safeJson(event)}\n`)
}

/** The task's end; when the person wants it to stop, that end or the last word after a while. */
async function resultOrGiveUp(session: Session, task: Task): Promise<TaskResult> {
  const { signal, tooLate } = session.interruption
  const stopping = new Promise<void>((resolve) => whenAborted(signal, () => resolve()))
  const first = await Promise.race([task.result(), stopping])
  if (first) return first

  // That it can't be recorded changes nothing: the process ends either way.
  task.cancel(stopReason(session)).catch(() => {})
  return (await Promise.race([task.result(), tooLate])) ?? leftBehind(task)
}

function stopReason({ interruption }: Session): string {
  return `It was stopped by ${interruption.by === 'SIGINT' ? 'Ctrl-C' : interruption.by}.`
}

function leftBehind({ id }: Task): TaskResult {
  const reason = {
    code: 'task/stopped',
    message: `It did not end within ${STOP_GRACE_MS / 1_000} s and was left behind.`,
  }
  const usage = { inputTokens: 0, outputTokens: 0 }
  return { taskId: id, status: 'paused', result: '', reason, turns: 0, usage, durationMs: 0 }
}

function conclude({ options, looks }: Session, ending: Ending): number {
  const { result } = ending
  const code = codeOf(ending)
  const isTold = !options.isQuiet || code !== 0
  const rows = isTold ? summaryRows(ending) : []
  const summary = rows.map((row) => `${painted(row, looks.isColoured)}\n`).join('')
  if (options.format === 'text') {
    process.stderr.write(summary === '' ? '' : `\n${summary}\n`)
    if (result.status === 'completed') printResult(resultText(result))
  } else {
    process.stderr.write(summary)
    const type = options.format === 'stream-json' ? { type: 'result' } : {}
    printResult(`${safeJson({ ...type, ...resultObject(result) })}\n`)
  }
  return code
}
