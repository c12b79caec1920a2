import { parseLayer } from '../../boundary/layer.ts'
import type { Files, Model } from '../../host.ts'
import { BUILTIN_AGENTS } from '../../hosts/builtin-agents.ts'
import { nodeFiles } from '../../hosts/node-files.ts'
import { nodeProcesses } from '../../hosts/node-processes.ts'
import { keptForUser, policyOf } from '../../hosts/node.ts'
import { userDirectory } from '../../hosts/trust.ts'
import { readWorkspace, type Workspace } from '../../hosts/workspace.ts'
import type { Agent } from '../../protocol/agent.ts'
import type { Layer, Policy } from '../../protocol/boundary.ts'
import { DEFAULTS } from '../../protocol/defaults.ts'
import { DELEGATION_TOOLS } from '../../protocol/names.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import { admit, type AdmissionParts, type RunRequest } from '../../runtime/starting/admission.ts'
import { BUILTIN_TOOLS, builtinTools } from '../../tools/builtin.ts'
import type { Tool } from '../../tools/tool.ts'
import type { GivenLayer, PolicyQuestion } from './question.ts'

/** Everything that would have a say in a call of a task that is started now. */
export interface Ground {
  readonly files: Files
  readonly tools: readonly Tool[]
  readonly found: Workspace
  /** The user's own directory. */
  readonly home: string
  readonly policy: Policy
  /** The task as it would be admitted. */
  readonly task: TaskSpec
  /** Whose each layer of its boundary is, the outermost first. */
  readonly origins: readonly string[]
}

const TOOL_NAMES: readonly string[] = [...BUILTIN_TOOLS, ...DELEGATION_TOOLS]

/** It is never asked anything: nothing runs here. */
const MODEL: Model = {
  name: 'none',
  contextWindow: 0,
  reply: () => Promise.reject(new Error('Nothing runs here.')),
}

/** Reads the rules of user and workspace, and what boundary a task would get. Changes and starts nothing. */
export async function readGround(workspace: string, question: PolicyQuestion): Promise<Ground> {
  const home = userDirectory(process.env)
  const within = await nodeFiles({ workspace })
  const files = { ...within, kept: await keptForUser(within.root, undefined) }
  const found = await readWorkspace({ workspace: files.root, home, tools: TOOL_NAMES })
  const { mode } = question
  return {
    files,
    tools: builtinTools({ files, processes: nodeProcesses() }),
    found,
    home,
    policy: policyOf(mode === undefined ? {} : { policy: { mode } }, found.policy),
    ...admitted(question, found),
  }
}

/**
 * Has a task admitted, the way the runtime does. Each layer that was given is that of one task more above it,
 * the last one its own.
 */
function admitted({ agent, layers, isBackground }: PolicyQuestion, { agents }: Workspace) {
  const given = layers.map(({ value, where }) => ({ where, layer: parseLayer(value, where, TOOL_NAMES) }))
  const [above, own] = [given.slice(0, -1), given.at(-1)]
  let parent: TaskSpec | null = null
  for (const { layer } of above)
    parent = specOf({ boundary: layer }, BUILTIN_AGENTS, { parent, background: false })
  const request = { ...(agent === undefined ? {} : { agent }), ...(own ? { boundary: own.layer } : {}) }
  const task = specOf(request, agents, { parent, background: isBackground })
  return { task, origins: originsOf(task, given, agents) }
}

interface Above {
  readonly parent: TaskSpec | null
  readonly background: boolean
}

function specOf(request: Partial<RunRequest>, agents: readonly Agent[], above: Above): TaskSpec {
  const parts: AdmissionParts = {
    asksToStop: false,
    backgroundTimeoutMs: DEFAULTS.backgroundTimeoutMs,
    agents: new Map(agents.map((agent) => [agent.name, agent])),
    tools: TOOL_NAMES.map((name) => ({ name })),
    limits: {},
    notes: null,
    modelFor: () => MODEL,
  }
  return admit('policy', { message: 'policy', ...request }, parts, above).spec
}

interface NamedLayer extends Pick<GivenLayer, 'where'> {
  readonly layer: Layer
}

function originsOf(
  { boundary, agent: name }: TaskSpec,
  given: readonly NamedLayer[],
  agents: readonly Agent[],
): readonly string[] {
  const hasOwn = agents.find((agent) => agent.name === name)?.boundary !== undefined
  const named = given.map(({ where }) => where)
  const known = [...named.slice(0, -1), ...(hasOwn ? [`agent ${name}`] : []), ...named.slice(-1)]
  return boundary.map((_, at) => known[at] ?? 'every task in the background')
}
