import { isMap, LineCounter, parseDocument, type Document } from 'yaml'
import { LAYER_KEYS, parseLayer } from '../boundary/layer.ts'
import { UsageError } from '../errors.ts'
import type { Agent } from '../protocol/agent.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import { suggestion } from '../protocol/nearest.ts'
import { type ControlFiles, readControlFiles } from './control-files.ts'
import { defineAgent } from './define-agent.ts'

/** The agents of a workspace, and everything that was said about them and does not count. */
export interface AgentFiles {
  readonly agents: readonly Agent[]
  /** Keys nobody knows. The agent is there all the same. */
  readonly warnings: readonly string[]
  /** Files that gave no agent. */
  readonly refusals: readonly string[]
  /** What an untrusted folder may not say. */
  readonly ignored: readonly string[]
}

export interface AgentOptions {
  readonly isTrusted?: boolean
  /** Names that only a trusted folder may give to an agent of its own. */
  readonly reservedNames?: readonly string[]
  /** The tools there are. Absent: names of tools are not checked. */
  readonly tools?: readonly string[]
}

const KEYS = [
  'name',
  'description',
  'tools',
  'disallowedTools',
  'model',
  'maxTurns',
  'timeoutMs',
  'background',
  'spawns',
  'permissions',
]

/** Reads `.troupe/agents/*.md`: YAML between two lines of `---`, then the instructions. */
export async function readAgentFiles(workspace: string, options: AgentOptions = {}): Promise<AgentFiles> {
  return agentsOf(await readControlFiles(workspace), options)
}

/** The same, of files that were read before. */
export function agentsOf(files: ControlFiles, options: AgentOptions): AgentFiles {
  const agents = new Map<string, Agent>()
  const warnings: string[] = []
  const refusals = [...files.refusals]
  const ignored: string[] = []
  for (const { path, text } of files.agents) {
    try {
      const said = agentIn(path, text, options)
      warnings.push(...said.warnings)
      const [agent, dropped] = options.isTrusted ? [said.agent, []] : tightened(said.agent, path, options)
      ignored.push(...dropped)
      const other = agent && agents.get(agent.name.toLowerCase())
      if (other) refusals.push(`${path}: there is already an agent "${other.name}".`)
      else if (agent) agents.set(agent.name.toLowerCase(), agent)
    } catch (error) {
      if (!UsageError.is(error)) throw error
      refusals.push((error as UsageError).message)
    }
  }
  return { agents: [...agents.values()], warnings, refusals, ignored }
}

/** What is left of an agent whose folder nobody trusts: it may be narrower than others, in nothing wider. */
function tightened(
  agent: Agent,
  path: string,
  { reservedNames = [] }: AgentOptions,
): [Agent | null, readonly string[]] {
  // In other letters it would still pass for ours where a person reads it.
  if (reservedNames.some((name) => name.toLowerCase() === agent.name.toLowerCase()))
    return [null, [`${path}: the whole agent, because "${agent.name}" is a name of Troupe's own`]]
  const { model, spawns, maxTurns, timeoutMs, background, boundary, ...rest } = agent
  const dropped: string[] = []
  // Said outright, it would let a task in the background write.
  const { readOnly, ...limits } = boundary ?? {}
  if (readOnly === false) dropped.push(`${path}: readOnly: false`)
  const kept = readOnly === false ? limits : boundary
  if (model !== undefined) dropped.push(`${path}: the model ${model}`)
  if (spawns !== undefined && spawns.length > 0)
    dropped.push(`${path}: the agents it would spawn (${spawns.join(', ')})`)
  const isWider = maxTurns !== undefined && maxTurns > DEFAULTS.maxTurnsChild
  if (isWider) dropped.push(`${path}: maxTurns ${maxTurns}, which is more than ${DEFAULTS.maxTurnsChild}`)
  const isLonger = timeoutMs !== undefined && timeoutMs > DEFAULTS.backgroundTimeoutMs
  if (isLonger)
    dropped.push(`${path}: timeoutMs ${timeoutMs}, which is more than ${DEFAULTS.backgroundTimeoutMs}`)
  if (background === true) dropped.push(`${path}: background: true`)
  return [
    Object.freeze({
      ...rest,
      ...(kept && { boundary: Object.freeze(kept) }),
      spawns: Object.freeze([]),
      ...(maxTurns !== undefined && !isWider && { maxTurns }),
      ...(timeoutMs !== undefined && !isLonger && { timeoutMs }),
    }),
    dropped,
  ]
}

function agentIn(
  path: string,
  text: string,
  { tools }: AgentOptions,
): { agent: Agent; warnings: readonly string[] } {
  const found = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)([\s\S]*)$/.exec(text)
  if (!found) throw new UsageError(`${path}: it does not begin with "---", its keys, and "---" again.`)
  const [, header = '', body = ''] = found
  const { value, lineOf } = readHeader(path, header)

  const unknown = Object.keys(value).filter((key) => !KEYS.includes(key))
  const warnings = unknown.map(
    (key) => `${path}:${lineOf(key)}: there is no key "${key}"; it was ignored.${suggestion(key, KEYS)}`,
  )
  const { permissions, ...rest } = Object.fromEntries(
    Object.entries(value).filter(([key]) => KEYS.includes(key)),
  )
  const boundary =
    permissions === undefined ? {} : { boundary: layerIn(permissions, path, { lineOf, tools }) }
  for (const key of ['tools', 'disallowedTools', 'spawns']) if (key in rest) rest[key] = namesIn(rest[key])
  for (const key of ['tools', 'disallowedTools'])
    refuseUnknownTools(rest[key], `${path}:${lineOf(key)}: ${key}`, tools)

  const fallback = path.slice(path.lastIndexOf('/') + 1, -'.md'.length)
  try {
    return { agent: defineAgent({ name: fallback, ...rest, instructions: body, ...boundary }), warnings }
  } catch (error) {
    if (!UsageError.is(error)) throw error
    const key = KEYS.find((known) => (error as UsageError).message.includes(`: ${known} `))
    throw new UsageError(`${path}${key ? `:${lineOf(key)}` : ''}: ${(error as UsageError).message}`, {
      cause: error,
    })
  }
}

interface Header {
  readonly value: Readonly<Record<string, unknown>>
  /** The line of the file that a key stands on. */
  readonly lineOf: (...keys: readonly string[]) => number
}

function readHeader(path: string, header: string): Header {
  const counter = new LineCounter()
  const document: Document = parseDocument(header, { lineCounter: counter, strict: true, stringKeys: true })
  const lineAt = (offset: number) => counter.linePos(offset).line + 1
  const flaw = document.errors[0] ?? document.warnings[0]
  if (flaw)
    throw new UsageError(`${path}:${lineAt(flaw.pos[0])}: it is not YAML: ${flaw.message.split('\n')[0]}`)
  if (!isMap(document.contents))
    throw new UsageError(`${path}:2: there are no keys between the two lines of "---".`)
  const value = plainValue(document, path)
  return {
    value,
    lineOf: (...keys) => {
      let node: unknown = document.contents
      let line = 2
      for (const key of keys) {
        const pair = isMap(node) ? node.items.find((item) => String(item.key) === key) : undefined
        const range = (pair?.key as { range?: readonly number[] } | undefined)?.range
        if (range) line = lineAt(range[0] ?? 0)
        node = pair?.value
      }
      return line
    },
  }
}

/** Without aliases: a few lines of them come to gigabytes. */
function plainValue(document: Document, path: string): Readonly<Record<string, unknown>> {
  try {
    return document.toJS({ maxAliasCount: 0 }) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new UsageError(`${path}: aliases (&, *) are not read here.`, { cause: error })
  }
}

interface Places {
  readonly lineOf: Header['lineOf']
  readonly tools: readonly string[] | undefined
}

function layerIn(value: unknown, path: string, { lineOf, tools }: Places) {
  try {
    return parseLayer(value, 'permissions', tools)
  } catch (error) {
    if (!UsageError.is(error)) throw error
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
    const wrong =
      keys.find((key) => !LAYER_KEYS.includes(key)) ??
      keys.find((key) => (error as UsageError).message.includes(key))
    throw new UsageError(
      `${path}:${lineOf('permissions', ...(wrong ? [wrong] : []))}: ${(error as UsageError).message}`,
      { cause: error },
    )
  }
}

/** `[a, b]`, or `a, b` on one line. */
function namesIn(value: unknown): unknown {
  return typeof value === 'string'
    ? value
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
    : value
}

function refuseUnknownTools(names: unknown, where: string, tools: readonly string[] | undefined): void {
  if (!tools || !Array.isArray(names)) return
  const unknown = names.map(String).find((name) => !tools.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`${where}: there is no tool "${unknown}".${suggestion(unknown, tools)}`)
}
