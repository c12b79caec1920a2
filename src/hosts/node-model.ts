import { UsageError } from '../errors.ts'
import type { Model } from '../host.ts'
import { embedded } from '../models/embedded.ts'
import { openai } from '../models/openai.ts'

const DEFAULT_MODEL = 'gpt-5-mini'

export interface ModelChoice {
  /** Contract: the process's own environment, never a file of the workspace (L12). */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly name?: string
}

/**
 * The model the user's environment gives: OpenAI's protocol with a key or a base URL, else the embedded one.
 */
export function modelFromEnvironment({ environment, name }: ModelChoice): Model {
  const apiKey = environment['OPENAI_API_KEY'] || undefined
  const baseURL = environment['OPENAI_BASE_URL'] || undefined
  if (name === 'embedded') return embedded()
  if (apiKey || baseURL) return openai(name ?? DEFAULT_MODEL, { apiKey, baseURL })
  if (name === undefined) return embedded()
  throw new UsageError(
    `The model "${name}" needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own.`,
  )
}
