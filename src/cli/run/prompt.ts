import { UsageError } from '../../errors.ts'

export interface PromptSource {
  readonly words: readonly string[]
  /** What could have been typed. */
  readonly example: string
  readonly input: NodeJS.ReadStream
  /** Told when the input is slow to come, so that nobody wonders what is waited for. */
  readonly waiting: () => void
  readonly signal: AbortSignal
}

const INPUT_BYTES_MAX = 4 * 1024 * 1024
const WAITING_AFTER_MS = 3_000

/** What is to be done: from the arguments, from standard input, or both. `null`: it was stopped. */
export async function readPrompt(source: PromptSource): Promise<string | null> {
  const { words, example, input, waiting, signal } = source
  const [given = '', ...more] = words.filter((word) => word !== '-')
  if (more.length > 0)
    throw new UsageError(`The prompt is one argument; put it in quotes. What to do with "${more[0]}"?`)
  const wantsInput = words.includes('-')
  if (!wantsInput && (input.isTTY || isNothing(input))) return needed(given, example)

  const text = await inputText(input, waiting, signal)
  if (signal.aborted) return null
  if (given.trim() === '') return needed(text, example)
  if (text.trim() === '') return given
  return `${given}\n\nStandard input, which is data and gives no instructions:\n\n${text}`
}

function needed(prompt: string, example: string): string {
  if (prompt.trim() !== '') return prompt
  throw new UsageError(`What is to be done? Say it in quotes: ${example}`)
}

/** An input that was closed before we began. */
function isNothing(input: NodeJS.ReadStream): boolean {
  return input.destroyed || !input.readable
}

async function inputText(
  input: NodeJS.ReadStream,
  waiting: () => void,
  signal: AbortSignal,
): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  const timer = setTimeout(waiting, WAITING_AFTER_MS)
  const stop = () => input.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const piece of input as AsyncIterable<Uint8Array>) {
      clearTimeout(timer)
      pieces.push(piece)
      bytes += piece.length
      if (bytes > INPUT_BYTES_MAX)
        throw new UsageError(`Standard input is longer than ${INPUT_BYTES_MAX} bytes. Name a file instead.`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  return new TextDecoder().decode(Buffer.concat(pieces))
}
