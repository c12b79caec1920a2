import { decide, globsOf, pathsOf } from '../../src/boundary/decide.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import { namesBelow } from './corpus/world.ts'
import { tidyPath } from '../../src/boundary/files/paths.ts'
import type { KnownPlace } from '../../src/boundary/files/places.ts'
import type { Action, Boundary, GivenPolicy, Mode, Verdict } from '../../src/protocol/boundary.ts'

/** The workspace that every decision is about. Directories follow from the files. */
const ROOT = '/home/ann/shop'
const FILES = [
  'README.md',
  'package.json',
  'AGENTS.md',
  '.env',
  '.gitignore',
  '.git/config',
  '.git/HEAD',
  '.npmrc',
  '.troupe/settings.json',
  '.troupe/agents/coder.md',
  '.troupe/state/tasks.db',
  '.github/workflows/ci.yml',
  'src/a.ts',
  'src/b.ts',
  'src/lib/c.ts',
  'src/.env',
  'src/keys/server.pem',
  'docs/guide.md',
  'lib/x.ts',
  'evil/src/foo.ts',
  'srcX/evil.ts',
  'a b.txt',
  '-rf',
]
const LINKS: Readonly<Record<string, string>> = {
  'notes.md': '.env',
  'state-link': '.troupe/state',
  'db.txt': '.troupe/state/tasks.db',
  'src/out.ts': '/etc/passwd',
  'src/up': '..',
  'hook.sh': '.git/hooks/pre-commit',
}
const HARD_LINKED = ['src/b.ts']
const OTHERS = ['fifo']

const OWN = { root: ROOT, home: '/home/ann', directories: ['/home/ann/.troupe', '/srv/kept'] }

/** Where a path leads in this workspace, as a host would say. */
export function locate(given: string): KnownPlace | 'outside' {
  let path = given.startsWith('/') ? given : `${ROOT}/${given}`
  for (let hops = 0; hops < 8; hops += 1) {
    path = tidyPath(path)
    const link = Object.entries(LINKS).find(
      ([name]) => path === `${ROOT}/${name}` || path.startsWith(`${ROOT}/${name}/`),
    )
    if (!link) break
    const [name, target] = link
    const from = tidyPath(`${ROOT}/${name}`, '..')
    path =
      (target.startsWith('/') ? target : `${name.includes('/') ? from : ROOT}/${target}`) +
      path.slice(`${ROOT}/${name}`.length)
  }
  if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return 'outside'
  const inside = path.slice(ROOT.length + 1)
  const isDirectory = inside === '' || FILES.some((file) => file.startsWith(`${inside}/`))
  const kind = OTHERS.includes(inside)
    ? 'other'
    : isDirectory
      ? 'directory'
      : FILES.includes(inside)
        ? 'file'
        : 'absent'
  return { path: inside, kind, isHardLinked: HARD_LINKED.includes(inside) }
}

/** Which names in a directory of this workspace are links, as a host would say. */
export function linksIn(directory: string): readonly string[] | null {
  const place = locate(directory)
  if (place === 'outside' || place.kind !== 'directory') return null
  return namesBelow(Object.keys(LINKS), place.path)
}

/** Asks for a verdict in this workspace. */
export function judge(action: Action, rules: Rules = {}): Verdict {
  const links = new Map(globsOf(action).map((path) => [path, linksIn(path)]))
  const places = new Map(pathsOf(action, links).map((path) => [path, locate(path)]))
  const policy = parsePolicy({ ...rules.policy, ...(rules.mode && { mode: rules.mode }) }, 'policy')
  const { boundary = [], repository = null } = rules
  return decide({ boundary, policy, action, places, links, repository, own: OWN })
}

export interface Rules {
  /** What speaks against letting git read here. */
  readonly repository?: string | null
  readonly mode?: Mode
  readonly boundary?: Boundary
  readonly policy?: GivenPolicy
}

export const run = (line: string, cwd = '.'): Action => ({
  tool: 'execute_command',
  effect: 'non_idempotent',
  access: { reads: [], writes: [], command: { line, cwd } },
})

export const read = (...reads: readonly string[]): Action => ({
  tool: 'read_file',
  effect: 'pure',
  access: { reads, writes: [], command: null },
})

export const write = (path: string, tool = 'write_file'): Action => ({
  tool,
  effect: 'idempotent',
  access: { reads: [], writes: [path], command: null },
})

export const search = (path: string): Action => ({
  tool: 'search_files',
  effect: 'pure',
  access: { reads: [path], writes: [], command: null },
})

/** A tool that does not say what it touches. */
export const silent = (tool: string, effect: Action['effect']): Action => ({ tool, effect, access: null })

export const inner = (tool: string): Action => ({
  tool,
  effect: 'pure',
  access: { reads: [], writes: [], command: null, isInner: true },
})

/** Processor time, the best of some tries: what else the machine does is no fault of ours. */
export function costMs(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 8 && best >= COST_MS_MAX; attempt += 1) {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1_000)
  }
  return best
}

/** No pattern and no value costs more. */
export const COST_MS_MAX = 50
