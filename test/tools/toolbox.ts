import { nodeFiles } from '../../src/hosts/node-files.ts'
import { nodeProcesses } from '../../src/hosts/node-processes.ts'
import type { Files } from '../../src/host.ts'
import type { Result } from '../../src/protocol/model.ts'
import { builtinTools } from '../../src/tools/builtin.ts'
import type { PreparedCall, Tool } from '../../src/tools/tool.ts'
import { directoryOf, never } from '../hosts/workspace.ts'
import { toolContext } from './tool-context.ts'

export interface Toolbox {
  readonly root: string
  readonly files: Files
  tool(name: string): Tool
  /** What a model would see. */
  call(name: string, input: unknown, asked?: { taskId?: string; signal?: AbortSignal }): Promise<Result>
  prepare(name: string, input: unknown): Promise<PreparedCall>
  /** What a task has kept. */
  memory(taskId?: string): Map<string, string>
  /** New tools on the same workspace, with what the tasks have kept, as a restart has them. */
  again(wrap?: Wrap): Promise<Toolbox>
}

type Wrap = (files: Files) => Files
type Memories = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The built-in tools on a real workspace, as one runtime has them. `wrap` stands before the disk. */
export async function toolboxOn(
  content: Readonly<Record<string, string | Uint8Array>> = {},
  wrap: Wrap = (files) => files,
): Promise<Toolbox> {
  return open(await directoryOf(content), wrap, new Map())
}

async function open(root: string, wrap: Wrap, before: Memories): Promise<Toolbox> {
  const files = wrap(await nodeFiles({ workspace: root }))
  const tools = new Map(builtinTools({ files, processes: nodeProcesses() }).map((tool) => [tool.name, tool]))
  const toolOf = (name: string) => {
    const found = tools.get(name)
    if (!found) throw new Error(`There is no tool ${name}.`)
    return found
  }
  const memories = new Map([...before].map(([taskId, kept]) => [taskId, new Map(kept)]))
  const memory = (taskId = 't1') => {
    const kept = memories.get(taskId) ?? new Map<string, string>()
    memories.set(taskId, kept)
    return kept
  }
  return {
    root,
    files,
    memory,
    again: (wrapAgain = (it) => it) => open(root, wrapAgain, memories),
    tool: toolOf,
    async call(name, input, { taskId = 't1', signal = never } = {}) {
      const prepared = await toolOf(name).prepare(input)
      if (prepared.kind !== 'prepared') return prepared
      const ran = await prepared.run(toolContext({ signal, taskId }, memory(taskId)))
      if (ran.kind === 'waits') throw new Error(`${name} waits for tasks.`)
      return ran
    },
    async prepare(name, input) {
      const prepared = await toolOf(name).prepare(input)
      if (prepared.kind !== 'prepared') throw new Error(JSON.stringify(prepared))
      return prepared
    },
  }
}

export const ok = (output: unknown): Result => ({ kind: 'ok', output })
