import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { commandEnvironment } from '../../src/hosts/node/environment/environment.ts'
import { bashArguments } from '../../src/hosts/node/processes/gate.ts'
import { contents, renew, type ThrowAway } from './throw-away.ts'

/** A program that ran, as its own log says. */
export interface Logged {
  /** Which of the lines it belongs to; `null` where its environment was taken away. */
  readonly line: number | null
  /** Relative to the directory of programs: `good`, `../workspace/tools/evil`. */
  readonly program: string
  readonly words: readonly string[]
}

export interface Ran {
  readonly logged: readonly Logged[]
  /** Lines that were ended because they did not end. */
  readonly stuck: readonly number[]
  /** Whether the workspace is another one than before. */
  readonly hasWritten: boolean
}

/** A line that runs for longer is ended. */
const LINE_MS_MAX = 4_000
const POLL_MS = 20
const SETTLE_MS_MAX = 6_000

/**
 * Reads numbers and lines from a file and runs each as the product does. It is bash, so that a line costs one
 * process and not a message to Node as well.
 */
const DRIVER = `ulimit -t 3 -c 0 -f 512
exec 8<"$1"
while IFS= read -r -u 8 -d '' number && IFS= read -r -u 8 -d '' line; do
  printf '%s' "$number" > "$2"
  FUZZ_LINE="$number" "$BASH" ${bashArguments('', '', false).slice(0, -1).join(' ')} "$line" </dev/null >/dev/null 2>&1 8<&-
done 2>/dev/null
`

/** The same, but the lines are only read, and counted where bash takes them for lines. */
const READER = `ulimit -t 3 -c 0
exec 8<"$1"
count=0
while IFS= read -r -u 8 -d '' number && IFS= read -r -d '' -u 8 line; do
  "$BASH" ${bashArguments('', '', false).slice(0, -1).join(' ').replace('-c', '-n -c')} "$line" </dev/null >/dev/null 2>&1 8<&- && count=$((count + 1))
done 2>/dev/null
printf '%s' "$count" > "$2"
`

/** The share of lines that bash takes for lines, without running them. */
export async function acceptedByBash(directory: ThrowAway, lines: readonly string[]): Promise<number> {
  const { progress, driver } = start(directory, READER, lines, 0)
  await new Promise<void>((resolve, reject) => driver.once('exit', () => resolve()).once('error', reject))
  return Number(readFileSync(progress, 'utf8')) / lines.length
}

/** Runs lines one after the other in real bash, and says which programs ran. */
export async function runLines(directory: ThrowAway, lines: readonly string[]): Promise<Ran> {
  renew(directory)
  const before = contents(directory)
  const stuck: number[] = []
  for (let from = 0; from < lines.length; ) {
    const at = await drive(directory, lines, from)
    if (at === null) break
    stuck.push(at)
    from = at + 1
  }
  const logged = readLog(directory)
  return { logged, stuck, hasWritten: contents(directory) !== before }
}

/** Runs lines from one on. The number of a line that had to be ended, or `null` when all ran. */
async function drive(directory: ThrowAway, lines: readonly string[], from: number): Promise<number | null> {
  const { progress, driver } = start(directory, DRIVER, lines, from)
  const ended = new Promise<void>((resolve, reject) =>
    driver.once('exit', () => resolve()).once('error', reject),
  )
  const isOver = { value: false }
  void ended.finally(() => (isOver.value = true))
  let at = ''
  let since = Date.now()
  while (!isOver.value) {
    await Promise.race([ended, delay(POLL_MS)])
    const now = readFileSync(progress, 'utf8')
    if (now !== at) [at, since] = [now, Date.now()]
    else if (Date.now() - since > LINE_MS_MAX) {
      endGroup(driver.pid)
      await ended
      return Number(at || from)
    }
  }
  await settled(driver.pid)
  return null
}

function start(directory: ThrowAway, script: string, lines: readonly string[], from: number) {
  const batch = join(directory.root, 'batch')
  const progress = join(directory.root, 'progress')
  const named = lines.map((line, number) => `${number}\0${line.replaceAll('\0', '')}\0`)
  writeFileSync(batch, named.slice(from).join(''))
  writeFileSync(progress, String(from))
  const before = bashArguments('', '', false).slice(0, -1)
  const driver = spawn(directory.bash, [...before, script, 'driver', batch, progress], {
    cwd: directory.workspace,
    env: environment(directory),
    stdio: 'ignore',
    detached: true,
  })
  return { progress, driver }
}

/** Waits until nothing is left of a process group, and ends what stays. */
async function settled(group: number | undefined): Promise<void> {
  const latest = Date.now() + SETTLE_MS_MAX
  while (group !== undefined && isAlive(group) && Date.now() < latest) await delay(POLL_MS)
  endGroup(group)
}

function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

function endGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL')
  } catch {
    // Nothing is left of it.
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function environment({ workspace, home, bin, root }: ThrowAway): Record<string, string> {
  const inherited = { HOME: home, PATH: bin, LANG: 'C.UTF-8', TMPDIR: root, FUNCNEST: '16' }
  return commandEnvironment(inherited, workspace)
}

function readLog({ log, bin }: ThrowAway): readonly Logged[] {
  const fields = readFileSync(log, 'utf8').split('\0')
  const logged: Logged[] = []
  for (let at = 0; at + 3 <= fields.length; ) {
    const [line = '?', count = '0', program = ''] = fields.slice(at, at + 3)
    const words = fields.slice(at + 3, at + 3 + Number(count))
    const path = isAbsolute(program) ? relative(bin, program) : `./${program}`
    logged.push({ line: /^\d+$/.test(line) ? Number(line) : null, program: path, words })
    at += 3 + Number(count)
  }
  return logged
}

/**
 * Whether a line may be run at all: the grammar makes none that leads out of the throw-away directory or ends
 * other processes, but one that was mangled could.
 */
export function mayRun({ root }: ThrowAway, line: string): boolean {
  if (line.includes('\0') || /k\W*i\W*l\W*l/i.test(line)) return false
  const rest = line.replaceAll(root, '.').replaceAll('/dev/null', '.').replaceAll('/dev/stdin', '.')
  return !/(^|[\s<>|&;(={"'`:,!$\\])\/(?![\s)}/*'"])/.test(rest)
}
