import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, posix } from 'node:path'
import type { KnownPlace } from '../../src/boundary/files/places.ts'

/** A directory in which lines may run: with a workspace, and logging programs instead of the system's. */
export interface ThrowAway {
  readonly root: string
  readonly workspace: string
  readonly home: string
  /** All that PATH names. */
  readonly bin: string
  readonly log: string
  readonly bash: string
}

/** Programs that only tell that they ran. */
const LOGGING =
  'good alsogood other evil Evil bad git npm npx ls grep rg head wc tail date diff du stat file tree cp mv rm rmdir mkdir ln chmod curl x node make echo printf true test sudo'.split(
    ' ',
  )
/** Programs that tell that they ran, and then do what they do. */
const LOGGING_REAL = ['cat', 'sort', 'tee', 'touch']
/** Programs that run others: as they are. */
const REAL =
  'bash sh env xargs find timeout nohup nice setsid stdbuf awk sed dash flock ionice taskset chrt prlimit setpriv setarch linux64 perl logsave'.split(
    ' ',
  )

/** An argument by which a program is known to have been named in a file. */
export const FROM_A_FILE = 'from-a-file'

const FILES: Readonly<Record<string, string>> = {
  'README.md': 'x\n',
  'package.json': '{}\n',
  'list.txt': `evil ${FROM_A_FILE}\nbad push ${FROM_A_FILE}\n`,
  'run.sh': `evil ${FROM_A_FILE}\nbad push ${FROM_A_FILE}\n`,
  'src/a.ts': 'x\n',
  'src/b.ts': 'x\n',
  'docs/guide.md': 'x\n',
}
/** What poses as a program, in the workspace. */
const IMPOSTORS = ['good', 'evil', 'bad', 'x'].flatMap((name) => [name, `tools/${name}`])

/** Deep enough that a few steps up lead nowhere. */
const DEPTH = 'a/b/c/d'

export function throwAway(): ThrowAway {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-fuzz-')))
  const at = (name: string) => join(root, DEPTH, name)
  const made = { root, workspace: at('workspace'), home: at('home'), bin: at('bin'), log: join(root, 'log') }
  const directory: ThrowAway = { ...made, bash: realProgram('bash') ?? 'bash' }
  for (const path of [directory.bin, directory.home]) mkdirSync(path, { recursive: true })
  renew(directory)
  return directory
}

/** Puts everything back as it was. */
export function renew({ workspace, home, bin, log }: ThrowAway): void {
  for (const path of [workspace, home, bin]) rmSync(path, { recursive: true, force: true })
  for (const path of [join(workspace, 'tools'), join(workspace, 'src'), join(workspace, 'docs'), home, bin])
    mkdirSync(path, { recursive: true })
  const program = (path: string, then = '') => {
    writeFileSync(path, logger(log, then))
    chmodSync(path, 0o755)
  }
  for (const name of LOGGING) program(join(bin, name))
  for (const name of LOGGING_REAL) program(join(bin, name), `exec '${realProgram(name)}' "$@"\n`)
  for (const name of REAL) {
    const real = realProgram(name)
    if (real !== null) symlinkSync(real, join(bin, name))
  }
  for (const name of IMPOSTORS) program(join(workspace, name))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(workspace, name), text)
  // A login shell asks the system for a PATH, and then this.
  writeFileSync(join(home, '.bash_profile'), `PATH='${bin}'\n`)
  writeFileSync(log, '')
}

export function remove({ root }: ThrowAway): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 })
}

/** Tells which line it was, how many words, its path and its words: all at once, so that none are mixed. */
function logger(log: string, then: string): string {
  return `#!/bin/sh\nprintf '%s\\0' "\${FUZZ_LINE-?}" "$#" "$0" "$@" >>'${log}'\n${then}`
}

function realProgram(name: string): string | null {
  const system = ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((path) => system.includes(path)),
    ...system,
  ]
  for (const directory of directories) {
    try {
      const path = join(directory, name)
      if (statSync(path).isFile()) return path
    } catch {
      // It is not there: the next directory.
    }
  }
  return null
}

/** Where a path leads in the workspace as it was made. There are no links in it. */
export function locate({ workspace }: ThrowAway, given: string): KnownPlace | 'outside' {
  const path = posix.resolve(workspace, given)
  if (path !== workspace && !path.startsWith(`${workspace}/`)) return 'outside'
  const inside = path.slice(workspace.length + 1)
  return { path: inside, kind: kindOf(inside), isHardLinked: false }
}

const THERE = [...Object.keys(FILES), ...IMPOSTORS]
const DIRECTORIES = ['', ...THERE.map((name) => dirname(name)).filter((name) => name !== '.')]

function kindOf(inside: string): KnownPlace['kind'] {
  if (DIRECTORIES.includes(inside)) return 'directory'
  return THERE.includes(inside) ? 'file' : 'absent'
}

/** Every file of the workspace with its text: what was written shows. */
export function contents({ workspace }: ThrowAway): string {
  return readdirSync(workspace, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return `${path}: ${entry.isFile() ? readFileSync(path, 'utf8') : 'no file'}`
    })
    .toSorted()
    .join('\n')
}
