import { z } from 'zod'
import { nearest } from '../protocol/nearest.ts'

/** The input of a built-in tool: exactly these keys. A wrong one is refused, with the one that was meant. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known)).join(' ')
        : undefined,
  })
}

const KEY_CHARACTERS_MAX = 60

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  const shown = JSON.stringify(key.slice(0, KEY_CHARACTERS_MAX))
  return meant
    ? `There is no ${shown}; did you mean "${meant}"?`
    : `There is no ${shown}; there is ${known.join(', ')}.`
}

/** A path as a model gives it. */
export const pathInput = (what: string) => z.string().min(1).max(4096).describe(what)
