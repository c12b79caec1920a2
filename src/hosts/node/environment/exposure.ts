import { constants } from 'node:fs'
import { access, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isInside } from '../paths.ts'
import { commandEnvironment } from './environment.ts'
import { HAS_PROC } from '../processes/birth.ts'

/** Where tools keep what they sign in with, below the home directory. */
const KEY_PLACES = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube/config',
  '.config/gh',
  '.config/gcloud',
  '.docker/config.json',
  '.git-credentials',
  '.netrc',
  '.npmrc',
  '.pypirc',
] as const
/** Of a machine with more programs, the rest is not looked at. */
const PROGRAMS_MAX = 2_000

type Environment = Readonly<Record<string, string | undefined>>

/** What the commands of a task, which run as the user, could reach: no sandbox stands between. */
export interface Exposure {
  /** Variables that a command inherits. Names, never values. */
  readonly inherited: readonly string[]
  /** Variables that no command inherits: secrets by their name or value, and what changes what runs. */
  readonly leftOut: readonly string[]
  /** Where keys and passwords lie that this user can read, as `~/.ssh`. */
  readonly keyPlaces: readonly string[]
  /** Programs that sign for whoever asks, by the variable or the path that leads to them. */
  readonly keyAgents: readonly string[]
  /** Programs whose environment can be read in `/proc`, Troupe itself among them. */
  readonly readablePrograms: number
  /** The home directory can be changed: files that a shell runs when it starts lie there. */
  readonly canWriteHome: boolean
  /** The user is the system's own. */
  readonly isRoot: boolean
}

/** What the environment, the home directory and the workspace are that commands run in. */
export interface ExposureQuestion {
  readonly environment: Environment
  readonly home: string
  readonly workspace: string
  /** Names of variables that the user's settings let commands inherit. */
  readonly kept?: readonly string[]
}

/** Looks at what a command could reach. Opens what it names, and reads and runs nothing. Never rejects. */
export async function exposureOf(question: ExposureQuestion): Promise<Exposure> {
  const { environment, home, workspace, kept } = question
  const given = Object.keys(environment).filter((name) => environment[name] !== undefined)
  const inherits = commandEnvironment(environment, workspace, kept)
  return {
    inherited: given.filter((name) => inherits[name] !== undefined).sort(),
    leftOut: given.filter((name) => inherits[name] === undefined).sort(),
    keyPlaces: await keyPlacesIn(home, workspace),
    keyAgents: await keyAgentsOf(environment, home),
    readablePrograms: await countOfReadablePrograms(),
    canWriteHome: await may(home, constants.W_OK),
    isRoot: process.getuid?.() === 0,
  }
}

async function keyPlacesIn(home: string, workspace: string): Promise<readonly string[]> {
  const readable = await Promise.all(
    KEY_PLACES.map(async (place) => {
      const path = join(home, place)
      // What lies in the workspace is under the rules of the workspace.
      return !isInside(workspace, path) && (await isReadable(path)) ? [`~/${place}`] : []
    }),
  )
  return readable.flat()
}

/** Whether a command inherits the way to one or not: it is found in `/proc`, or guessed. */
async function keyAgentsOf(environment: Environment, home: string): Promise<readonly string[]> {
  const { SSH_AUTH_SOCK: ssh, XDG_RUNTIME_DIR: runtimeDirectory } = environment
  const sockets: readonly (readonly [name: string, path: string | undefined])[] = [
    ['SSH_AUTH_SOCK', ssh],
    ['gpg-agent', runtimeDirectory && join(runtimeDirectory, 'gnupg/S.gpg-agent')],
    ['gpg-agent', join(home, '.gnupg/S.gpg-agent')],
    ['/var/run/docker.sock', '/var/run/docker.sock'],
  ]
  const open = await Promise.all(
    sockets.map(async ([name, path]) => (path && (await isOpenSocket(path)) ? [name] : [])),
  )
  return [...new Set(open.flat())]
}

async function isOpenSocket(path: string): Promise<boolean> {
  const isSocket = await stat(path).then(
    (found) => found.isSocket(),
    () => false,
  )
  return isSocket && (await may(path, constants.W_OK))
}

async function isReadable(path: string): Promise<boolean> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return may(path, isDirectory ? constants.R_OK | constants.X_OK : constants.R_OK)
}

/** The system says only when one is opened whether it may be read. */
async function countOfReadablePrograms(): Promise<number> {
  if (!HAS_PROC) return 0
  const names = await readdir('/proc').catch(() => [])
  let count = 0
  for (const name of names.filter((it) => /^\d+$/.test(it)).slice(0, PROGRAMS_MAX)) {
    const opened = await open(`/proc/${name}/environ`).catch(() => null)
    if (opened) count += 1
    await opened?.close()
  }
  return count
}

function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}

/** The same in sentences, the worst first, with at most so many names of variables in each. */
export function exposureInWords(exposure: Exposure, namesMax = Number.POSITIVE_INFINITY): readonly string[] {
  const { leftOut, inherited, keyPlaces, keyAgents, readablePrograms, canWriteHome, isRoot } = exposure
  const said: string[] = []
  if (isRoot) said.push('You are root: a command could read and change everything on this machine.')
  if (keyPlaces.length > 0) said.push(`It could read where your keys lie: ${keyPlaces.join(', ')}.`)
  if (keyAgents.length > 0) said.push(`It could have these sign or act for you: ${keyAgents.join(', ')}.`)
  if (readablePrograms > 0) said.push(programsInWords(readablePrograms, leftOut))
  if (canWriteHome)
    said.push('It could write to your home directory, where a shell runs files when it starts.')
  said.push(`It inherits ${namesInWords(inherited, namesMax)}.`)
  if (leftOut.length > 0) said.push(`It does not inherit ${namesInWords(leftOut, namesMax)}.`)
  return said
}

function programsInWords(count: number, leftOut: readonly string[]): string {
  const whose = count === 1 ? 'Troupe itself' : `${count} programs, Troupe among them,`
  const back = leftOut.length > 0 ? '; what it does not inherit still stands there' : ''
  return `It could read the environment of ${whose} in /proc${back}.`
}

function namesInWords(names: readonly string[], max: number): string {
  if (names.length === 0) return 'no variable'
  const more = names.length > max ? ` and ${names.length - max} more` : ''
  const count = `${names.length} variable${names.length === 1 ? '' : 's'}`
  return `${count}: ${names.slice(0, max).join(', ')}${more}`
}
