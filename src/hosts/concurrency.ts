import { z } from 'zod'
import { shortened } from '../actors/shortened.ts'
import { issueInWords } from '../boundary/layer.ts'
import { UsageError } from '../errors.ts'
import type { Concurrency } from '../protocol/concurrency.ts'
import { DEFAULTS } from '../protocol/defaults.ts'

/** Contract: the process's own environment, never a file of the workspace (L12). */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a variable may say at most; in code a host may say more. */
const BACKGROUND_MAX = 10_000
const TIMEOUT_MS_MAX = 7 * 86_400_000
/** The part of a wrong value that a warning quotes. */
const VALUE_CHARACTERS_MAX = 64
/** Number() would also take hexadecimal, exponents, signs and fractions. */
const DIGITS = /^[ \t\r\n]*([0-9]+)[ \t\r\n]*$/

interface Variable {
  readonly name: string
  readonly max: number
  readonly otherwise: number
}

const BACKGROUND: Variable = {
  name: 'TROUPE_MAX_BACKGROUND_TASKS',
  max: BACKGROUND_MAX,
  otherwise: DEFAULTS.background,
}
const TIMEOUT: Variable = {
  name: 'TROUPE_BACKGROUND_TIMEOUT_MS',
  max: TIMEOUT_MS_MAX,
  otherwise: DEFAULTS.backgroundTimeoutMs,
}

const positive = z.number().int().min(1)
const concurrencySchema = z
  .strictObject({
    background: positive,
    perAgent: z.record(z.string(), positive),
    perModel: z.record(z.string(), positive),
    queue: z.number().int().min(0),
    atCap: z.enum(['queue', 'reject']),
  })
  .partial()
const KEYS = Object.keys(concurrencySchema.shape)

/**
 * How much may go on at once in the background: what the host says, else the environment, else the defaults.
 * Throws a `UsageError` for an option that cannot be; a variable that cannot be is warned of, and not used.
 */
export function readConcurrency(
  given: unknown,
  environment: Environment,
  warn: (text: string) => void,
): Concurrency {
  const read = concurrencySchema.safeParse(given === undefined ? {} : given)
  if (!read.success) throw new UsageError(`concurrency: ${issueInWords(read.error.issues[0], KEYS)}`)
  const { background, perAgent, perModel, queue, atCap } = read.data
  return Object.freeze({
    background: background ?? readVariable(BACKGROUND, environment, warn),
    perAgent: byName(perAgent),
    perModel: byName(perModel),
    queue: queue ?? DEFAULTS.queue,
    atCap: atCap ?? 'queue',
  })
}

/** The running time of a task in the background: what the environment says, else the default. */
export function readBackgroundTimeout(environment: Environment, warn: (text: string) => void): number {
  return readVariable(TIMEOUT, environment, warn)
}

/** A whole number in decimal digits, from 1 on. An empty variable says nothing, like none. */
function readVariable(
  { name, max, otherwise }: Variable,
  environment: Environment,
  warn: (text: string) => void,
): number {
  const raw = environment[name] ?? ''
  if (raw === '') return otherwise
  const [, digits = ''] = DIGITS.exec(raw) ?? []
  const value = Number(digits)
  if (value >= 1 && value <= max) return value
  const quoted = JSON.stringify(shortened(raw, VALUE_CHARACTERS_MAX))
  warn(`Invalid ${name}=${quoted}: using the default, ${otherwise}.`)
  return otherwise
}

/** Without a prototype: an agent may be called "constructor", and then has no limit nobody gave it. */
function byName(limits: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, number>, limits))
}
