import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { parseLayer } from '../boundary/layer.ts'
import { parsePolicy } from '../boundary/policy/policy.ts'
import { rulesOfNoTool } from '../boundary/policy/rule.ts'
import { inWords, UsageError } from '../errors.ts'
import type { Clock, Hooks, Host, Human, Model, Processes, Store } from '../host.ts'
import type { Agent } from '../protocol/agent.ts'
import type { GivenPolicy, Policy } from '../protocol/boundary.ts'
import type { Concurrency } from '../protocol/concurrency.ts'
import { suggestion } from '../protocol/nearest.ts'
import { DELEGATION_TOOLS } from '../protocol/names.ts'
import type { Limits } from '../protocol/task.ts'
import { assemble, type Inspect, type Runtime } from '../runtime.ts'
import { readLimits } from '../runtime/starting/admission.ts'
import type { RuntimeParts } from '../runtime/assembly.ts'
import { BUILTIN_TOOLS, builtinTools } from '../tools/builtin.ts'
import type { Tool } from '../tools/tool.ts'
import { BUILTIN_AGENTS } from './builtin-agents.ts'
import { readBackgroundTimeout, readConcurrency } from './concurrency.ts'
import { sqlite, stateDirectories, type StoreMaker } from './keeping/default-store.ts'
import { defineAgent } from './define-agent.ts'
import { modelFromEnvironment } from './node-model.ts'
import { nodeFiles } from './node-files.ts'
import { nodeProcesses } from './node-processes.ts'
import { toForget } from './keeping/retention.ts'
import { joinPolicies, OWN_SETTINGS } from './settings.ts'
import { createSystemClock, systemChance } from './system-clock.ts'
import { ignoredInWords, userDirectory } from './trust.ts'
import { visible } from './node/visible.ts'
import { readWorkspace } from './workspace.ts'

export interface RuntimeOptions {
  /** The directory that the work is about. Absent: where the process stands. */
  readonly workspace?: string
  /** Absent: what the environment gives, which is the embedded model without a key. */
  readonly model?: Model
  /** Models by the names that agents give. Absent or undefined: the environment's, else `model`. */
  readonly models?: (name: string) => Model | undefined
  /** Besides the built-in ones and those of the workspace. The host's win. */
  readonly agents?: readonly Agent[]
  /** Besides the built-in ones. */
  readonly tools?: readonly Tool[]
  /**
   * What runs unasked, what is asked for, what is never done, besides what the settings say. A mode said here
   * is the mode.
   */
  readonly policy?: GivenPolicy
  readonly limits?: Partial<Limits>
  /** How much may go on at once in the background. */
  readonly concurrency?: Partial<Concurrency>
  /** Told, and asked, when tasks start, stop, wait and go on. */
  readonly hooks?: Partial<Hooks>
  /** Where everything is kept. Absent: `sqlite()`; `memoryStore()` forgets when the process ends. */
  readonly store?: Store | StoreMaker
  /** How commands are run. Absent: by the bash of this machine. */
  readonly processes?: Processes
  /**
   * Who is asked. Without `approve`, what must be asked for is refused, or waits for `approvals` if `onAsk`
   * is `park`.
   */
  readonly human?: Partial<Human>
  readonly onAsk?: 'refuse' | 'park'
  /** Whether `.troupe/` of the workspace, its AGENTS.md and the user's settings are read. Absent: yes. */
  readonly settings?: boolean
  /** Absent: this machine's. */
  readonly clock?: Clock
  /** Whether what was cut off goes on by itself. Absent: what the user's own settings say, else no. */
  readonly autoResume?: boolean
  /** Any XState inspection callback. */
  readonly inspect?: Inspect
  /** Told what the runtime's own host should know. Absent: a warning of the process. */
  readonly warn?: (text: string) => void
}

const HUMAN: readonly (keyof Human)[] = ['approve', 'ask', 'notify']
const OPTIONS: readonly (keyof RuntimeOptions)[] = [
  'workspace',
  'model',
  'models',
  'agents',
  'tools',
  'policy',
  'limits',
  'concurrency',
  'hooks',
  'store',
  'processes',
  'human',
  'onAsk',
  'settings',
  'clock',
  'autoResume',
  'inspect',
  'warn',
]
const HOOKS: readonly (keyof Hooks)[] = [
  'SubagentStart',
  'SubagentStop',
  'TaskQueued',
  'TaskPaused',
  'TaskResumed',
]

/** Creates a runtime on this machine. */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  checkOptions(options)
  const { workspace = process.cwd() } = options
  const warn = options.warn ?? ((text: string) => process.emitWarning(visible(text), 'Troupe'))
  const within = await nodeFiles({ workspace })
  const files = { ...within, kept: await keptForUser(within.root, options.store) }
  const found = await surroundings(options, files.root)
  for (const warning of found.warnings) warn(warning)
  const processes = options.processes ?? nodeProcesses({ keeps: found.own.environment })
  const tools = distinct([...builtinTools({ files, processes }), ...(options.tools ?? [])])

  const model = options.model ?? modelFromEnvironment({ environment: process.env })
  const agents = new Map([...found.agents, ...hostAgents(options, tools)].map((agent) => [agent.name, agent]))
  const policy = policyOf(options, found.policy)
  rulesOfNoTool(policy, namesOf(tools)).forEach(warn)
  const concurrency = readConcurrency(options.concurrency ?? {}, process.env, warn)
  for (const name of Object.keys(concurrency.perAgent))
    refuseUnknown('concurrency.perAgent', name, [...agents.keys()])
  const plan: RuntimeParts = {
    agents,
    tools,
    asksToStop: false,
    backgroundTimeoutMs: readBackgroundTimeout(process.env, warn),
    concurrency,
    limits: readLimits(options.limits ?? {}),
    notes: found.notes,
    modelFor: modelsByAgent(options, model),
    policy,
    hasBash: process.platform !== 'win32',
    onAsk: options.onAsk ?? null,
    inspect: options.inspect ?? null,
    toForget: (records, now) => toForget(records, now, found.own.retention),
  }
  // Last, so that nothing is left open when something above can't be.
  const host: Host = {
    clock: options.clock ?? createSystemClock(),
    chance: systemChance,
    store: await openStore(options, files.root),
    files,
    processes,
    human: options.human ?? {},
    hooks: options.hooks ?? {},
    warn,
  }
  const runtime = assemble(host, plan)
  // Whoever asked for it waits for what goes on, not for whether it does.
  if (options.autoResume ?? found.own.autoResume)
    runtime.recover().catch((error: unknown) => warn(inWords(error)))
  return runtime
}

async function openStore({ store = sqlite() }: RuntimeOptions, workspace: string): Promise<Store> {
  return 'openFor' in store ? store.openFor(workspace) : store
}

/** Where the user's own settings and the state of tasks lie, by name and really: no task may reach them. */
export async function keptForUser(workspace: string, store: RuntimeOptions['store']) {
  const directory = userDirectory(process.env)
  const real = await realpath(directory).catch(() => directory)
  const own = [directory, real, ...(await stateDirectories(workspace, store))]
  return { home: homedir(), directories: [...new Set(own)] }
}

async function surroundings(options: RuntimeOptions, workspace: string) {
  const { settings = true, agents = [], tools = [] } = options
  if (settings) {
    const found = await readWorkspace({
      workspace,
      home: userDirectory(process.env),
      tools: [...BUILTIN_TOOLS, ...namesOf(tools)],
      hostAgents: agents.map(({ name }) => name),
    })
    const { isTrusted, ignored } = found.trust
    const told = isTrusted || ignored.length === 0 ? [] : [ignoredInWords(found.trust)]
    return { ...found, warnings: [...found.warnings, ...told] }
  }
  return {
    agents: BUILTIN_AGENTS,
    policy: parsePolicy({}, 'policy'),
    notes: null,
    own: OWN_SETTINGS,
    warnings: [],
  }
}

/** The rules add up; a mode that the host says outright is the mode. */
export function policyOf({ policy = {} }: Pick<RuntimeOptions, 'policy'>, found: Policy): Policy {
  const { mode, ...rules } = parsePolicy(policy, 'policy')
  const joined = joinPolicies(found, { ...rules, mode: undefined })
  if (policy.mode === undefined) return joined
  const { neverAsks: _, ...others } = joined
  return { ...others, mode, ...(mode === 'dontAsk' && { neverAsks: true }) }
}

/** What is misspelled would be no limit, no hook and nobody to ask, without a word. */
function checkOptions(options: RuntimeOptions): void {
  for (const name of Object.keys(options)) refuseUnknown('createRuntime', name, OPTIONS)
  const { human = {}, hooks = {}, model } = options
  for (const [where, parts, names] of [
    ['human', human, HUMAN],
    ['hooks', hooks, HOOKS],
  ] as const) {
    if (typeof parts !== 'object') throw new UsageError(`${where} must be an object of functions.`)
    for (const [name, part] of Object.entries(parts)) {
      refuseUnknown(where, name, names)
      if (part !== undefined && typeof part !== 'function')
        throw new UsageError(`${where}.${name} must be a function.`)
    }
  }
  if (model !== undefined && typeof model.reply !== 'function')
    throw new UsageError('model must be a model, such as openai("gpt-5-mini"), with a function `reply`.')
}

function refuseUnknown(where: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  const all = suggestion(name, known) || ` Known: ${known.join(', ')}.`
  throw new UsageError(`${where}: there is no "${name}".${all}`)
}

/** Of all the tools there will be. */
function namesOf(tools: readonly Tool[]): readonly string[] {
  return [...tools.map(({ name }) => name), ...DELEGATION_TOOLS]
}

/** Plain objects are checked as if they had been declared: a misspelled limit would be none. */
function hostAgents({ agents = [] }: RuntimeOptions, tools: readonly Tool[]): readonly Agent[] {
  const names = namesOf(tools)
  const declared = agents.map(defineAgent)
  for (const { name, boundary } of declared) if (boundary) parseLayer(boundary, `Agent "${name}"`, names)
  const twice = declared.find(
    ({ name }, index) => declared.findIndex((other) => other.name === name) !== index,
  )
  if (twice) throw new UsageError(`There are two agents called "${twice.name}".`)
  return declared
}

function distinct(tools: readonly Tool[]): readonly Tool[] {
  const names = new Set<string>(DELEGATION_TOOLS)
  for (const { name } of tools) {
    if (names.has(name)) throw new UsageError(`There are two tools called "${name}".`)
    names.add(name)
  }
  return tools
}

/** One model a name, so that agents of one model share what it keeps. */
function modelsByAgent(options: RuntimeOptions, model: Model): (agent: Agent) => Model {
  const known = new Map<string, Model>()
  const named = (name: string): Model => {
    const given = options.models?.(name)
    if (given) return given
    const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL } = process.env
    // A host that brought its own model did not mean the environment's.
    return options.model || (!apiKey && !baseURL)
      ? model
      : modelFromEnvironment({ environment: process.env, name })
  }
  return ({ model: name }) => {
    if (name === undefined || name === model.name) return model
    const found = known.get(name) ?? named(name)
    known.set(name, found)
    return found
  }
}
