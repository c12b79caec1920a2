import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inWords, RuntimeError } from '../errors.ts'
import type { Command, CommandEnd, Processes } from '../host.ts'
import { birthOf } from './node/processes/birth.ts'
import { isInside } from './node/paths.ts'
import { commandEnvironment } from './node/environment/environment.ts'
import { bashArguments, closeGate, GATED_STDIO, OPEN_STDIO, openGate } from './node/processes/gate.ts'
import { endGroup, killGroup } from './node/processes/group.ts'
import { endMarked, killMarked, markOf, type Mark } from './node/processes/mark.ts'
import { keptOutput, type Output } from './node/processes/output.ts'
import { endStray } from './node/processes/stray.ts'

/** How long a group may put its things in order between being asked to end and being killed. */
const TERM_GRACE_MS = 500
/** How long a process that left the group and still writes is listened to after the group's death. */
const DRAIN_MAX_MS = 1_000
const QUIET_TURNS = 2
/** A longer timer would ring at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** What running commands rests on. Only tests give anything but the default. */
export interface ProcessGround {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly bash: string | null
  readonly termGraceMs: number
}

/** What of it a host may say. */
export interface ProcessOptions extends Partial<ProcessGround> {
  /** Names of variables that commands inherit although they look like secrets. */
  readonly keeps?: readonly string[]
}

type Context = Parameters<Processes['run']>[1]
type Began = NonNullable<Context['began']>

/**
 * Runs commands with the bash of this machine, each in a process group that never outlives it. On Linux what
 * leaves the group is found by a mark in its environment; whoever takes that away as well
 * (`env -i setsid`) lives on. After a crash of ours a group is known by when its leader began, and when that
 * is gone by the mark; elsewhere than on Linux nothing is ended then, and `endStray` says so.
 */
export function nodeProcesses(options: ProcessOptions = {}): Processes {
  const {
    environment = process.env,
    keeps = [],
    bash = findBash(environment),
    termGraceMs = TERM_GRACE_MS,
  } = options
  const groups = new Map<number, Mark>()

  return {
    async run(command, context) {
      if (bash === null) throw unavailable('there is no bash on this machine')
      let startedAt = performance.now()
      const ended = (end: Omit<CommandEnd, 'durationMs'>) => ({
        ...end,
        durationMs: Math.round(performance.now() - startedAt),
      })
      if (context.signal.aborted) return ended({ ...NOTHING, why: 'stopped' })

      const mark = markOf()
      const { root = command.cwd } = command
      if (isInside(root, bash) && !SYSTEM_BASH.includes(bash))
        throw unavailable('the only bash on this machine lies in the workspace')
      const inherited = commandEnvironment(environment, root, keeps)
      const { began } = context
      const env = { ...inherited, ...mark.variable }
      const child = await start(bash, command, { env, isGated: began !== undefined })
      groups.set(child.pid, mark)
      try {
        if (began) await goOn(child, began, { ...context, termGraceMs, mark })
        startedAt = performance.now()
        return ended(await untilDead(child, command, { ...context, termGraceMs, mark }))
      } finally {
        groups.delete(child.pid)
        closeGate(child)
      }
    },
    endStray: (stray) => endStray(stray, { environment, termGraceMs }),
    killAll() {
      for (const group of groups.keys()) killGroup(group, 'SIGKILL')
      killMarked([...groups.values()])
    },
  }
}

const NOTHING = { exitCode: null, signal: null, output: '', bytesDropped: 0 } as const

const SYSTEM_BASH: readonly string[] = ['/bin/bash', '/usr/bin/bash']

/** Bash where it always is, else on the PATH; `null` where there is none, or no process groups. */
function findBash(environment: ProcessGround['environment']): string | null {
  if (process.platform === 'win32') return null
  const directories = (environment['PATH'] ?? '').split(delimiter).filter((it) => it.startsWith('/'))
  return [...SYSTEM_BASH, ...directories.map((it) => join(it, 'bash'))].find(canRun) ?? null
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

type Started = ChildProcess & { readonly pid: number }

interface Way {
  readonly env: Record<string, string>
  readonly isGated: boolean
}

function start(bash: string, { line, cwd }: Command, { env, isGated }: Way): Promise<Started> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) =>
      reject(unavailable(`bash could not be started in ${cwd}: ${error.message}`, error))
    try {
      const child = spawn(bash, bashArguments(bash, line, isGated), {
        cwd,
        env,
        detached: true,
        stdio: [...(isGated ? GATED_STDIO : OPEN_STDIO)],
      })
      child.once('error', refuse)
      child.once('spawn', () => resolve(child as Started))
    } catch (error) {
      refuse(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

interface Watched extends Context {
  readonly termGraceMs: number
  readonly mark: Mark
}

/** Says that the line is about to run, and lets it run once that is kept. Else nothing of it ever runs. */
async function goOn(child: Started, began: Began, { signal, termGraceMs, mark }: Watched): Promise<void> {
  const tell = async () => {
    const startedAt = await birthOf(child.pid)
    if (startedAt === null) throw new Error('it was gone before it ran')
    await began({ group: child.pid, startedAt, mark: mark.id })
  }
  try {
    await openGate(child, tell, signal)
  } catch (error) {
    closeGate(child)
    if (await endGroup(child.pid, termGraceMs)) await reaped(child)
    throw unavailable(`that this one begins could not be kept: ${inWords(error)}`, error)
  }
}

/** Listens until the whole group is dead, and sees to it that it dies. */
async function untilDead(child: Started, command: Command, context: Watched) {
  const { signal, progress, termGraceMs, mark } = context
  const output = keptOutput(command.keepBytes, progress)
  child.stdout?.on('data', output.stream())
  child.stderr?.on('data', output.stream())

  const shell = await shellEnd(child, command.timeoutMs, signal)
  // What the line left in the background goes too: nobody would ever end it.
  const isDead = (await endGroup(child.pid, termGraceMs)) && (await endMarked(mark))
  await drain(child, output)
  if (isDead) await reaped(child)

  const { text, bytesDropped } = output.end()
  const note = isDead ? '' : `\n… a process of this command (group ${child.pid}) could not be ended.\n`
  const { exitCode, signalCode } = child
  return { exitCode, signal: signalCode, why: shell, output: text + note, bytesDropped }
}

/** Waits until the shell has ended or may not go on. */
function shellEnd(child: Started, timeoutMs: number, signal: AbortSignal): Promise<CommandEnd['why']> {
  return new Promise((resolve) => {
    const settle = (why: CommandEnd['why']) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      child.removeListener('exit', exited)
      resolve(why)
    }
    const stop = () => settle('stopped')
    const exited = () => settle('exited')
    const timer = setTimeout(settle, Math.min(timeoutMs, TIMER_MAX_MS), 'timedOut')
    signal.addEventListener('abort', stop, { once: true })
    child.once('exit', exited)
    if (child.exitCode !== null || child.signalCode !== null) exited()
    else if (signal.aborted) stop()
  })
}

/** A shell that is dead may not have been asked yet how it ended. */
async function reaped(child: Started): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/**
 * Reads what the group had written before it died, then closes the pipes. A turn of the event loop without
 * a byte means that they are empty. Their end is not waited for: a process that left the group may hold them.
 */
async function drain(child: Started, output: Output): Promise<void> {
  const until = performance.now() + DRAIN_MAX_MS
  for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < until; ) {
    const before = output.bytes
    await nextTurn()
    quiet = output.bytes === before ? quiet + 1 : 0
  }
  child.stdout?.destroy()
  child.stderr?.destroy()
}

function unavailable(why: string, cause?: unknown): RuntimeError {
  return new RuntimeError('command/unavailable', `No command can be run: ${why}.`, { cause })
}
