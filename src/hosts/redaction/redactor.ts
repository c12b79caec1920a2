import { isSecretName } from '../node/environment/secret-names.ts'
import { withoutEncoded } from './base64.ts'
import { holdsKey, withoutKeys } from './key-shapes.ts'
import { withoutNamed } from './named-values.ts'
import { withoutPrivateKeys } from './private-keys.ts'

/** Takes out what nobody else may see, and leaves everything else as it is. */
export interface Redactor {
  text(text: string): string
  /** The same data with every text in it redacted, those that are names of fields too. */
  value(value: unknown): unknown
}

export interface RedactorPlan {
  /** Variables, also of `.env` files: the values of those that are named like secrets are left out. */
  readonly environment?: readonly Readonly<Record<string, string | undefined>>[]
  /** Other texts that are left out, wherever they stand. */
  readonly values?: readonly string[]
}

/** What stands in the place of a secret: nothing that JSON, a shell or a terminal would have to escape. */
export const REDACTED = '[redacted]'

/** Shorter ones stand in ordinary text by chance: they are left out only behind their name. */
const VALUE_CHARACTERS_MIN = 8
const VALUES_MAX = 500
/** `scheme://user:password@` */
const PASSWORD_IN_ADDRESS = /^[a-z][a-z0-9+.-]{0,20}:\/\/[^/\s:@]{0,200}:([^/\s@]{1,500})@/i
/** Values that many have, and that are words besides. */
const ORDINARY: ReadonlySet<string> = new Set([
  'anonymous',
  'changeme',
  'development',
  'disabled',
  'localhost',
  'password',
  'postgres',
  'production',
  'required',
  'undefined',
])

/** A text that is known to be a secret, in one of the forms that it may stand in. */
interface Known {
  readonly form: string
  readonly mark: string
}

/** Contract: takes time in proportion to the text, whatever the text is. */
export function createRedactor(plan: RedactorPlan): Redactor {
  const known = knownIn(plan)
  const isSecret = (text: string) => known.some(({ form }) => text.includes(form)) || holdsKey(text)

  function text(given: string): string {
    if (given.length < VALUE_CHARACTERS_MIN) return given
    let told = withoutPrivateKeys(given)
    for (const { form, mark } of known) if (told.includes(form)) told = told.replaceAll(form, mark)
    return withoutEncoded(withoutNamed(withoutKeys(told)), isSecret)
  }

  function value(given: unknown): unknown {
    if (typeof given === 'string') return text(given)
    if (Array.isArray(given)) return given.map(value)
    if (typeof given !== 'object' || given === null) return given
    return Object.fromEntries(Object.entries(given).map(([name, part]) => [text(name), value(part)]))
  }

  return { text, value }
}

/** The longest first: one may be a part of another. */
function knownIn({ environment = [], values = [] }: RedactorPlan): readonly Known[] {
  const marks = new Map<string, string>()
  const add = (secret: string, mark: string) => {
    const isFit = secret.length >= VALUE_CHARACTERS_MIN && !ORDINARY.has(secret.toLowerCase())
    if (!isFit || marks.size >= VALUES_MAX) return
    for (const form of formsOf(secret)) if (!marks.has(form)) marks.set(form, mark)
  }
  for (const given of values) add(given.trim(), REDACTED)
  for (const variables of environment) {
    for (const [name, given] of Object.entries(variables)) {
      const secret = given?.trim() ?? ''
      const [, password] = PASSWORD_IN_ADDRESS.exec(secret) ?? []
      if (password !== undefined) add(password, marked(name))
      if (password !== undefined || isSecretName(name)) add(secret, marked(name))
    }
  }
  return [...marks]
    .map(([form, mark]) => ({ form, mark }))
    .toSorted((one, other) => other.form.length - one.form.length)
}

/** The name of a variable is no secret, and says what was there. */
function marked(name: string): string {
  return /^\w{1,64}$/.test(name) ? `[redacted ${name}]` : REDACTED
}

/** As it is, as JSON keeps it, as JSON keeps JSON, and as it stands in an address. */
function formsOf(secret: string): readonly string[] {
  const json = escaped(secret)
  return [...new Set([secret, json, escaped(json), inAddress(secret)])]
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function inAddress(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    // Half a character has no form there.
    return text
  }
}
