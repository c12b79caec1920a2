import { z } from 'zod'
import { RuntimeError } from '../errors.ts'

const Content = z
  .union([z.string(), z.array(z.object({ text: z.string().catch('') })).transform(joinParts)])
  .nullish()

const CallPiece = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z
    .object({
      name: z.string().nullish(),
      arguments: z
        .union([z.string(), z.record(z.string(), z.unknown()).transform((it) => JSON.stringify(it))])
        .nullish(),
    })
    .nullish(),
})

const Said = z.object({
  content: Content,
  refusal: z.string().nullish(),
  tool_calls: z.array(CallPiece).nullish(),
})

const Chunk = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().nullish(),
        delta: Said.nullish(),
        message: Said.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() })
    .nullish()
    .catch(null),
})

export type CallPiece = z.infer<typeof CallPiece>

/** A piece of a streamed answer, or a whole one: they differ only in where the words are. */
export type Chunk = z.infer<typeof Chunk>

/** What a server sent, if it has the form of an answer. */
export function readChunk(value: unknown): Chunk {
  return isUsual(value) ? value : readOdd(value)
}

/** Knows every form that is taken, and mends what can be mended. */
export function readOdd(value: unknown): Chunk {
  const chunk = Chunk.safeParse(value)
  if (chunk.success) return chunk.data
  throw new RuntimeError('model/unreadable-reply', unlike(chunk.error))
}

/**
 * Whether there is nothing to mend: then it can be read as it is. Most pieces are so, there is one for each
 * token, and the schema takes many times as long to say yes.
 */
export function isUsual(value: unknown): value is Chunk {
  if (!isObject(value)) return false
  const { choices, usage } = value
  return isListOf(choices, isUsualChoice) && (isNullish(usage) || isUsualUsage(usage))
}

function isUsualChoice(choice: unknown): boolean {
  if (!isObject(choice)) return false
  const { index, delta, message, finish_reason } = choice
  return isNumber(index) && isUsualSaid(delta) && isUsualSaid(message) && isText(finish_reason)
}

function isUsualSaid(said: unknown): boolean {
  if (isNullish(said)) return true
  if (!isObject(said)) return false
  return isText(said.content) && isText(said.refusal) && isListOf(said.tool_calls, isUsualCall)
}

function isUsualCall(piece: unknown): boolean {
  if (!isObject(piece) || !isNumber(piece.index) || !isText(piece.id)) return false
  const said = piece.function
  return isNullish(said) || (isObject(said) && isText(said.name) && isText(said.arguments))
}

function isUsualUsage(usage: unknown): boolean {
  return isObject(usage) && isCount(usage.prompt_tokens) && isCount(usage.completion_tokens)
}

const isNullish = (value: unknown) => value === undefined || value === null
const isText = (value: unknown) => typeof value === 'string' || isNullish(value)
const isNumber = (value: unknown) => Number.isFinite(value) || isNullish(value)
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return isNullish(value) || (Array.isArray(value) && value.every(isItem))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function joinParts(parts: readonly { readonly text: string }[]): string {
  return parts.map(({ text }) => text).join('')
}

function unlike(error: z.ZodError): string {
  const [issue] = error.issues
  return `The model's server sent an answer of an unknown form (${issue?.path.join('.')}: ${issue?.message}). Check the base URL.`
}
