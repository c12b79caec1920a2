import { RuntimeError, toFailure } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import { EXIT } from './exit-codes.ts'
import { printResult } from './output.ts'
import { safeJson } from './safe-text.ts'

/** Tells a failure as JSON, where that was asked for. A misuse is told in words, as everywhere. */
export async function alsoInJson(given: Arguments, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!RuntimeError.is(error) || !isJson(given)) throw error
    const { code, message } = toFailure(error)
    printResult(`${safeJson({ error: { code, message } })}\n`)
    return EXIT.failed
  }
}

function isJson(given: Arguments): boolean {
  return given.has('json') || (given.value('output-format') ?? 'text') !== 'text'
}
