import { parseArgs } from 'node:util'
import { UsageError } from '../errors.ts'
import { suggestion } from '../protocol/nearest.ts'

/** One flag, as it is read and as the help tells of it. */
export interface Flag {
  readonly name: string
  readonly short?: string
  /** How the help calls its value. Absent: it takes none. */
  readonly value?: string
  /** The only values there are. */
  readonly among?: readonly string[]
  readonly what: string
}

/** What was typed behind the name of a command. */
export interface Arguments {
  readonly words: readonly string[]
  has(flag: string): boolean
  /** What was said last. */
  value(flag: string): string | undefined
  /** Everything that was said, in its order. */
  values(flag: string): readonly string[]
}

/** Reads arguments by a table of flags. What is not in the table is refused, with what was probably meant. */
export function readArguments(typed: readonly string[], flags: readonly Flag[], command: string): Arguments {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const), ...(short ? { short } : {}) },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...typed],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const given = new Map<string, readonly string[]>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const flag = flags.find(({ name }) => name === token.name)
    if (!flag) throw unknownFlag(token.rawName, flags, command)
    const value = valueOf(flag, token.value, token.inlineValue === true)
    given.set(flag.name, [...(given.get(flag.name) ?? []), value])
  }
  const values = (flag: string) => given.get(flag) ?? []
  return { words, has: (flag) => given.has(flag), value: (flag) => values(flag).at(-1), values }
}

function unknownFlag(typed: string, flags: readonly Flag[], command: string): UsageError {
  const meant = suggestion(
    typed,
    flags.map(({ name }) => `--${name}`),
  )
  return new UsageError(`There is no flag ${typed}.${meant} See: ${command} --help`)
}

function valueOf(flag: Flag, value: string | undefined, isInline: boolean): string {
  const { name, among } = flag
  if (flag.value === undefined) {
    if (value !== undefined) throw new UsageError(`--${name} takes no value.`)
    return ''
  }
  // What looks like the next flag is not taken for a value, unless it was tied on with "=".
  if (value === undefined || value === '' || (!isInline && value.startsWith('-'))) {
    throw new UsageError(`--${name} needs a value: --${name} ${flag.value}`)
  }
  if (among && !among.includes(value)) {
    throw new UsageError(
      `--${name} can't be "${value}".${suggestion(value, among)} There are: ${among.join(', ')}.`,
    )
  }
  return value
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const DURATION_MS_MAX = 30 * 24 * 3_600_000

/** Reads `90s`, `5m`, `1h`, `1500ms` or a bare number of milliseconds. */
export function readDuration(flag: string, text: string): number {
  const [, digits = '', unit = 'ms'] = /^(\d+)(ms|s|m|h)?$/.exec(text) ?? []
  const duration = Number(digits) * (UNITS[unit] ?? 1)
  if (digits === '' || duration < 1 || duration > DURATION_MS_MAX) {
    throw new UsageError(`--${flag} can't be "${text}". Say 90s, 5m, 1h or 1500ms, at most 30 days.`)
  }
  return duration
}

export function readCount(flag: string, text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new UsageError(`--${flag} can't be "${text}". Say a whole number from 1.`)
  }
  return count
}
