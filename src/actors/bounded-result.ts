import type { Result } from '../protocol/model.ts'
import { DEFAULTS } from '../protocol/defaults.ts'

/** Cuts a result to what a model can read, and says how much is missing. What is cut is the middle. */
export function boundedResult(result: Result, bytesMax: number = DEFAULTS.toolOutputBytes): Result {
  if (result.kind !== 'ok') return { ...result, message: bounded(result.message, bytesMax) }
  if (typeof result.output === 'string') return { kind: 'ok', output: bounded(result.output, bytesMax) }
  const text = JSON.stringify(result.output) ?? 'null'
  const cut = bounded(text, bytesMax)
  // A copy: what goes into the journal is frozen, and the tool may still hold its own.
  return { kind: 'ok', output: cut === text ? (JSON.parse(text) as unknown) : cut }
}

function bounded(text: string, bytesMax: number): string {
  // A character is at most three bytes of UTF-8 for each of its UTF-16 units: short texts need no counting.
  if (text.length * 3 <= bytesMax) return text
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= bytesMax) return text
  const half = Math.floor(bytesMax / 2)
  const decode = (part: Uint8Array) => new TextDecoder().decode(part).replaceAll('\uFFFD', '')
  const dropped = bytes.length - 2 * half
  return `${decode(bytes.subarray(0, half))}\n… ${dropped} bytes left out …\n${decode(bytes.subarray(-half))}`
}
