import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mkdir, mkdtemp, rm, writeFile as putFile } from 'node:fs/promises'
import { afterAll } from 'vitest'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import type { Model } from '../../src/host.ts'
import type { Call, Line, ModelReply, ModelRequest, Result, ToolSpec } from '../../src/protocol/model.ts'
import { listFiles } from '../../src/tools/list-files.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { searchFiles } from '../../src/tools/search-files.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { writeFile } from '../../src/tools/write-file.ts'
import { toolContext } from '../tools/tool-context.ts'

/** What one conversation came to. */
export interface Run {
  readonly turns: readonly ModelReply[]
  readonly requests: readonly ModelRequest[]
  readonly lines: readonly Line[]
  readonly result: string
  /** What was written last, if anything was. */
  readonly report: string
  readonly reportPath: string
}

export interface Circumstances {
  /** Answers instead of the tool. `undefined` lets the tool answer. */
  readonly instead?: (call: Call) => Result | undefined
  /** Tools that are not offered. */
  readonly without?: readonly string[]
  /** Nothing is written to the disk. */
  readonly dryWrite?: boolean
  readonly before?: readonly Line[]
}

/** Far above what a survey needs; a model that does not end is a failure. */
const TURNS_MAX = 20

const INNER: readonly ToolSpec[] = [
  'update_todo_list',
  'attempt_completion',
  'ask_followup_question',
  'execute_command',
].map((name) => ({ name, description: '', input: {} }))

/** Lets the model talk with the real tools over a real directory until it ends. */
export async function converse(
  model: Model,
  root: string,
  goal: string,
  circumstances: Circumstances = {},
): Promise<Run> {
  const { instead, without = [], dryWrite = false, before = [] } = circumstances
  const files = await nodeFiles({ workspace: root })
  const tools = [listFiles(files), readFile(files), searchFiles(files), writeFile(files)]
  const offered = [...tools.map(({ spec }) => spec), ...INNER].filter(({ name }) => !without.includes(name))
  const memory = new Map<string, string>()
  const lines: Line[] = [...before, { role: 'user', text: goal }]
  const turns: ModelReply[] = []
  const requests: ModelRequest[] = []
  const done = { result: '', report: '', reportPath: '' }

  for (let turn = 1; turn <= TURNS_MAX; turn += 1) {
    const request: ModelRequest = requestOf([...lines], offered, turn)
    requests.push(request)
    const reply = await model.reply(request, { signal: new AbortController().signal, progress: () => {} })
    turns.push(reply)
    const calls = reply.calls.map((call, index) => ({
      ...call,
      id: `${turn}.${index}`,
      effect: 'pure' as const,
    }))
    lines.push({ role: 'agent', turn, text: reply.text, calls })
    if (calls.length === 0) return { turns, requests, lines, ...done, result: reply.text }
    for (const call of calls) {
      const isWrite = call.tool === 'write_file'
      const result =
        instead?.(call) ?? (dryWrite && isWrite ? ok('Wrote it.') : await answer(tools, call, memory))
      lines.push({ role: 'tool', callId: call.id, tool: call.tool, result })
      if (result.kind !== 'ok') continue
      if (isWrite) Object.assign(done, { report: field(call, 'content'), reportPath: field(call, 'path') })
      if (call.tool !== 'attempt_completion') continue
      return { turns, requests, lines, ...done, result: field(call, 'result') }
    }
  }
  throw new Error(`The model did not end within ${TURNS_MAX} turns.`)
}

export function requestOf(lines: readonly Line[], tools: readonly ToolSpec[], turn: number): ModelRequest {
  return { taskId: 't1', agent: 'lead', turn, instructions: 'Work.', lines, tools, purpose: 'reply' }
}

export function ok(output: unknown): Result {
  return { kind: 'ok', output }
}

export function field(call: Pick<Call, 'input'>, key: string): string {
  const { input } = call
  return typeof input === 'object' && input !== null ? String(Reflect.get(input, key) ?? '') : ''
}

async function answer(tools: readonly Tool[], call: Call, memory: Map<string, string>): Promise<Result> {
  const tool = tools.find(({ name }) => name === call.tool)
  if (!tool) return ok('Noted.')
  const prepared = await tool.prepare(call.input)
  if (prepared.kind !== 'prepared') return prepared
  const ran = await prepared.run(toolContext({ idempotencyKey: call.id }, memory))
  return ran.kind === 'waits' ? ok('Noted.') : ran
}

const roots: string[] = []
afterAll(async () => {
  await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })))
})

/** A directory of its own with these files in it, until the tests of the file are over. */
export async function workspaceOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'embedded-'))
  roots.push(root)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await putFile(join(root, path), text)
  }
  return root
}
