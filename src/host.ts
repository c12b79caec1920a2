export type { Kept, Lease, Part, Store, TaskRecord, Workplace } from './host/store.ts'
export type { Approval, ApprovalRequest, Asker, Human, Notice, Question } from './host/people.ts'
import type { Human } from './host/people.ts'
import type { Store } from './host/store.ts'
import type { ProcessMark } from './protocol/journal.ts'
import type { ModelReply, ModelRequest } from './protocol/model.ts'

/**
 * Everything the runtime needs from the world, on one page. A host brings it; nothing else may reach outside.
 */
export interface Host {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: Store
  readonly files: Files
  readonly processes: Processes
  /** Who may be asked, and for what. */
  readonly human: Partial<Human>
  readonly hooks: Partial<Hooks>
  /** Says something to whoever runs the process. Contract: never throws. */
  readonly warn: (text: string) => void
}

export interface Clock {
  /** Contract: never goes back. */
  now(): number
  /** Contract: calls `ring` once, at or after `at`, unless stopped. The process stays alive until then. */
  alarm(at: number, ring: () => void): () => void
}

export interface Chance {
  /** Contract: never the same twice, also not in another process. */
  id(): string
  /** From 0 to below 1. */
  fraction(): number
  /** A short mark of a text, which no other text has. */
  digest(text: string): string
}

export interface Model {
  readonly name: string
  /** How many tokens of conversation it can read. At four fifths of it, old turns are summarised. */
  readonly contextWindow: number
  /**
   * Contract: rejects only with a `RuntimeError` whose code begins with `model/`; stops promptly when
   * `signal` aborts, but settles only when nothing of the call is under way any more. Keeps no state about
   * the task: everything it may know is in the request.
   */
  reply(request: ModelRequest, context: ModelContext): Promise<ModelReply>
}

export interface ModelContext {
  readonly signal: AbortSignal
  /** Pieces of text as they arrive. Shown, never kept. An empty one is a sign of life and no more. */
  readonly progress: (text: string) => void
}

/**
 * The files of one workspace. No path leads out of it: not by `..`, not by a link, not by a link swapped in
 * between.
 */
export interface Files {
  /** The real path of the workspace. */
  readonly root: string
  /** What Troupe keeps for the user, wherever that is: no task may reach it (L13). All paths are absolute. */
  readonly kept?: { readonly home: string; readonly directories: readonly string[] }
  /**
   * Where a path really leads, links resolved, as a path relative to the root with `/` between its parts.
   * Contract: rejects with `file/outside` when it leads out of the workspace. A path that does not exist yet
   * is fine.
   */
  locate(path: string): Promise<Place>
  /**
   * The names in a directory that are links. `null`: there is no such directory in the workspace, or it holds
   * too many names. Contract: never rejects. Absent: no rule covers a wildcard of a command.
   */
  links?(directory: string): Promise<readonly string[] | null>
  /** The hash that a file with this content has. */
  hashOf(bytes: Uint8Array): string
  /**
   * Contract: rejects with `file/not-found`, `outside`, `is-directory`, `too-large`, `unavailable` (no
   * regular file), and with `file/changed` when it leads elsewhere than to `at`, where it was judged.
   */
  read(
    path: string,
    options: { readonly maxBytes: number; readonly signal: AbortSignal; readonly at?: string | null },
  ): Promise<FileContent>
  /**
   * Contract: atomic; an onlooker sees the old file or the new one. `expect` is the hash the file must still
   * have (`absent`: it must not exist; `any`: whatever it is); else rejects with `file/changed`, as where it
   * leads elsewhere than to `at`. Makes missing directories.
   */
  write(path: string, bytes: Uint8Array, options: ChangeOptions): Promise<FileStamp>
  /** Contract: rejects with `file/changed` unless the file still has the hash, and is where `at` says. */
  remove(path: string, options: ChangeOptions): Promise<void>
  /**
   * Files below `path`, sorted; what .gitignore names is left out. Contract: rejects with
   * `search/unavailable`.
   */
  list(query: ListQuery, signal: AbortSignal): Promise<Listing>
  /**
   * Contract: rejects with `search/bad-pattern`, `search/unavailable`. Time grows with the text, never with
   * the pattern.
   */
  search(query: SearchQuery, signal: AbortSignal): Promise<SearchHits>
}

export interface ChangeOptions {
  readonly expect: string
  readonly signal: AbortSignal
  /** The real path at which it was judged: it must still lead there. `null` or absent: anywhere. */
  readonly at?: string | null
}

export interface Place {
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other' | 'absent'
  /** More than one name leads to the file, perhaps one outside. */
  readonly isHardLinked: boolean
}

export interface FileStamp {
  readonly path: string
  /** Of the whole content. */
  readonly hash: string
  readonly size: number
}

export interface FileContent extends FileStamp {
  readonly bytes: Uint8Array
}

export interface ListQuery {
  readonly path: string
  readonly glob: string | null
  readonly filesMax: number
  /** Which files may be shown, by their path in the workspace. Absent: all of them. */
  readonly mayRead?: (path: string) => boolean
  /** Whether files that hold secrets are not even named. */
  readonly withoutSecrets?: boolean
  /** The real path at which `path` was judged: else `file/changed`. */
  readonly at?: string | null
}

export interface Listing {
  readonly files: readonly { readonly path: string; readonly size: number }[]
  readonly isCut: boolean
  /** Files that were left out because they may not be shown, as far as was looked. */
  readonly filesHidden: number
}

export interface SearchQuery {
  readonly pattern: string
  readonly path: string
  readonly glob: string | null
  readonly ignoreCase: boolean
  readonly hitsMax: number
  /**
   * Of which files text may be shown, by their path in the workspace and by whether they have more names than
   * one. Absent: all of them.
   */
  readonly mayRead?: (path: string, isHardLinked?: () => boolean) => boolean
  /** The real path at which `path` was judged: else `file/changed`. */
  readonly at?: string | null
}

export interface SearchHits {
  readonly hits: readonly { readonly path: string; readonly line: number; readonly text: string }[]
  readonly isCut: boolean
  /**
   * Files below the place of which nothing is shown: they hold secrets, or may not be read here.
   * Whether the pattern is in one of them does not change the number.
   */
  readonly filesHidden: number
}

export interface Processes {
  /**
   * Runs one line of bash in a process group of its own.
   * Contract: never rejects but with `command/unavailable`; on abort or time-out the whole group is killed;
   * settles only when the group is dead, whatever still holds its pipes.
   */
  run(
    command: Command,
    context: {
      signal: AbortSignal
      progress: (text: string) => void
      /**
       * Told before the line runs, which waits until that is kept. Contract: nothing of the line ever runs
       * when this rejects, or when this process dies before it resolves.
       */
      began?: (process: ProcessMark) => Promise<void>
    },
  ): Promise<CommandEnd>
  /** Kills every group at once, without waiting. For a process that must leave now. */
  killAll(): void
  /**
   * Ends what still lives of a group that another process has started and left behind, also what left the
   * group, as far as its mark tells. Resolves when it is dead.
   * Contract: never touches a group that only has the same number; false when some of it could not be ended,
   * or when nobody can say whose it is.
   */
  endStray(stray: ProcessMark): Promise<boolean>
}

export interface Command {
  readonly line: string
  /** Absolute, inside the workspace. */
  readonly cwd: string
  /** The real path of the workspace: no program is looked up there. Absent: `cwd`. */
  readonly root?: string
  readonly timeoutMs: number
  /** What is kept of the output: this much of its beginning and as much of its end. */
  readonly keepBytes: number
}

export interface CommandEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly why: 'exited' | 'timedOut' | 'stopped'
  readonly output: string
  readonly bytesDropped: number
  readonly durationMs: number
}

/** What a host may hook into: what becomes of tasks in the background, and of those that work for others. */
export interface Hooks {
  /** A run is about to begin; waited for. */
  SubagentStart(about: RunAbout): unknown
  /**
   * A run is over, and how. Before it completes it may be sent back to work: return `{ sendBack: 'why' }`.
   * Then it is called again the next time it means to stop, or when something else ends it.
   */
  SubagentStop(about: RunStop): unknown
  /** It waits for a slot. */
  TaskQueued(about: TaskAbout & { readonly ahead: number }): unknown
  /** It stands still, held by these. */
  TaskPaused(about: TaskAbout & { readonly by: readonly string[] }): unknown
  /** It goes on after a pause. */
  TaskResumed(about: TaskAbout): unknown
}

export interface TaskAbout {
  readonly taskId: string
  readonly parent: string | null
  readonly agent: string
  readonly title: string
  readonly depth: number
  readonly background: boolean
}

export interface RunAbout extends TaskAbout {
  /** Counts its launches: no other start of the task has it. */
  readonly runId: number
}

export interface RunStop extends RunAbout {
  /** `completed`, `failed`, `timedOut`, `cancelled`, `paused` or `lost`. */
  readonly reason: string
  readonly result: string
  readonly timesSentBack: number
}
