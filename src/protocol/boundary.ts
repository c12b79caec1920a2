/**
 * One layer of what a task may touch. Layers are AND-ed, the patterns inside one list OR-ed.
 * An empty list means nothing; an absent key means no limit of its own.
 */
export interface Layer {
  /** Globs of files that may be read or written. */
  readonly filePatterns?: readonly string[]
  /** Globs of files that may be written. */
  readonly writePatterns?: readonly string[]
  readonly commandPatterns?: readonly string[]
  readonly allowedTools?: readonly string[]
  readonly deniedTools?: readonly string[]
  readonly readOnly?: boolean
}

/** Every layer a task stands in, the outermost ancestor first. */
export type Boundary = readonly Layer[]

/**
 * The strictest first. `plan` only reads; in `dontAsk` nobody is asked, and what would be asked for is
 * refused.
 */
export const MODES = ['plan', 'dontAsk', 'default', 'acceptEdits', 'bypassPermissions'] as const
export type Mode = (typeof MODES)[number]

/** What a rule of the user's speaks of: every call of a tool, or those that its `spec` names. */
export interface PolicyRule {
  /** As it was written: `execute_command(git status:*)`. */
  readonly text: string
  readonly tool: string
  /** What stands in the parentheses: a pattern of commands, or a glob of paths. `null`: every call. */
  readonly spec: string | null
}

/** What the user allows, asks and denies; beside the boundary, never instead of it. */
export interface Policy {
  readonly mode: Mode
  /** What would be asked for is refused, whatever the mode: one of several settings said `dontAsk`. */
  readonly neverAsks?: boolean
  readonly allow: readonly PolicyRule[]
  readonly ask: readonly PolicyRule[]
  readonly deny: readonly PolicyRule[]
}

/**
 * A rule as a person writes it: `Tool` or `Tool(spec)`. With `match` and `not_match` it says what it is meant
 * to reach and what not, which is checked when it is read.
 */
export type GivenRule =
  | string
  | {
      readonly rule: string
      readonly match?: readonly string[]
      readonly not_match?: readonly string[]
    }

/** A policy as a person writes it. */
export interface GivenPolicy {
  readonly mode?: Mode
  readonly allow?: readonly GivenRule[]
  readonly ask?: readonly GivenRule[]
  readonly deny?: readonly GivenRule[]
}

/** What one call would touch. Paths are as the tool was given them, relative to the workspace. */
export interface Access {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly command: { readonly line: string; readonly cwd: string } | null
  /** Of the directories among `reads` it shows only what `mayRead` of its context lets it. */
  readonly isFiltered?: boolean
  /** Changes nothing outside the task itself: todo lists, questions, the end. */
  readonly isInner?: boolean
}

/** One thing a task is about to do. */
export interface Action {
  readonly tool: string
  readonly effect: 'pure' | 'idempotent' | 'non_idempotent'
  /** `null`: the tool does not say what it touches. */
  readonly access: Access | null
}

/** Why a call may not be made, and what says so: whoever reads it knows that rewording won't help. */
export function denialInWords({ why, rule, layer }: Pick<Verdict, 'why' | 'rule' | 'layer'>): string {
  return `${why} Denied by ${rule} (${layer}).`
}

/** What was decided, by which rule of which layer, in words. */
export interface Verdict {
  readonly verdict: 'allow' | 'ask' | 'deny'
  readonly layer: string
  readonly rule: string
  readonly why: string
}
