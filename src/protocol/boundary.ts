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

export const MODES = ['default', 'acceptEdits', 'bypassPermissions'] as const
export type Mode = (typeof MODES)[number]

/** What the user allows, asks and denies; beside the boundary, never instead of it. */
export interface Policy {
  readonly mode: Mode
  readonly allow: readonly string[]
  readonly ask: readonly string[]
  readonly deny: readonly string[]
}

/** What one call would touch. Paths are as the tool was given them, relative to the workspace. */
export interface Access {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly command: { readonly line: string; readonly cwd: string } | null
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
