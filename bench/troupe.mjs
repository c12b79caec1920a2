/** The same work by Troupe, with all that it always does: charts, journal, boundary, limits, events. */
import { z } from 'zod'
import { createEcho, ECHO, INSTRUCTIONS } from './work.mjs'

const TURNS_MAX = 10_000

export async function create({ baseURL, stream, bundle }, storeFor = ({ memoryStore }) => memoryStore()) {
  const library = await import(bundle)
  const { createRuntime, defineAgent, defineTool, openai } = library
  const echo = createEcho()
  const tool = defineTool({
    name: ECHO.name,
    description: ECHO.description,
    input: z.strictObject({ path: z.string().describe(ECHO.path) }),
    effect: 'pure',
    execute: echo,
  })
  const runtime = await createRuntime({
    model: openai('mock-1', { baseURL, stream }),
    agents: [defineAgent({ name: 'reader', instructions: INSTRUCTIONS, tools: [ECHO.name] })],
    tools: [tool],
    limits: { maxTurns: TURNS_MAX },
    store: await storeFor(library),
    settings: false,
  })

  return {
    calls: () => echo.calls,
    close: () => runtime.close(),
    async task(message, onText) {
      const stop = onText && runtime.subscribe(({ type }) => type === 'progress' && onText())
      const { status, result, reason } = await runtime.run({ message, agent: 'reader' })
      stop?.()
      if (status !== 'completed')
        throw new Error(`The task ended as ${status}: ${reason?.code} ${reason?.message}`)
      return result
    },
  }
}
