import { UsageError } from '../errors.ts'
import type { Model } from '../host.ts'
import type { Agent } from '../protocol/agent.ts'
import type { Layer } from '../protocol/boundary.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import { ESSENTIAL_TOOLS } from '../protocol/names.ts'
import { suggestion } from '../protocol/nearest.ts'
import type { Limits, TaskSpec } from '../protocol/task.ts'
import type { Schema, Tool } from '../tools/tool.ts'

/** What a host asks for. */
export interface RunRequest<Data = unknown> {
  readonly message: string
  /** Absent: `lead`. */
  readonly agent?: string
  readonly title?: string
  readonly boundary?: Layer
  readonly limits?: Partial<Limits>
  /** What `data` of the result must be. */
  readonly output?: Schema<Data>
  /** Cancels the task when it aborts. */
  readonly signal?: AbortSignal
}

export interface Admission {
  readonly spec: TaskSpec
  readonly model: Model
}

export interface AdmissionParts {
  readonly agents: ReadonlyMap<string, Agent>
  readonly tools: readonly Tool[]
  readonly limits: Partial<Limits>
  readonly notes: string | null
  readonly modelFor: (agent: Agent) => Model
}

const TITLE_CHARACTERS = 80

/**
 * Fixes everything a task will be, from a request and what is known now. Throws a `UsageError` for what
 * cannot be.
 */
export function admit(id: string, request: RunRequest, parts: AdmissionParts): Admission {
  const agent = agentNamed(request.agent ?? DEFAULTS.agent, parts.agents)
  if (typeof request.message !== 'string' || request.message.trim() === '') {
    throw new UsageError('A task needs a `message`: what is to be done, in words.')
  }
  const model = parts.modelFor(agent)
  const { name, contextWindow } = model
  const spec: TaskSpec = {
    id,
    agent: agent.name,
    message: request.message,
    title: request.title ?? titleOf(request.message),
    parent: null,
    depth: 0,
    instructions: agent.instructions,
    notes: parts.notes,
    tools: toolsOf(agent, parts.tools),
    model: { name, contextWindow },
    boundary: [agent.boundary, request.boundary].filter((layer) => layer !== undefined),
    limits: limitsOf(agent, request, parts.limits),
    wantsData: request.output !== undefined,
  }
  return { spec, model }
}

function agentNamed(name: string, agents: ReadonlyMap<string, Agent>): Agent {
  const agent = agents.get(name)
  if (agent) return agent
  const names = [...agents.keys()]
  throw new UsageError(
    `There is no agent "${name}".${suggestion(name, names)} There are: ${names.join(', ')}.`,
  )
}

function toolsOf({ name, tools, disallowedTools = [] }: Agent, all: readonly Tool[]): readonly string[] {
  const known = all.map((tool) => tool.name)
  const unknown = [...(tools ?? []), ...disallowedTools].find((tool) => !known.includes(tool))
  if (unknown !== undefined) {
    throw new UsageError(
      `Agent "${name}" names a tool "${unknown}" that there is not.${suggestion(unknown, known)}`,
    )
  }
  const wanted = (tool: string) => (tools?.includes(tool) ?? true) && !disallowedTools.includes(tool)
  return known.filter((tool) => ESSENTIAL_TOOLS.includes(tool) || wanted(tool))
}

/** The smallest of what the agent, the request and the runtime say. */
function limitsOf(agent: Agent, { limits = {} }: RunRequest, given: Partial<Limits>): Limits {
  const timeouts = [limits.timeoutMs, agent.timeoutMs, given.timeoutMs].filter((ms) => typeof ms === 'number')
  const turns = [limits.maxTurns, agent.maxTurns, given.maxTurns].filter((count) => count !== undefined)
  const found: Limits = {
    maxTurns: turns.length > 0 ? Math.min(...turns) : DEFAULTS.maxTurns,
    timeoutMs: timeouts.length > 0 ? Math.min(...timeouts) : null,
    toolTimeoutMs: limits.toolTimeoutMs ?? given.toolTimeoutMs ?? DEFAULTS.toolTimeoutMs,
    retries: limits.retries ?? given.retries ?? DEFAULTS.retries,
  }
  for (const [name, value] of Object.entries(found)) {
    if (value !== null && !(Number.isSafeInteger(value) && value >= 0)) {
      throw new UsageError(`The limit ${name} must be a whole number, not ${String(value)}.`)
    }
  }
  return found
}

function titleOf(message: string): string {
  const line = message.trim().split('\n', 1)[0] ?? ''
  return line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS - 1)}…` : line
}
