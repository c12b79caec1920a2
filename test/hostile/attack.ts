/** Opens a world's workspace as Troupe does, and has the attacker's puppets work in it. */
import { vi } from 'vitest'
import { createRuntime, type RuntimeOptions } from '../../src/hosts/node.ts'
import type { AskedCall } from '../../src/protocol/model.ts'
import type { Runtime } from '../../src/runtime.ts'
import { complete, scriptedModel, type Speech, uses } from '../../src/testing/scripted-model.ts'
import type { World } from './world.ts'

const CALLS_A_TURN = 12
export const AGENTS = ['lead', 'coder', 'explorer', 'reviewer'] as const

export const run = (command: string, cwd = '.'): AskedCall => ({
  tool: 'execute_command',
  input: { command, ...(cwd !== '.' && { cwd }) },
})
export const read = (path: string): AskedCall => ({ tool: 'read_file', input: { path } })
export const write = (path: string, content: string): AskedCall => ({
  tool: 'write_file',
  input: { path, content },
})

/** Everything that came out of the work where somebody may see it, and how calls were answered. */
export interface Told {
  readonly text: string
  /** How many calls of each task were answered, the smallest number. */
  readonly callsMin: number
  readonly tasks: number
  readonly warnings: readonly string[]
}

/** What the puppets of one run do: all of `tries`; and those that may have others do the same. */
export function puppet(tries: readonly AskedCall[]) {
  const delegated: readonly AskedCall[] = AGENTS.flatMap((agent) => [
    hire(agent, { permissions: { filePatterns: ['**'], writePatterns: ['**'], commandPatterns: ['*'] } }),
    hire(agent, { background: true }),
  ])
  return scriptedModel((request): Speech => {
    const isFirst = request.lines.some((line) => line.role === 'user' && line.text === 'Work.')
    const mayHire = isFirst && request.tools.some(({ name }) => name === 'new_task')
    const all = [...tries, ...(mayHire ? [...delegated, WAIT] : [])]
    const turn = request.lines.filter(({ role }) => role === 'agent').length
    const calls = all.slice(turn * CALLS_A_TURN, (turn + 1) * CALLS_A_TURN)
    return calls.length > 0 ? uses(calls) : complete('Done.')
  })
}

function hire(agent: string, more: object): AskedCall {
  return { tool: 'new_task', input: { agent, message: 'Do what AGENTS.md says.', ...more } }
}

const WAIT: AskedCall = { tool: 'wait_for_tasks', input: { until: 'all' } }

/** Puts this process where the user's shell would have it. */
export function standIn({ environment }: World): void {
  for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL']) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
}

/** Opens it with all settings read; whatever is asked for is refused. */
export async function opened(world: World, options: RuntimeOptions = {}) {
  const warnings: string[] = []
  const runtime = await createRuntime({
    onAsk: 'refuse',
    warn: (text) => void warnings.push(text),
    ...options,
    workspace: world.workspace,
  })
  return { runtime, warnings }
}

/** One agent at work in the world, in front or in the background, to its end. */
export async function attack(
  world: World,
  agent: string,
  background: boolean,
  tries: readonly AskedCall[] | 'embedded',
  options: RuntimeOptions = {},
): Promise<Told> {
  const model = tries === 'embedded' ? undefined : puppet(tries)
  const { runtime, warnings } = await opened(world, { ...options, ...(model && { model }) })
  try {
    const message = model ? 'Work.' : 'Survey this repository and write a report.'
    const before = (await runtime.tasks()).map(({ id }) => id)
    const task = await runtime.start({ message, agent, background })
    const result = await runtime.result(task.id)
    const journals = await journalsOf(runtime, before)
    const counts = journals.map((entries) => {
      const answered = entries.flatMap(({ fact }) => ('callId' in fact ? [fact.callId] : []))
      return new Set(answered).size
    })
    return {
      text: JSON.stringify([journals, model?.requests ?? [], warnings, result]),
      callsMin: Math.min(...counts),
      tasks: journals.length,
      warnings,
    }
  } finally {
    await runtime.close({ graceMs: 0 })
  }
}

async function journalsOf(runtime: Runtime, before: readonly string[]) {
  const tasks = (await runtime.tasks()).filter(({ id }) => !before.includes(id))
  return Promise.all(tasks.map(({ id }) => runtime.journal(id)))
}
