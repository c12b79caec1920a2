import type { Human } from '../../host.ts'
import { modelFromEnvironment } from '../../hosts/node-model.ts'
import { nodeProcesses } from '../../hosts/node-processes.ts'
import { createRuntime, type RuntimeOptions } from '../../hosts/node.ts'
import type { Runtime } from '../../runtime.ts'
import type { Task } from '../../runtime/handle.ts'
import type { TaskResult } from '../../runtime/result.ts'
import type { Arguments } from '../arguments.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { codeOf, type Ending, resultObject, resultText, summaryRows } from '../run/ending.ts'
import { type Interruption, listenForInterruption } from '../run/interruption.ts'
import { readPrompt } from '../run/prompt.ts'
import { readRunOptions, type RunOptions } from '../run/run-options.ts'
import { safeJson } from '../safe-text.ts'
import { workspaceOf } from '../workspace-flag.ts'
import { createKeyboard, type Keyboard } from '../terminal/keyboard.ts'
import { looksOf, type Looks, painted } from '../terminal/style.ts'
import type { TaskRow } from '../terminal/task-rows.ts'
import { createTerminalHuman } from '../terminal/terminal-human.ts'
import { createView, type View } from '../terminal/view.ts'

/** How long a task that was cancelled may take to come to its end before it is left behind. */
const CANCEL_GRACE_MS = 10_000
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
  if (usesEmbedded(options) && !options.isQuiet) view.note(EMBEDDED_NOTE)
  const unsubscribe = runtime.subscribe((event) => view.hear(event))
  const { agent, limits } = options
  const task = await runtime.start({ message: prompt, limits, ...(agent === undefined ? {} : { agent }) })
  const told = options.format === 'stream-json' ? tellEvents(task, options) : Promise.resolve()

  const result = await resultOrGiveUp(session, task)
  unsubscribe()
  view.end()
  await runtime.close({ graceMs: CLOSE_GRACE_MS })
  await told
  const sum = (read: (row: TaskRow) => number) => view.tasks().reduce((total, row) => total + read(row), 0)
  const unaskedCount = session.keyboard ? 0 : sum(({ refusedCount }) => refusedCount)
  return conclude(session, {
    result,
    by: interruption.by,
    callCount: sum(({ callCount }) => callCount),
    unaskedCount,
  })
}

function runtimeOptions(session: Session, workspace: string): RuntimeOptions {
  const { options, view, processes } = session
  const { mode, model, readsSettings } = options
  const human = terminalHuman(session)
  const named = model === undefined ? null : modelFromEnvironment({ environment: process.env, name: model })
  return {
    workspace,
    processes,
    settings: readsSettings,
    warn: (text) => view.note(text),
    ...(mode === undefined ? {} : { policy: { mode } }),
    // What was typed is meant for this run, also where an agent's file names another model.
    ...(named ? { model: named, models: () => named } : {}),
    ...(human ? { human } : {}),
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

/** The public events, one a line, as they become durable. */
async function tellEvents(task: Task, { isVerbose }: RunOptions): Promise<void> {
  for await (const event of task.events({ progress: isVerbose })) printResult(`${safeJson(event)}\n`)
}

/** The task's end; when the person wants it to stop, that end or the last word after a while. */
async function resultOrGiveUp({ interruption, view, options }: Session, task: Task): Promise<TaskResult> {
  const { signal } = interruption
  const stopping = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const first = await Promise.race([task.result(), stopping])
  if (first) return first

  if (!options.isQuiet) view.note('Stopping. Once more leaves at once.')
  // That it can't be recorded changes nothing: the process ends either way.
  task
    .cancel(`It was stopped by ${interruption.by === 'SIGINT' ? 'Ctrl-C' : interruption.by}.`)
    .catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), CANCEL_GRACE_MS)))
  const last = await Promise.race([task.result(), late])
  clearTimeout(timer)
  return last ?? leftBehind(task)
}

function leftBehind({ id }: Task): TaskResult {
  const reason = {
    code: 'task/stopped',
    message: `It did not end within ${CANCEL_GRACE_MS / 1_000} s and was left behind.`,
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
