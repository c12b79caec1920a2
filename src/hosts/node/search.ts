import { spawn } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { lstat, open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { isState, mayBeFound, SEARCHED_NEVER } from '../../boundary/files/control-files.ts'
import { RuntimeError } from '../../errors.ts'
import type { Files, ListQuery, SearchQuery } from '../../host.ts'
import { globMatcher } from './glob.ts'
import * as paths from './paths.ts'

/** A file beyond this is neither listed as text nor searched; read_file refuses it too. */
const SEARCHED_BYTES_MAX = 10 * 1024 * 1024
/** How much of a line is shown. Four bytes a character at most, and 300 characters are asked for. */
const LINE_BYTES_MAX = 2000
const PATTERN_MEMORY = '10M'
const RECORD_CHARACTERS_MAX = 64 * 1024
const COMPLAINT_CHARACTERS_MAX = 2000

const COMMON = [
  '--no-config',
  '--hidden',
  '--no-messages',
  '--null',
  '--sort=path',
  '--glob=!.git',
  '--glob=!.troupe-*.tmp',
]
const PACKAGES = 'node_modules'
const SEARCH = [
  '--no-heading',
  '--with-filename',
  '--line-number',
  '--color=never',
  `--max-columns=${LINE_BYTES_MAX}`,
  '--max-columns-preview',
  `--max-filesize=${SEARCHED_BYTES_MAX}`,
  `--regex-size-limit=${PATTERN_MEMORY}`,
  `--dfa-size-limit=${PATTERN_MEMORY}`,
]
/** Not even looked into: whether a pattern is in a secret would otherwise show in time, order or number. */
const UNSEARCHED = SEARCHED_NEVER.map((pattern) => `--iglob=!${pattern}`)
/** What ripgrep says on its output, between the hits, of a file that turned out to be binary. */
const BINARY = /^(?:.*: )?(?:WARNING: stopped searching binary file|binary file matches)[^\n]*\n/

/** What a search rests on. */
export interface SearchGround extends paths.Ground {
  readonly ripgrep: () => Promise<string>
}

/** Where the ripgrep for this platform is. */
export async function ripgrepPath(): Promise<string> {
  const { rgPath } = await import('@vscode/ripgrep')
  return rgPath
}

/** Listing and searching, by ripgrep: quick, and its time grows with the text, never with the pattern. */
export function nodeSearch(ground: SearchGround): Pick<Files, 'list' | 'search'> {
  return {
    list: (query, signal) => list(ground, query, signal),
    search: (query, signal) => search(ground, query, signal),
  }
}

async function list(ground: SearchGround, query: ListQuery, signal: AbortSignal) {
  const place = await present(ground, query)
  const isWanted = wantedFiles(query.glob, place.path)
  if (place.kind !== 'directory') {
    const { size } = await lstat(place.absolute)
    const files = isWanted(place.path) ? [{ path: place.path, size }] : []
    return { files, isCut: false, filesHidden: 0 }
  }

  const { mayRead = anything } = query
  const found: string[] = []
  let filesHidden = 0
  await eachFile(ground, place, signal, (path) => {
    // Secrets may be named, so that a person can be asked for them; Troupe's own state not even that.
    if (!isWanted(path) || isState(path) || (query.withoutSecrets && !mayBeFound(path))) return true
    if (mayRead(path)) found.push(path)
    else filesHidden += 1
    return found.length <= query.filesMax
  })
  const files = []
  for (const path of found.slice(0, query.filesMax)) {
    const size = await lstat(join(ground.root, path)).then(
      (it) => it.size,
      () => null,
    )
    if (size !== null) files.push({ path, size })
  }
  return { files, isCut: found.length > query.filesMax, filesHidden }
}

function anything(): boolean {
  return true
}

/** Says the path of each file below a place, until `take` has enough. */
async function eachFile(
  ground: SearchGround,
  place: paths.RealPlace,
  signal: AbortSignal,
  take: (path: string) => boolean,
): Promise<void> {
  await ripgrep(ground, place, ['--files'], signal, (text) => {
    let from = 0
    for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', from)) {
      const path = below(place.path, text.slice(from, end))
      from = end + 1
      if (!take(path)) return null
    }
    return text.slice(from)
  })
}

async function search(ground: SearchGround, query: SearchQuery, signal: AbortSignal) {
  const place = await present(ground, query)
  const isWanted = wantedFiles(query.glob, place.path)
  const isShown = shownFiles(ground, query)
  const hits: { path: string; line: number; text: string }[] = []
  // A file that was asked for by name has been judged by its name.
  const isNamed = place.kind !== 'directory'
  const options = [
    ...SEARCH,
    ...(isNamed ? [] : UNSEARCHED),
    ...(query.ignoreCase ? ['--ignore-case'] : []),
    `--regexp=${query.pattern}`,
  ]

  const { code, complaint } = await ripgrep(ground, place, options, signal, (output) => {
    let text = output
    for (;;) {
      text = text.replace(BINARY, '')
      // A name may hold a line feed, so that the end of a record is only known from the end of its name.
      const record = /^([^\0]*)\0(\d+):([^\n]*)\n/.exec(text)
      if (!record) return text
      text = text.slice(record[0].length)
      const path = isNamed ? place.path : below(place.path, record[1] ?? '')
      if (!isWanted(path)) continue
      if (isNamed || isShown(path))
        hits.push({ path, line: Number(record[2]), text: (record[3] ?? '').replace(/\r$/, '') })
      if (hits.length > query.hitsMax) return null
    }
  })
  // ripgrep ends with 2 also when it only could not read a file here and there, but then it says nothing.
  if (code === 2 && complaint !== '') throw badPattern(query.pattern, complaint)
  const isCut = hits.length > query.hitsMax
  let filesHidden = 0
  if (!isNamed)
    await eachFile(ground, place, signal, (path) => {
      if (isWanted(path) && !isState(path) && !isShown(path)) filesHidden += 1
      return true
    })
  return { hits: hits.slice(0, query.hitsMax), isCut, filesHidden }
}

/** Asked of each file, with a hit or without: no number may tell whether the pattern is in a hidden one. */
function shownFiles({ root }: SearchGround, { mayRead = anything }: SearchQuery) {
  const namesOf = (path: string) => lstatSync(join(root, path), { throwIfNoEntry: false })?.nlink ?? 0
  return (path: string) => mayBeFound(path) && mayRead(path, () => namesOf(path) !== 1)
}

function badPattern(pattern: string, complaint: string): RuntimeError {
  const shown = pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern
  const why = complaint.replace(/^rg: /, '').trim()
  return new RuntimeError('search/bad-pattern', `"${shown}" is no pattern that can be searched for. ${why}`)
}

async function present(
  { root }: SearchGround,
  { path, at }: Pick<SearchQuery, 'path' | 'at'>,
): Promise<paths.RealPlace> {
  const place = await paths.locate(root, path)
  paths.holdTo(at, place, path)
  if (place.kind === 'absent')
    throw new RuntimeError('file/not-found', `There is no file or directory ${place.path}.`)
  if (place.kind === 'other') {
    throw new RuntimeError(
      'file/unavailable',
      `${place.path} is a pipe, a socket or a device. It is left alone.`,
    )
  }
  return place
}

/** A glob may be meant from the workspace or from the directory that is searched. Either will do. */
function wantedFiles(glob: string | null, path: string): (file: string) => boolean {
  if (glob === null) return () => true
  const matches = globMatcher(glob)
  const isWanted = (file: string) =>
    matches(file) || (file.startsWith(`${path}/`) && matches(file.slice(path.length + 1)))
  return glob.startsWith('!') ? matches : isWanted
}

function below(directory: string, found: string): string {
  const path = found.replaceAll('\\', process.platform === 'win32' ? '/' : '\\').replace(/^\.\//, '')
  return directory === '.' ? path : `${directory}/${path}`
}

/**
 * Runs ripgrep where `place` is. `take` eats its output and returns what is left over, or `null` for enough.
 * The directory, or the file as its input, is handed over open: no link put there meanwhile leads elsewhere.
 */
async function ripgrep(
  ground: SearchGround,
  place: paths.RealPlace,
  options: readonly string[],
  signal: AbortSignal,
  take: (output: string) => string | null,
): Promise<{ code: number | null; complaint: string }> {
  const command = await ground.ripgrep().catch((error: unknown) => {
    throw unavailable('there is no ripgrep for this platform (@vscode/ripgrep)', error)
  })
  const isDirectory = place.kind === 'directory'
  const directory = await paths.openDirectory(
    ground,
    isDirectory ? place.absolute : dirname(place.absolute),
    false,
  )
  let input: FileHandle | null = null
  try {
    if (!isDirectory) {
      input = await open(place.absolute, 'r')
      await paths.verify(input, place.absolute, ground)
    }
    const outsideGit = isInRepository(ground.root) ? [] : ['--no-require-git']
    // Packages of others are not the work, but for who names them.
    const ours = place.path.split('/').includes(PACKAGES) ? [] : [`--glob=!${PACKAGES}`]
    const args = [...COMMON, ...ours, ...outsideGit, ...options, '--', ...(isDirectory ? ['./'] : ['-'])]
    return await run(command, args, { cwd: directory.at('.'), input: input?.fd ?? 'ignore', signal, take })
  } finally {
    await input?.close()
    await directory.close()
  }
}

/** Outside a repository the .gitignore files of all directories above count; inside, those up to its root. */
function isInRepository(root: string): boolean {
  for (let here = root; ; here = dirname(here)) {
    if (existsSync(join(here, '.git'))) return true
    if (dirname(here) === here) return false
  }
}

interface Run {
  readonly cwd: string
  readonly input: number | 'ignore'
  readonly signal: AbortSignal
  readonly take: (output: string) => string | null
}

function run(command: string, args: readonly string[], { cwd, input, signal, take }: Run) {
  return new Promise<{ code: number | null; complaint: string }>((resolve, reject) => {
    if (signal.aborted) return reject(stopped())
    const child = spawn(command, args, { cwd, stdio: [input, 'pipe', 'pipe'], windowsHide: true })
    const decoder = new StringDecoder('utf8')
    let rest: string | null = ''
    let complaint = ''
    let failure: RuntimeError | null = null
    const kill = () => child.kill('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })

    child.stdout?.on('data', (chunk: Buffer) => {
      if (rest === null) return
      rest = take(rest + decoder.write(chunk))
      if (rest === null || rest.length > RECORD_CHARACTERS_MAX) kill()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(0, COMPLAINT_CHARACTERS_MAX)
    })
    child.on('error', (error) => {
      failure = unavailable(
        `ripgrep could not be started (${paths.systemCode(error) ?? error.message})`,
        error,
      )
      if (child.pid === undefined) settle(null)
    })
    child.on('close', settle)

    function settle(code: number | null): void {
      signal.removeEventListener('abort', kill)
      if (failure) reject(failure)
      else if (signal.aborted) reject(stopped())
      else resolve({ code, complaint })
    }
  })
}

function stopped(): RuntimeError {
  return new RuntimeError('tool/stopped', 'The search was stopped before it was done.')
}

function unavailable(why: string, cause: unknown): RuntimeError {
  const message = `Files can't be listed or searched: ${why}. Read files by name instead.`
  return new RuntimeError('search/unavailable', message, { cause })
}
