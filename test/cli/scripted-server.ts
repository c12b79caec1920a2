import { onTestFinished } from 'vitest'
import { type Answer, type OpenAIServer, openaiServer } from '../support/openai-server.ts'

export interface ScriptedServer extends OpenAIServer {
  /** What points the command line at it. */
  readonly environment: Readonly<Record<string, string>>
}

const LAST: Answer = { text: 'Done.' }

/** A real server on this machine that answers turn by turn, then says that it is done. */
export async function scriptedServer(
  answers: readonly (Answer | (() => Promise<Answer>))[],
): Promise<ScriptedServer> {
  const server = await openaiServer(({ messages }) => {
    const answer = answers[messages.filter(({ role }) => role === 'assistant').length] ?? LAST
    return typeof answer === 'function' ? answer() : answer
  })
  onTestFinished(() => server.close())
  return { ...server, environment: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'x' } }
}

export function calls(name: string, input: unknown, text = ''): Answer {
  return { text, calls: [{ name, arguments: input }] }
}
