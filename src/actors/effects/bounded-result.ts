import { inWords } from '../../errors.ts'
import { DEFAULTS } from '../../protocol/defaults.ts'
import type { Result } from '../../protocol/model.ts'
import { plainCopy } from '../../protocol/plain.ts'
import { failed } from '../../tools/tool.ts'

/** Cuts a result to what a model can read, and says how much is missing. What is cut is the middle. */
export function boundedResult(result: Result, bytesMax: number = DEFAULTS.toolOutputBytes): Result {
  if (result.kind !== 'ok') return { ...result, message: bounded(result.message, bytesMax) }
  if (typeof result.output === 'string') return { kind: 'ok', output: bounded(result.output, bytesMax) }
  try {
    // A copy: what goes into the journal is frozen, and the tool may still hold its own.
    const output = plainCopy(result.output)
    const text = JSON.stringify(output)
    const cut = bounded(text, bytesMax)
    return { kind: 'ok', output: cut === text ? output : cut }
  } catch (error) {
    return noData(inWords(error))
  }
}

/** It has run, and that must be said: what it did is done. */
function noData(why: string): Result {
  return failed('tool/threw', `It ran, but what it returned is no data: ${why}.`)
}

/** A text of at most so many bytes; what is cut is the middle, and it says so. */
export function bounded(text: string, bytesMax: number): string {
  // A character is at most three bytes of UTF-8 for each of its UTF-16 units: short texts need no counting.
  if (text.length * 3 <= bytesMax) return text
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= bytesMax) return text
  const half = Math.floor(bytesMax / 2)
  const decode = (part: Uint8Array) => new TextDecoder().decode(part).replaceAll('\uFFFD', '')
  const dropped = bytes.length - 2 * half
  return `${decode(bytes.subarray(0, half))}\n… ${dropped} bytes left out …\n${decode(bytes.subarray(-half))}`
}
