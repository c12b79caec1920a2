import { z } from 'zod'
import { issueInWords, parseLayer } from '../../boundary/layer.ts'
import { UsageError } from '../../errors.ts'
import type { Model } from '../../host.ts'
import type { Agent } from '../../protocol/agent.ts'
import type { Layer } from '../../protocol/boundary.ts'
import { DEFAULTS } from '../../protocol/defaults.ts'
import { DELEGATION_TOOLS, ESSENTIAL_TOOLS } from '../../protocol/names.ts'
import { suggestion } from '../../protocol/nearest.ts'
import type { Limits, TaskSpec } from '../../protocol/task.ts'
import { jsonSchemaOf, type Schema, type Tool } from '../../tools/tool.ts'

/** What a host asks for. */
export interface RunRequest<Data = unknown> {
  readonly message: string
  /** Absent: `lead`. */
  readonly agent?: string | undefined
  /**
   * Works while nobody waits: it takes a slot, or a place in the queue. It only reads, unless `boundary:
   * { readOnly: false }` or its agent says otherwise.
   */
  readonly background?: boolean | undefined
  readonly title?: string | undefined
  readonly boundary?: Layer | undefined
  readonly limits?: Partial<Limits> | undefined
  /** What `data` of the result must be. */
  readonly output?: Schema<Data> | undefined
  /** Cancels the task when it aborts. */
  readonly signal?: AbortSignal | undefined
}

export interface Admission {
  readonly spec: TaskSpec
  readonly model: Model
}

/** Where a task stands: for whom it works, and whether it takes a slot. */
export interface Position {
  readonly parent: TaskSpec | null
  readonly background: boolean
}

export interface AdmissionParts {
  /** Somebody is asked before a task in the background, or for another task, completes. */
  readonly asksToStop: boolean
  /** Running time of a task in the background, unless something smaller is said. */
  readonly backgroundTimeoutMs: number
  readonly agents: ReadonlyMap<string, Agent>
  readonly tools: readonly Pick<Tool, 'name'>[]
  readonly limits: Partial<Limits>
  readonly notes: string | null
  readonly modelFor: (agent: Agent) => Model
}

const TITLE_CHARACTERS = 80

const positive = z.number().int().min(1)
const limitsSchema = z
  .strictObject({
    maxTurns: positive,
    timeoutMs: positive.nullable(),
    toolTimeoutMs: positive,
    modelTimeoutMs: positive,
    idleMs: positive.nullable(),
    approvalTimeoutMs: positive.nullable(),
    retries: z.number().int().min(0),
  })
  .partial()
const requestSchema = z.strictObject({
  message: z.string().refine((text) => text.trim() !== '', 'is empty: a task needs to be told what to do'),
  agent: z.string().optional(),
  title: z.string().optional(),
  background: z.boolean().optional(),
  boundary: z.unknown().optional(),
  limits: limitsSchema.optional(),
  output: z.custom<Schema>((value) => isRecord(value) && '~standard' in value, 'must be a schema').optional(),
  signal: z
    .custom<AbortSignal>((value) => isRecord(value) && 'addEventListener' in value, 'must be an AbortSignal')
    .optional(),
})

/**
 * Fixes everything a task will be, from a request and what is known now. Throws a `UsageError` for what
 * cannot be.
 */
export function admit(id: string, request: RunRequest, parts: AdmissionParts, given?: Position): Admission {
  const read = requestSchema.safeParse(request)
  if (!read.success) throw new UsageError(`The request: ${issueInWords(read.error.issues[0], KEYS)}`)
  const { message, title, output, boundary, limits } = read.data
  const agent = agentNamed(read.data.agent ?? DEFAULTS.agent, parts.agents)
  const model = parts.modelFor(agent)
  const tools = parts.tools.map(({ name }) => name)
  const layer = boundary === undefined ? undefined : parseLayer(boundary, 'boundary', tools)
  const position = given ?? { parent: null, background: read.data.background ?? false }
  const { parent, background } = position
  const depth = parent ? parent.depth + 1 : 0
  const has = toolsOf(agent, tools)
  const spec: TaskSpec = {
    id,
    agent: agent.name,
    message,
    title: title ?? titleOf(message),
    parent: parent?.id ?? null,
    depth,
    background,
    asksToStop: parts.asksToStop && (background || parent !== null),
    instructions: agent.instructions,
    notes: parts.notes,
    tools: mayDelegate(agent, depth) ? has : has.filter((tool) => !DELEGATION_TOOLS.includes(tool)),
    model: { name: model.name, contextWindow: model.contextWindow },
    boundary: [...(parent?.boundary ?? []), ...layersOf(agent, layer, position)],
    limits: limitsOf(parts, agent, limits ?? {}, position),
    dataSchema: output ? (jsonSchemaOf(output) ?? {}) : null,
  }
  return { spec, model }
}

/** What a host says of the limits of all tasks. Throws a `UsageError` for what is no limit. */
export function readLimits(given: unknown): Partial<Limits> {
  const read = limitsSchema.safeParse(given)
  if (read.success) return defined(read.data)
  throw new UsageError(`limits: ${issueInWords(read.error.issues[0], Object.keys(limitsSchema.shape))}`)
}

const KEYS = [...Object.keys(requestSchema.shape), ...Object.keys(limitsSchema.shape)]

function isRecord(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function agentNamed(name: string, agents: ReadonlyMap<string, Agent>): Agent {
  const agent = agents.get(name)
  if (agent) return agent
  const names = [...agents.keys()]
  throw new UsageError(
    `There is no agent "${name}".${suggestion(name, names)} There are: ${names.join(', ')}.`,
  )
}

function toolsOf({ name, tools, disallowedTools = [] }: Agent, known: readonly string[]): readonly string[] {
  const unknown = [...(tools ?? []), ...disallowedTools].find((tool) => !known.includes(tool))
  if (unknown !== undefined) {
    throw new UsageError(
      `Agent "${name}" names a tool "${unknown}" that there is not.${suggestion(unknown, known)}`,
    )
  }
  const wanted = (tool: string) => (tools?.includes(tool) ?? true) && !disallowedTools.includes(tool)
  return known.filter((tool) => ESSENTIAL_TOOLS.includes(tool) || wanted(tool))
}

/** Whom an agent may spawn: those it names; without a word of it only `lead` may, and anyone. */
export function maySpawn({ name, spawns }: Agent, other: string): boolean {
  return spawns ? spawns.includes(other) : name === DEFAULTS.agent
}

/** Whether an agent can have others work for it at all, so deep down. */
function mayDelegate({ name, spawns }: Agent, depth: number): boolean {
  const isAllowed = spawns ? spawns.length > 0 : name === DEFAULTS.agent
  return isAllowed && depth < DEFAULTS.depth
}

/**
 * The layers that a task adds to those of its parent. In the background it only reads, unless its agent or
 * the host's own code says outright that it may write. What another task says of it lifts nothing.
 */
function layersOf(
  { boundary }: Agent,
  layer: Layer | undefined,
  { parent, background }: Position,
): readonly Layer[] {
  const own = [boundary, layer].filter((given) => given !== undefined)
  // Below a task in the background its layers hold anyway.
  const lifting = parent ? [boundary] : own
  const isLifted = lifting.some((given) => given?.readOnly === false) || parent?.background === true
  return background && !isLifted ? [...own, Object.freeze({ readOnly: true })] : own
}

/** The smallest of what the runtime, the agent and the request say: whoever asks can only take less. */
function limitsOf(
  { limits: runtime, backgroundTimeoutMs }: AdmissionParts,
  agent: Agent,
  request: LooseLimits,
  { parent, background }: Position,
): Limits {
  const { maxTurns, timeoutMs } = agent
  const given: readonly LooseLimits[] = [runtime, { maxTurns, timeoutMs }, request]
  const least = (key: keyof Limits): number | null => {
    const said = given.map((limits) => limits[key]).filter((value) => typeof value === 'number')
    return said.length > 0 ? Math.min(...said) : null
  }
  // `null` said outright is no limit, also where there is one by default.
  const unless = (key: 'timeoutMs' | 'idleMs', otherwise: number) =>
    background && !given.some((limits) => limits[key] === null) ? otherwise : null
  return {
    maxTurns: least('maxTurns') ?? (parent ? DEFAULTS.maxTurnsChild : DEFAULTS.maxTurns),
    timeoutMs: least('timeoutMs') ?? unless('timeoutMs', backgroundTimeoutMs),
    idleMs: least('idleMs') ?? unless('idleMs', DEFAULTS.idleMs),
    approvalTimeoutMs: least('approvalTimeoutMs'),
    toolTimeoutMs: least('toolTimeoutMs') ?? DEFAULTS.toolTimeoutMs,
    modelTimeoutMs: least('modelTimeoutMs') ?? DEFAULTS.modelTimeoutMs,
    retries: least('retries') ?? DEFAULTS.retries,
  }
}

type LooseLimits = { readonly [Key in keyof Limits]?: Limits[Key] | undefined }

function defined(limits: LooseLimits): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

function titleOf(message: string): string {
  const line = message.trim().split('\n', 1)[0] ?? ''
  return line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS - 1)}…` : line
}
