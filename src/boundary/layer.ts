import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { Boundary, Layer } from '../protocol/boundary.ts'
import { flawOfCommandPattern } from './commands/command-patterns.ts'
import { suggestion } from '../protocol/nearest.ts'
import { flawOfList, PATTERNS_MAX } from './files/patterns.ts'

const toolName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/, 'is no name of a tool')
const toolNames = z.array(toolName).max(256)
const globs = z.array(z.string()).superRefine((patterns, context) => {
  const flaw = flawOfList(patterns)
  if (flaw) context.addIssue({ code: 'custom', message: flaw })
})
const commands = z
  .array(z.string())
  .max(PATTERNS_MAX)
  .superRefine((patterns, context) => {
    for (const pattern of patterns) {
      const flaw = flawOfCommandPattern(pattern)
      if (flaw)
        context.addIssue({
          code: 'custom',
          message: `has a pattern that can't be used: ${JSON.stringify(pattern.slice(0, 256))} ${flaw}`,
        })
    }
  })

const layerSchema = z
  .strictObject({
    filePatterns: globs,
    writePatterns: globs,
    commandPatterns: commands,
    allowedTools: toolNames,
    deniedTools: toolNames,
    readOnly: z.boolean(),
  })
  .partial()

/** Every key that a layer may have. */
export const LAYER_KEYS: readonly string[] = Object.keys(layerSchema.shape)

/**
 * Reads one layer of a boundary, as it comes from a person, a file or a model. Refuses it whole, by
 * name, for one wrong key or pattern: what is misspelled would otherwise be no limit at all. `tools`:
 * names a list of tools may hold.
 */
export function parseLayer(value: unknown, where: string, tools?: readonly string[]): Layer {
  const read = layerSchema.safeParse(value)
  if (!read.success) throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], LAYER_KEYS)}`)
  for (const key of ['allowedTools', 'deniedTools'] as const) {
    const unknown = tools && read.data[key]?.find((name) => !tools.includes(name))
    if (unknown !== undefined)
      throw new UsageError(
        `${where}: ${key} names "${unknown}", which is no tool here.${suggestion(unknown, tools ?? [])}`,
      )
  }
  return freezeLayer(read.data)
}

/** Says what is wrong with a value, in words that name the key. */
export function issueInWords(issue: z.core.$ZodIssue | undefined, known: readonly string[]): string {
  if (issue === undefined) return 'it could not be read.'
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const meant = suggestion(key, known) || ` Known: ${known.join(', ')}.`
    return `${path === '' ? '' : `${path}: `}there is no key "${key}".${meant}`
  }
  const what = issue.code === 'custom' ? issue.message : `is wrong: ${issue.message}`
  return `${path === '' ? 'it' : path} ${what}.`
}

/**
 * A boundary with one more layer, which can only make it narrower. Nothing of it can be changed
 * afterwards.
 */
export function meet(boundary: Boundary, layer: Layer): Boundary {
  return Object.freeze([...boundary, freezeLayer(layer)])
}

function freezeLayer(layer: { readonly [Key in keyof Layer]?: Layer[Key] | undefined }): Layer {
  const kept = Object.entries(layer).filter(([, value]) => value !== undefined)
  const frozen = kept.map(
    ([key, value]) => [key, typeof value === 'object' ? Object.freeze([...value]) : value] as const,
  )
  return Object.freeze(Object.fromEntries(frozen))
}
