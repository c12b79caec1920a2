import type { ShellWord } from '../shell.ts'

/** One program that a line would run, with what wraps it taken off. */
export interface Leaf {
  /**
   * The name first. A path to a directory of the system is taken off it (`/usr/bin/git` is `git`); any other
   * stays as it was said. Options in front of the word that counts, which only say where or how loud, are
   * taken off as well: `git -C . push` is `git push`.
   */
  readonly words: readonly ShellWord[]
  /** The same with those options, where there were any: a rule may spell them. */
  readonly said?: readonly ShellWord[]
  /** What in front gives it other rights (`sudo`, `doas`): a rule that allows must name these words, too. */
  readonly rights: readonly string[]
  /** More words follow that only running tells, as behind `xargs`. */
  readonly isOpen: boolean
  /** Where else it runs than where it stands: `git -C there`. Seen one from the other. */
  readonly directories: readonly string[]
  /** Why no rule that allows can cover it, in words: `LD_PRELOAD=… chooses what runs`. `null`: one may. */
  readonly flaw: string | null
  /** Nobody can say what runs: a shell that reads its lines from its input, an `eval` of a variable. */
  readonly isHidden: boolean
  /** It is what wraps another one (`env`, `timeout`, `bash -c`), which comes as a leaf of its own. */
  readonly isWrapper: boolean
}
