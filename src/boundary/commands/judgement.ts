import type { KnownPlace } from '../files/places.ts'
import type { Leaf } from './leaves/leaf.ts'

/** A path a tool or a command was given, and where it leads. */
export interface Touched {
  readonly given: string
  readonly place: KnownPlace | 'outside'
}

/** One simple command of a line, wherever in it it stands. */
export interface CommandPart {
  /** What it runs, wrappers seen through. */
  readonly leaves: readonly Leaf[]
  /** `read`: it is known to do nothing but read; `files`: nothing but read and write files that are known. */
  readonly kind: 'read' | 'files' | 'other'
  /** Why it is not known to only read. */
  readonly why: string
  /** The files that its words name and it writes, and those that its redirections write. */
  readonly writes: readonly Touched[]
  readonly redirected: readonly Touched[]
  /** The files that it is known to read. */
  readonly reads: readonly Touched[]
  /** Every directory that it may run in. */
  readonly standings: readonly string[]
}

/** What is known of a line before anyone's rules are asked. */
export interface CommandJudgement {
  /** The widest of its parts; `unreadable`: the line could not be parsed, or not looked at whole. */
  readonly kind: 'read' | 'files' | 'other' | 'unreadable'
  /** Why it is not known to only read. */
  readonly why: string
  readonly parts: readonly CommandPart[]
  /** Nothing but simple commands, joined plainly: only then can a rule allow it. */
  readonly isPlain: boolean
  /** The files that redirections and known commands touch. Of a part that is `other` they are not all. */
  readonly reads: readonly Touched[]
  readonly writes: readonly Touched[]
  /** What must not be, and what must be asked for, whatever the mode. */
  readonly denied: string | null
  readonly asked: string | null
}
