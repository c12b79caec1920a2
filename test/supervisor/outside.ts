/** Live bodies as somebody sees them who knows nothing of the runtime: at the model’s server, in /proc. */
import { readdirSync, readFileSync } from 'node:fs'
import { type Answer, type OpenAIServer, openaiServer } from '../support/openai-server.ts'

export interface Outside {
  readonly server: OpenAIServer
  /** Requests that have no answer yet. */
  readonly exchanges: number
  /** Commands of which a process is alive. */
  readonly processes: readonly Process[]
  /** Answers the request that has waited for so many others, or the first of them. */
  answer(place: number, answer: Answer): void
  /** A reply by which a task runs a command that ends when somebody ends it. */
  readonly sleeps: () => Answer
}

export interface Process {
  /** The time for which it sleeps, which is no other's. */
  readonly mark: string
  readonly pid: number
}

export async function openOutside(): Promise<Outside> {
  const waiting: ((answer: Answer) => void)[] = []
  let commands = 0
  const server = await openaiServer(
    () =>
      new Promise((resolve) => {
        waiting.push(resolve)
      }),
  )
  const stem = `9000.${process.pid}`
  return {
    server,
    get exchanges() {
      return server.openExchanges()
    },
    get processes() {
      return processesWith(stem)
    },
    answer(place, answer) {
      const [resolve] = waiting.splice(place % Math.max(1, waiting.length), 1)
      resolve?.(answer)
    },
    sleeps() {
      commands += 1
      const command = `sleep ${stem}${String(commands).padStart(4, '0')}`
      return { calls: [{ name: 'execute_command', arguments: { command } }] }
    },
  }
}

/** One for each mark: a shell and what it runs are one body. */
function processesWith(stem: string): readonly Process[] {
  const found = new Map<string, Process>()
  for (const pid of readdirSync('/proc').map(Number)) {
    if (!Number.isInteger(pid)) continue
    const words = wordsOf(pid)
    const mark = words.map((word) => /\d+\.\d+/.exec(word)?.[0]).find((it) => it?.startsWith(stem))
    if (mark !== undefined && words[0] === 'sleep') found.set(mark, { mark, pid })
    else if (mark !== undefined && !found.has(mark)) found.set(mark, { mark, pid })
  }
  return [...found.values()]
}

/** None, for a process that is gone, or that nobody has fetched yet. */
function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
