import { type RuntimeError, toFailure, UsageError } from '../errors.ts'
import type { Access } from '../protocol/boundary.ts'
import type { EffectClass, Result, ToolSpec } from '../protocol/model.ts'
import type { ProcessMark } from '../protocol/journal.ts'
import type { Wait } from '../protocol/delegation.ts'
import type { Todo } from '../protocol/task.ts'

/** Any validator that keeps the Standard Schema contract: zod, valibot, arktype… */
export interface Schema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
    readonly jsonSchema?: {
      readonly input: (options: { target: 'draft-2020-12' }) => Record<string, unknown>
    }
  }
}

export type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export interface ToolContext {
  /** Aborts when the task is stopped or the tool's time is up. */
  readonly signal: AbortSignal
  readonly taskId: string
  /** The same for every attempt at the same call. Hand it to whatever can tell a repetition. */
  readonly idempotencyKey: string
  /** Shows a sign of life to whoever watches. Not kept. */
  readonly progress: (text: string) => void
  /**
   * Says that a process is about to run for this call. Resolves when that is durable; nothing of it may run
   * before.
   */
  readonly began: (process: ProcessMark) => Promise<void>
  /** What a call of this task has kept under that key. */
  readonly kept: (key: string) => string | null
  /** Keeps a short text for later calls of this task, also after a crash. Durable with the result. */
  readonly keep: (key: string, text: string) => void
  /**
   * Whether this task may be shown a file, by its real path in the workspace. For tools whose `access` says
   * `isFiltered`: they leave out what may not be read, and say how much that was. Who shows text of it says
   * whether it has more names than one.
   */
  readonly mayRead: (path: string, isHardLinked?: () => boolean) => boolean
  /**
   * The real path in the workspace at which a path of the call's `access` was judged; `null`: none was. What
   * is opened must be what was judged: hand it to the host's files as `at`.
   */
  readonly judgedAt: (given: string) => string | null
}

/** What a tool knows when it is asked what became of a call that was cut off. */
export type ReconcileContext = Pick<ToolContext, 'taskId' | 'idempotencyKey' | 'kept'>

export interface ToolDefinition<Input> {
  readonly name: string
  /** Its first sentence is what the model reads first. */
  readonly description: string
  readonly input: Schema<Input>
  /** Needed only where `input` cannot give a JSON schema of itself. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>
  /** What may be done when a crash swallowed the outcome. Unsaid, it is never done again. */
  readonly effect?: EffectClass
  /** What a call would touch. Unsaid: only `pure` tools run without being asked for. */
  readonly access?: (input: Input) => Access
  readonly timeoutMs?: number
  /** Contract: stops promptly when `signal` aborts; settles only when nothing it started is under way. */
  readonly execute: (input: Input, context: ToolContext) => unknown
  /** Contract: changes nothing; says what became of an attempt that was cut off, or `unknown`. */
  readonly reconcile?: (input: Input, context: ReconcileContext) => Promise<Result>
  /** The list of steps that a call of this tool sets. */
  readonly todos?: (input: Input) => readonly Todo[]
  /** The call is a question to the human, whose words are its result. */
  readonly question?: (input: Input) => { readonly text: string; readonly options: readonly string[] }
}

/** What a model may call. Types are strong inside a tool and erased at its door. */
export interface Tool {
  readonly name: string
  readonly spec: ToolSpec
  readonly effect: EffectClass
  readonly timeoutMs: number | null
  /** Contract: never rejects. Reads the input, or says in words what is wrong with it. */
  prepare(input: unknown): Promise<PreparedCall | Result>
}

/** A call whose input has been read, ready to be judged and run. */
export interface PreparedCall {
  readonly kind: 'prepared'
  readonly access: Access | null
  readonly todos: readonly Todo[] | null
  readonly question: { readonly text: string; readonly options: readonly string[] } | null
  /**
   * Contract: never rejects. A throw comes back as a failed result the model can read. A call that has to
   * wait for tasks says for which, and is answered when they have ended.
   */
  run(context: ToolContext): Promise<Result | Waiting>
  reconcile: ((context: ReconcileContext) => Promise<Result>) | null
}

/** Nothing is left to do but to wait. */
export interface Waiting {
  readonly kind: 'waits'
  readonly wait: Wait
}

const NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/

/** Declares a tool. Throws a `UsageError` when the declaration cannot work. */
export function defineTool<Input>(definition: ToolDefinition<Input>): Tool {
  // Whatever it returns is output, also when it looks like something else.
  return toolOf(definition, async (input, context) => ({
    kind: 'ok',
    output: (await definition.execute(input, context)) ?? null,
  }))
}

/** A tool of the runtime's own, which says itself what its result is, or what it waits for. */
export interface DelegationDefinition<Input> extends Omit<ToolDefinition<Input>, 'execute'> {
  readonly answer: Answer<Input>
}

type Answer<Input> = (input: Input, context: ToolContext) => Promise<Result | Waiting>

/** Declares a tool whose calls may have to wait for tasks. Not for hosts: theirs return output. */
export function defineDelegation<Input>(definition: DelegationDefinition<Input>): Tool {
  return toolOf(definition, definition.answer)
}

type Declaration<Input> = Omit<ToolDefinition<Input>, 'execute'>

function toolOf<Input>(definition: Declaration<Input>, answer: Answer<Input>): Tool {
  const { name, description, input, effect = 'non_idempotent' } = definition
  if (!NAME.test(name))
    throw new UsageError(`"${name}" is no name for a tool: letters, digits, _ and -, at most 64.`)
  const { timeoutMs = null } = definition
  if (timeoutMs !== null && !(Number.isSafeInteger(timeoutMs) && timeoutMs > 0))
    throw new UsageError(`Tool "${name}": timeoutMs is ${timeoutMs}; it must be a whole number above 0.`)

  return {
    name,
    effect,
    spec: { name, description, input: inputSchema(definition) },
    timeoutMs,
    async prepare(given) {
      try {
        const read = await input['~standard'].validate(given)
        if (read.issues) return failed('tool/bad-input', `${name}: ${issuesInWords(read.issues)}`)
        return prepared(definition, answer, read.value)
      } catch (error) {
        return { kind: 'failed', ...toolFailure(error) }
      }
    },
  }
}

function prepared<Input>(definition: Declaration<Input>, answer: Answer<Input>, input: Input): PreparedCall {
  const { reconcile } = definition
  return {
    kind: 'prepared',
    access: definition.access?.(input) ?? null,
    todos: definition.todos?.(input) ?? null,
    question: definition.question?.(input) ?? null,
    async run(context) {
      try {
        return await answer(input, context)
      } catch (error) {
        return { kind: 'failed', ...toolFailure(error) }
      }
    },
    reconcile: reconcile ? (context) => reconcile(input, context) : null,
  }
}

function toolFailure(error: unknown): { code: string; message: string } {
  const { code, message } = toFailure(error)
  return { code: code === 'unexpected' ? 'tool/threw' : code, message }
}

function inputSchema<Input>({ name, input, jsonSchema }: Declaration<Input>) {
  const schema = jsonSchema ?? jsonSchemaOf(input)
  if (!schema)
    throw new UsageError(`Tool "${name}": its schema gives no JSON schema of itself; pass \`jsonSchema\`.`)
  if (schema['type'] !== 'object')
    throw new UsageError(
      `Tool "${name}": its input must be an object; models call tools with named arguments.`,
    )
  return schema
}

/** The JSON schema that a validator gives of what it takes, or `null` when it gives none. */
export function jsonSchemaOf(schema: Schema): Readonly<Record<string, unknown>> | null {
  try {
    const given = schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' })
    if (!given) return null
    const { $schema: _, ...rest } = given
    return rest
  } catch {
    // Some things that can be checked cannot be described: a date, a function.
    return null
  }
}

/** What a validator found wrong, as one line that a model can act on. */
export function issuesInWords(issues: readonly Issue[]): string {
  return issues
    .map(({ message, path }) => `${path?.length ? `${path.map(keyOf).join('.')}: ` : ''}${message}`)
    .join('; ')
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part)
}

export function failed(code: RuntimeError['code'], message: string): Result {
  return { kind: 'failed', code, message }
}
