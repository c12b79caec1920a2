import type { Human, Processes } from '../../host.ts'
import { modelFromEnvironment } from '../../hosts/node-model.ts'
import { nodeProcesses } from '../../hosts/node-processes.ts'
import { createRuntime, type RuntimeOptions } from '../../hosts/node.ts'
import { OWN_SETTINGS } from '../../hosts/settings.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import type { Runtime } from '../../runtime.ts'
import { memoryStore } from '../../stores/memory.ts'
import type { Arguments } from '../arguments.ts'
import { UsageError } from '../../errors.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { safeJson } from '../safe-text.ts'
import { createKeyboard, type Keyboard } from '../terminal/keyboard.ts'
import { type Looks, looksOf } from '../terminal/style.ts'
import { type Asking, createTerminalHuman } from '../terminal/terminal-human.ts'
import { createView, type View } from '../terminal/view.ts'
import { settleTrust, type Settled } from '../trust/settle.ts'
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
  processes: Processes | null
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
  const held: Held = { keyboard: null, processes: null, runtime: null, place: null }
  const letGoOfTerminal = () => {
    session.view.end()
    held.keyboard?.close()
  }
  // However the process ends, what it started ends with it, and the terminal is as it was.
  const leave = () => {
    held.processes?.killAll()
    letGoOfTerminal()
    const words = leftWords(session.view.tasks(), held.place)
    if (words !== null) process.stderr.write(`${words}\n`)
  }
  process.on('exit', leave)
  try {
    return await work(session, (place) => openRuntime(session, place, held))
  } catch (error) {
    const { by } = session.interruption
    if (by === null || held.runtime) throw error
    session.view.note('Nothing was started. Run the same command again.')
    return exitCodeOfSignal(by)
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
    say: (text) => void (isQuiet || view.note(text)),
  }
}

async function openRuntime(session: Session, place: Place, held: Held): Promise<OpenSession> {
  const { options, view, interruption } = session
  const asking = askingIn(session, held)
  const settled = await settle(session, place, asking)
  if (interruption.by) throw new UsageError('It was interrupted before anything was started.')
  held.processes = nodeProcesses({ keeps: settled.own.environment })
  const human = asking && terminalHuman(session, asking, held)
  const given = { place, human, processes: held.processes, told: settled.told }
  const runtime = await createRuntime(runtimeOptions(session, given))
  held.runtime = runtime
  held.place = place
  if (usesEmbedded(options)) session.say(EMBEDDED_NOTE)
  runtime.subscribe((event) => view.hear(event))
  if (options.format === 'stream-json') runtime.subscribe((event) => tellEvent(event, options))
  return { ...session, runtime, place, asksHere: human !== null, parksHere: parks(options) }
}

/** Who reads the output as data is asked nothing that is not about a call. */
async function settle(
  { options, interruption, view }: Session,
  { workspace }: Place,
  asking: Asking | null,
): Promise<Settled> {
  if (!options.readsSettings) return { own: OWN_SETTINGS, told: null }
  if (!asking || options.format !== 'text') return settleTrust(workspace, null, interruption.signal)
  view.suspend()
  try {
    return await settleTrust(workspace, asking, interruption.signal)
  } finally {
    view.resume()
  }
}

/** What a runtime is given besides what was typed. */
interface Given extends Pick<Settled, 'told'> {
  readonly place: Place
  readonly human: Human | null
  readonly processes: Processes
}

function runtimeOptions({ options, view }: Session, given: Given): RuntimeOptions {
  const { place, human, processes, told } = given
  const { mode, model, readsSettings, maxBackground } = options
  const named = model === undefined ? null : modelFromEnvironment({ environment: process.env, name: model })
  return {
    workspace: place.workspace,
    processes,
    settings: readsSettings,
    warn: (text) => void (text === told || view.note(text)),
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
function askingIn({ view, looks, interruption, options }: Session, held: Held): Asking | null {
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
  return { keyboard, output: stderr, isColoured: looks.isColoured }
}

function terminalHuman({ view }: Session, asking: Asking, held: Held): Human {
  const cancel = async (taskId: string) => {
    await held.runtime?.cancel(taskId, 'The user cancelled it when asked to allow a call.')
  }
  return createTerminalHuman({ ...asking, view, cancel })
}

/** The public events of all tasks, one a line, as they become durable. */
export function tellEvent(event: TaskEvent, { isVerbose }: Pick<WorkOptions, 'isVerbose'>): void {
  if (isVerbose || event.type !== 'progress') printResult(`${safeJson(event)}\n`)
}
