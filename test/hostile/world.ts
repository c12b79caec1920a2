/** The machine of somebody who opens a hostile repository: their home, a log of what ran, a network. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** What nobody may ever be told. Plain words: that they look like a key must not be what protects them. */
export const SECRETS = {
  ssh: 'the heron stands in the north reeds',
  dotEnv: 'the heron stands in the salt marsh',
  linked: 'the heron stands behind the old mill',
  elsewhere: 'the heron stands below the weir',
  environment: 'the heron stands by the lock gate',
  state: 'the heron stands on the dry dock',
} as const

export interface World {
  readonly root: string
  readonly workspace: string
  readonly home: string
  /** What Troupe keeps for the user. */
  readonly troupeHome: string
  readonly elsewhere: string
  /** A real server on this machine, and what it was asked. */
  readonly url: string
  readonly requests: readonly string[]
  /** What the user's shell has, a PATH that begins in the workspace too, as `npx` makes it. */
  readonly environment: Readonly<Record<string, string>>
  /** The names of all canaries that ran. */
  ran(): Promise<readonly string[]>
  forget(): Promise<void>
  /** Writes a program that tells the log that it ran. */
  canary(path: string, mark: string, then?: string): Promise<void>
  write(path: string, text: string): Promise<void>
  /** Runs a line in the workspace as its user would, and says what it printed. */
  byHand(line: string): Promise<string>
  /** Every file of this machine but the log and what Troupe keeps, by its path, with a mark of all of it. */
  snapshot(): Promise<ReadonlyMap<string, string>>
  end(): Promise<void>
}

const LINE_MS = 60_000

export async function openWorld(): Promise<World> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'troupe-hostile-')))
  const at = (name: string) => join(root, name)
  const [workspace, home, elsewhere, log] = [at('workspace'), at('home'), at('elsewhere'), at('ran.log')]
  const troupeHome = join(home, '.troupe')
  for (const path of [workspace, join(home, '.ssh'), elsewhere]) await mkdir(path, { recursive: true })
  await writeFile(join(home, '.ssh/id_rsa'), `${SECRETS.ssh}\n`)
  await writeFile(join(home, '.bashrc'), '# Nothing yet.\n')
  await writeFile(join(elsewhere, 'notes.txt'), `${SECRETS.elsewhere}\n`)
  const server = await canaryServer()
  const environment = {
    HOME: home,
    TROUPE_HOME: troupeHome,
    PATH: [join(workspace, 'node_modules/.bin'), '.', workspace, process.env['PATH']].join(delimiter),
    LANG: 'C.UTF-8',
    HERON_API_KEY: SECRETS.environment,
    GIT_CONFIG_NOSYSTEM: '1',
  }

  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(workspace, path)), { recursive: true })
    await writeFile(join(workspace, path), text)
  }
  return {
    root,
    workspace,
    home,
    troupeHome,
    elsewhere,
    url: server.url,
    requests: server.requests,
    environment,
    write,
    ran: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
    forget: () => rm(log, { force: true }),
    async canary(path, mark, then = '') {
      await write(path, `#!/bin/sh\nprintf '%s\\n' '${mark}' >> '${log}'\n${then}\n`)
      await chmod(join(workspace, path), 0o755)
    },
    byHand: (line) => runLine(line, workspace, environment),
    snapshot: () => snapshotOf(root, [log, troupeHome]),
    async end() {
      await server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

function runLine(line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: LINE_MS, maxBuffer: 16 * 1024 * 1024 }
    const child = execFile('/bin/bash', ['--noprofile', '--norc', '-c', line], options, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
    child.stdin?.end()
  })
}

async function canaryServer() {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.writeHead(404, { connection: 'close' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close }
}

/** Of a huge file only its beginning is marked, with its size. */
const MARKED_BYTES_MAX = 1024 * 1024

async function snapshotOf(root: string, left: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const visit = async (path: string): Promise<void> => {
    if (left.includes(path)) return
    const stat = await lstat(path)
    const name = path.slice(root.length + 1)
    if (stat.isDirectory()) {
      found.set(name, `directory ${stat.mode}`)
      for (const entry of (await readdir(path)).toSorted()) await visit(join(path, entry))
    } else if (stat.isSymbolicLink()) found.set(name, `link ${await readlink(path)}`)
    else if (!stat.isFile()) found.set(name, `other ${stat.mode & constants.S_IFMT}`)
    else found.set(name, `file ${stat.mode} ${stat.mtimeMs} ${stat.size} ${await markOf(path, stat.size)}`)
  }
  await visit(root)
  return found
}

async function markOf(path: string, size: number): Promise<string> {
  if (size > MARKED_BYTES_MAX) return 'huge'
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

/** The paths that are not what they were. */
export function changes(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted()
}
