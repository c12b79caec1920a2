/**
 * L13: no task answers for a person or steers tasks, by no way of starting a command that the system shows.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_PROC } from '../../src/hosts/node/processes/birth.ts'
import { nodeProcesses } from '../../src/hosts/node-processes.ts'

const MAY = { code: 0, said: 'It may.' }
const MAY_NOT = { code: 2, said: expect.stringContaining('troupe approve is for people') }

const here = fileURLToPath(new URL('.', import.meta.url))
let directory = ''
let script = ''

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'troupe-within-')))
  script = join(directory, 'controlling.mjs')
  // Node 20 runs no TypeScript: the child is bundled, once.
  await build({
    entryPoints: [join(here, 'controlling.child.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  })
})
afterAll(() => rm(directory, { recursive: true, force: true }))

interface Answer {
  readonly code: number | null
  readonly said: string
}

/** What the command knows of who holds tasks here. */
interface Known {
  readonly state?: string
  readonly holders?: readonly number[]
}

function argumentsOf({ state = '', holders = [] }: Known): readonly string[] {
  return [script, state, ...holders.map(String)]
}

/** As a task runs it: by a line of bash, in the way in which the tools run one. */
async function fromTask(line: (command: string) => string, known: Known = {}): Promise<Answer> {
  const command = [process.execPath, ...argumentsOf(known)].map((word) => `'${word}'`).join(' ')
  const given = { line: line(command), cwd: directory, timeoutMs: 15_000, keepBytes: 10_000 }
  const context = { signal: new AbortController().signal, progress: () => {} }
  const { exitCode, output } = await nodeProcesses().run(given, context)
  return { code: exitCode, said: output.trim() }
}

/** As a person runs it. */
function fromTerminal(environment: Readonly<Record<string, string>>, known: Known = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'] ?? '', ...environment }, timeout: 15_000 }
    const child = execFile(process.execPath, [...argumentsOf(known)], options, (_, said) =>
      resolve({ code: child.exitCode, said: said.trim() }),
    )
  })
}

/** Two processes below another that has, or has not, a file of the state directory open. */
async function belowOneThatReads(file: string): Promise<Answer> {
  await mkdir(join(directory, 'state'), { recursive: true })
  await writeFile(join(directory, 'state/store.db'), '')
  await writeFile(join(directory, 'other.db'), '')
  const command = [process.execPath, ...argumentsOf({ state: join(directory, 'state') })]
  const line = `exec 9< "${join(directory, file)}"; bash -c 'exec 9<&-; "$@"; exit $?' - ${command.join(' ')}; exit $?`
  return new Promise((resolve) => {
    const child = execFile('bash', ['-c', line], { env: {}, timeout: 15_000 }, (_, said) =>
      resolve({ code: child.exitCode, said: said.trim() }),
    )
  })
}

describe('a command that steers tasks', () => {
  it('is for people, whatever other processes hold tasks', async () => {
    expect(await fromTerminal({})).toEqual(MAY)
    const known = { state: join(directory, 'nothing'), holders: [999_999_999] }
    expect(await fromTerminal({ TROUPE_COMMANDS: 'x', TROUPE: '1' }, known)).toEqual(MAY)
  })

  it('is refused with exit code 2 and words in a command of a task', async () => {
    expect(await fromTask((command) => command)).toEqual(MAY_NOT)
    expect(await fromTask((command) => `bash -c "${command}; exit 2"`)).toEqual(MAY_NOT)
  })

  it.each(['', 'anything'])('is refused by the mark alone, whatever stands in it: "%s"', async (mark) => {
    expect(await fromTerminal({ TROUPE_COMMAND: mark })).toEqual(MAY_NOT)
  })

  it('is refused below a process that holds tasks', async () => {
    expect(await fromTerminal({}, { holders: [process.pid] })).toEqual(MAY_NOT)
  })
})

// Skipped where the system has no /proc: there nothing can be known of other processes.
describe.runIf(HAS_PROC)('a task that takes the mark away', () => {
  it.each([
    ['for the command', (command: string) => `env -u TROUPE_COMMAND ${command}; exit $?`],
    ['with everything else', (command: string) => `env -i ${command}; exit $?`],
    ['in its own shell', (command: string) => `unset TROUPE_COMMAND; ${command}; exit $?`],
    ['some processes above', (command: string) => `env -i bash -c "${command}; exit 2"; exit $?`],
  ])('%s is refused all the same', async (_, line) => {
    expect(await fromTask(line)).toEqual(MAY_NOT)
  })

  it('and lets the process above it end is refused all the same', async () => {
    const line = (command: string) =>
      `(env -i ${command} > said 2>&1 &); ` +
      'for i in {1..200}; do [ -s said ] && break; sleep 0.05; done; cat said; exit 2'
    expect(await fromTask(line)).toEqual(MAY_NOT)
  })

  it('and is all that is left of its command is refused below whoever holds the task', async () => {
    const line = (command: string) => `exec env -i ${command}`
    expect(await fromTask(line, { holders: [process.pid] })).toEqual(MAY_NOT)
  })
})

// Skipped where the system has no /proc, likewise.
describe.runIf(HAS_PROC)('a process that works on the tasks of a workspace', () => {
  it('is known by the files that it has open', async () => {
    expect(await belowOneThatReads('state/store.db')).toEqual(MAY_NOT)
    expect(await belowOneThatReads('other.db')).toEqual(MAY)
  })
})
