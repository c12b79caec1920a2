import type { Human } from '../../host.ts'
import { modelFromEnvironment } from '../../hosts/node-model.ts'
import { nodeProcesses } from '../../hosts/node-processes.ts'
import { createRuntime, type RuntimeOptions } from '../../hosts/node.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import type { Runtime } from '../../runtime.ts'
import { memoryStore } from '../../stores/memory.ts'
import type { Arguments } from '../arguments.ts'
import { printResult } from '../output.ts'
import { safeJson } from '../safe-text.ts'
import { createKeyboard, type Keyboard } from '../terminal/keyboard.ts'
import { type Looks, looksOf } from '../terminal/style.ts'
import { createTerminalHuman } from '../terminal/terminal-human.ts'
import { createView, type View } from '../terminal/view.ts'
import { workspaceOf } from '../workspace-flag.ts'
import { type Interruption, listenForInterruption } from './interruption.ts'
import { leftWords } from './left-at-once.ts'
import type { WorkOptions } from './run-options.ts'

/** What a command that works on tasks until they end has at hand from its first line to its last. */
export interface Session {
  readonly options: WorkOptions
  readonly looks: Looks
  readonly view: View
  readonly interruption: Interruption
  readonly processes: ReturnType<typeof nodeProcesses>
  /** Says something to the person, unless they want no progress. */
  readonly say: (text: string) => void
}

/** The same with a runtime on the workspace. */
export interface OpenSession extends Session {
  readonly runtime: Runtime
  readonly place: Place
  /** Whether there is a person at the terminal who is asked. */
  readonly asksHere: boolean
  /** Whether what needs a yes waits for it, rather than being refused. */
  readonly parksHere: boolean
}

/** Where tasks work, and whether what happens to them outlives the command. */
export interface Place {
  readonly workspace: string
  /** As it was typed; `null`: it was not. */
  readonly named: string | null
  readonly isKept: boolean
}

const CLOSE_GRACE_MS = 1_000
const EMBEDDED_NOTE = 'Built-in model: rules, offline. For a real one set OPENAI_API_KEY or OPENAI_BASE_URL.'

/** Whatever has to be let go of when the command ends, however it ends. */
interface Held {
  keyboard: Keyboard | null
  runtime: Runtime | null
  place: Place | null
}

/** The workspace that the command is about. */
export async function placeOf(given: Arguments, isKept: boolean): Promise<Place> {
  return { workspace: await workspaceOf(given), named: given.value('workspace') ?? null, isKept }
}

/** What is done in a session. `open` gives it a runtime. */
type Work = (session: Session, open: (place: Place) => Promise<OpenSession>) => Promise<number>

/** Opens a session for as long as `work` takes. */
export async function inSession(options: WorkOptions, work: Work): Promise<number> {
  const session = newSession(options)
  const held: Held = { keyboard: null, runtime: null, place: null }
  const letGoOfTerminal = () => {
    session.view.end()
    held.keyboard?.close()
  }
  // However the process ends, what it started ends with it, and the terminal is as it was.
  const leave = () => {
    session.processes.killAll()
    letGoOfTerminal()
    const words = leftWords(session.view.tasks(), held.place)
    if (words !== null) process.stderr.write(`${words}\n`)
  }
  process.on('exit', leave)
  try {
    return await work(session, (place) => openRuntime(session, place, held))
  } finally {
    letGoOfTerminal()
    await held.runtime?.close({ graceMs: CLOSE_GRACE_MS })
    session.interruption.dispose()
    process.off('exit', leave)
  }
}

function newSession(options: WorkOptions): Session {
  const { stderr } = process
  const looks = looksOf(stderr.isTTY, process.env)
  const { isQuiet, isVerbose, format } = options
  // Events that come to the same terminal would tear apart what is drawn in place.
  const isLive = looks.isLive && !(format === 'stream-json' && process.stdout.isTTY)
  const view = createView({ terminal: stderr, looks: { ...looks, isLive }, isQuiet, isVerbose })
  return {
    options,
    looks,
    view,
    interruption: listenForInterruption(),
    processes: nodeProcesses(),
    say: (text) => void (isQuiet || view.note(text)),
  }
}

async function openRuntime(session: Session, place: Place, held: Held): Promise<OpenSession> {
  const { options, view } = session
  const human = terminalHuman(session, held)
  const runtime = await createRuntime(runtimeOptions(session, place, human))
  held.runtime = runtime
  held.place = place
  if (usesEmbedded(options)) session.say(EMBEDDED_NOTE)
  runtime.subscribe((event) => view.hear(event))
  if (options.format === 'stream-json') runtime.subscribe((event) => tellEvent(event, options))
  return { ...session, runtime, place, asksHere: human !== null, parksHere: parks(options) }
}

function runtimeOptions(session: Session, place: Place, human: Human | null): RuntimeOptions {
  const { options, view, processes } = session
  const { mode, model, readsSettings, maxBackground } = options
  const named = model === undefined ? null : modelFromEnvironment({ environment: process.env, name: model })
  return {
    workspace: place.workspace,
    processes,
    settings: readsSettings,
    warn: (text) => view.note(text),
    ...(place.isKept ? {} : { store: memoryStore() }),
    ...(mode === undefined ? {} : { policy: { mode } }),
    // What was typed is meant for this run, also where an agent's file names another model.
    ...(named ? { model: named, models: () => named } : {}),
    ...(maxBackground === undefined ? {} : { concurrency: { background: maxBackground } }),
    // Without `approve` there is nobody to ask; how background tasks end is told all the same.
    human: human ?? { notify: view.notify },
    onAsk: parks(options) ? 'park' : 'refuse',
    // What goes on by itself may wait for an answer, which nobody is to refuse behind the person's back.
    ...(human === null && !parks(options) ? { autoResume: false } : {}),
  }
}

function parks({ onAsk, onAskAlone }: WorkOptions): boolean {
  return (onAsk ?? onAskAlone) === 'park'
}

function usesEmbedded({ model }: WorkOptions): boolean {
  const chosen = modelFromEnvironment({
    environment: process.env,
    ...(model === undefined ? {} : { name: model }),
  })
  return chosen.name === 'embedded'
}

/** Somebody can be asked only where keys can be read and questions be seen. */
function terminalHuman({ view, looks, interruption, options }: Session, held: Held): Human | null {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !looks.isLive || options.onAsk !== undefined) return null
  const keyboard = createKeyboard({
    input: stdin,
    output: stderr,
    interrupt: () => interruption.raise('SIGINT'),
    leave: view.suspend,
    comeBack: view.resume,
  })
  held.keyboard = keyboard
  const cancel = async (taskId: string) => {
    await held.runtime?.cancel(taskId, 'The user cancelled it when asked to allow a call.')
  }
  return createTerminalHuman({ keyboard, output: stderr, isColoured: looks.isColoured, view, cancel })
}

/** The public events of all tasks, one a line, as they become durable. */
export function tellEvent(event: TaskEvent, { isVerbose }: Pick<WorkOptions, 'isVerbose'>): void {
  if (isVerbose || event.type !== 'progress') printResult(`${safeJson(event)}\n`)
}
