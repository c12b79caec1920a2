import { onTestFinished } from 'vitest'
import { type Answer, type ChatBody, openaiServer } from '../support/openai-server.ts'
import { until } from './binary.ts'
import { calls } from './scripted-server.ts'

export interface CrewServer {
  /** What points the command line at it. */
  readonly environment: Readonly<Record<string, string>>
  /** The requests of the task that was given this message, the oldest first. */
  requestsOf(message: string): readonly ChatBody[]
  /** The messages of the tasks whose requests wait to be answered. */
  waiting(): readonly string[]
  /** Lets the first request of a task be answered, once it is there. */
  release(message: string): Promise<void>
}

/** Answers of one task, turn by turn, then `Done.`. */
export type Script = readonly Answer[]

/**
 * A real server on this machine that tells tasks by what they were asked. Tasks that are `held` are not
 * answered before they are released.
 */
export async function crewServer(
  scripts: Readonly<Record<string, Script>>,
  held: readonly string[] = [],
): Promise<CrewServer> {
  const gates = new Map<string, () => void>()
  const server = await openaiServer(async (body) => {
    const message = messageOf(body)
    const turn = body.messages.filter(({ role }) => role === 'assistant').length
    if (turn === 0 && held.includes(message)) {
      await new Promise<void>((resolve) => gates.set(message, resolve))
      gates.delete(message)
    }
    return scripts[message]?.[turn] ?? { text: 'Done.' }
  })
  onTestFinished(() => server.close())
  return {
    environment: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'x' },
    requestsOf: (message) =>
      server.requests.map(({ body }) => body).filter((body) => messageOf(body) === message),
    waiting: () => [...gates.keys()],
    async release(message) {
      await until(() => gates.has(message), `the task of "${message}" asks its model`)
      gates.get(message)?.()
    },
  }
}

function messageOf({ messages }: ChatBody): string {
  return messages.find(({ role }) => role === 'user')?.content ?? ''
}

/** A reply that has others work in the background on these messages. */
export function spawning(messages: readonly string[], agent = 'explorer'): Answer {
  const input = (message: string) => ({ agent, message, title: message, background: true })
  return { calls: messages.map((message) => ({ name: 'new_task', arguments: input(message) })) }
}

export const WAIT_FOR_ALL = calls('wait_for_tasks', { until: 'all' })
