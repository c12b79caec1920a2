import { isGitQuestion } from '../known/git-questions.ts'
import type { ShellWord } from '../shell.ts'
import { flawOfWords } from './options.ts'

/** A command whose options in front were taken off. */
export interface Stripped {
  readonly words: readonly ShellWord[]
  readonly directories: readonly string[]
  readonly flaw: string | null
  readonly isHidden: boolean
}

/** Options in front that only say how git talks. */
const QUIET: ReadonlySet<string> = new Set(
  '--no-pager -P --no-optional-locks --literal-pathspecs --glob-pathspecs --noglob-pathspecs'
    .concat(' --icase-pathspecs --no-replace-objects --no-lazy-fetch --no-advice')
    .split(' '),
)
/** Those that choose where git looks, or what it runs; these take the next word along. */
const TAKES =
  /^(-c|--config-env|--git-dir|--work-tree|--namespace|--super-prefix|--attr-source|--shallow-file)$/
/** Settings that only say how things look or who commits. */
const TAME =
  /^(user\.(name|email)|color\.[\w.]+|advice\.\w+|log\.\w+|core\.(quotepath|autocrlf|filemode|abbrev))=/i

/** What git itself can do. Any other word is an alias, or a program `git-…` that lies somewhere. */
export const GIT_COMMANDS: ReadonlySet<string> = new Set(
  [
    'add am annotate apply archive bisect blame branch bundle cat-file check-attr check-ignore check-mailmap',
    'check-ref-format checkout checkout-index cherry cherry-pick clean clone column commit commit-graph commit-tree',
    'config count-objects credential credential-cache credential-store daemon describe diagnose diff diff-files',
    'diff-index diff-pairs diff-tree difftool fast-export fast-import fetch fetch-pack fmt-merge-msg for-each-ref',
    'for-each-repo format-patch fsck fsck-objects gc get-tar-commit-id grep hash-object help hook http-backend',
    'http-fetch http-push index-pack init init-db instaweb interpret-trailers log ls-files ls-remote ls-tree',
    'mailinfo mailsplit maintenance merge merge-base merge-file merge-index merge-one-file merge-tree mergetool',
    'mktag mktree multi-pack-index mv name-rev notes pack-objects pack-redundant pack-refs patch-id prune',
    'prune-packed pull push range-diff read-tree rebase reflog refs remote repack replace replay request-pull rerere',
    'reset restore rev-list rev-parse revert rm send-email send-pack shell shortlog show show-branch show-index',
    'show-ref sparse-checkout stage stash status stripspace submodule switch symbolic-ref tag unpack-file',
    'unpack-objects update-index update-ref update-server-info upload-archive upload-pack receive-pack var',
    'verify-commit verify-pack verify-tag version whatchanged worktree write-tree filter-branch backfill',
  ].flatMap((names) => names.split(' ')),
)

/** `git -C there push` is `git push`, there. */
export function stripGit(words: readonly ShellWord[], isOpen: boolean): Stripped {
  const [name, ...behind] = words
  const directories: string[] = []
  let flaw: string | null = null
  let isHidden = false
  let at = 0
  for (; at < behind.length; at += 1) {
    const word = behind[at] as ShellWord
    const text = word.value ?? word.shape
    if (word.value === null && /^[-*?[]/.test(word.shape)) {
      flaw ??= 'a word behind git may come out as an option'
      isHidden = true
      if (!word.shape.startsWith('-')) break
    }
    if (!text.startsWith('-') || /^(--version|-v|--help|-h)$/.test(text)) break
    if (QUIET.has(text)) continue
    if (text === '-p' || text === '--paginate') {
      flaw ??= `git ${text} runs the pager that the configuration names`
      continue
    }
    if (text === '-C') {
      const there = behind[(at += 1)]?.value ?? null
      if (there === null) flaw ??= 'where git -C goes is only known once it runs'
      else directories.push(there)
      continue
    }
    flaw ??= `git ${shownWith(behind, at)} chooses what git runs, or where`
    isHidden ||= text !== '-c' || !TAME.test(behind[at + 1]?.value ?? '')
    if (TAKES.test(text)) at += 1
  }
  const rest = behind.slice(at)
  const own = flawOfGit(rest, isOpen)
  return {
    words: [...(name ? [name] : []), ...rest],
    directories,
    flaw: flaw ?? own?.flaw ?? null,
    isHidden: isHidden || own?.isHidden === true,
  }
}

function flawOfGit(rest: readonly ShellWord[], isOpen: boolean) {
  const [first, second] = rest
  if (first === undefined)
    return isOpen ? { flaw: 'what git does comes from its input', isHidden: true } : null
  const { value } = first
  if (value === null) return { flaw: 'what git does is only known once it runs', isHidden: true }
  if (value.startsWith('-')) return null
  if (!GIT_COMMANDS.has(value) && flawOfWords('git', rest, false)?.isHidden !== true)
    return { flaw: `git ${value} is an alias, or a program of that name`, isHidden: true }
  const said = second?.value ?? ''
  const isQuestion = isGitQuestion(rest.map((word) => word.value ?? word.shape))
  if (value === 'config' && !isQuestion && !/^(--get|--get-all|-l|--list|get|list)$/.test(said))
    return { flaw: 'git config names programs that git runs', isHidden: false }
  if (value === 'bisect' && said === 'run') return { flaw: 'git bisect run runs a program', isHidden: true }
  if (value === 'submodule' && !/^(status|summary|)$/.test(said))
    return {
      flaw: `git submodule ${said} runs what the configuration or its words say`,
      isHidden: said === 'foreach',
    }
  return flawOfWords('git', rest, isOpen)
}

function shownWith(words: readonly ShellWord[], at: number): string {
  const text = words[at]?.value ?? words[at]?.shape ?? ''
  const setting = /^([^=]*)=/.exec(words[at + 1]?.value ?? '')?.[1]
  return text === '-c' && setting !== undefined ? `-c ${setting.slice(0, 60)}=…` : text.slice(0, 60)
}

const NPM_QUIET =
  /^(-s|--silent|-q|--quiet|-d|--verbose|--color|--no-color|--loglevel=\w+|--if-present|-r|--recursive)$/
const PLACES = /^(--prefix|-C|--dir|--cwd)(=.*)?$/s
/** What chooses one of several packages: what runs lies in the workspace all the same. */
const PACKAGES = /^(-w|--workspace|-F|--filter)$/
const PACKAGE = /^(--workspaces|(--workspace|--filter)=.*)$/s

/** `npm --prefix web run build` is `npm run build`, there; the same for its likes. */
export function stripNpm(words: readonly ShellWord[]): Stripped {
  const [name, ...behind] = words
  const directories: string[] = []
  let flaw: string | null = null
  const kept: ShellWord[] = []
  let isOver = false
  let isFirst = true
  for (let at = 0; at < behind.length; at += 1) {
    const word = behind[at] as ShellWord
    const { value } = word
    const place = isOver ? null : PLACES.exec(value ?? '')
    if (place) {
      const there = place[2] === undefined ? (behind[(at += 1)]?.value ?? null) : place[2].slice(1)
      if (there === null) flaw ??= 'where it runs is only known once it runs'
      else directories.push(there)
    } else if (isFirst && value !== null && (NPM_QUIET.test(value) || PACKAGE.test(value))) continue
    else if (isFirst && value !== null && PACKAGES.test(value)) at += 1
    else {
      if (isFirst && (value ?? word.shape).startsWith('-') && !/^(-v|--version|-h|--help)$/.test(value ?? ''))
        flaw ??= `nobody knows what ${value ?? word.shape} in front of the command means`
      else isFirst = false
      kept.push(word)
      isOver ||= value === '--'
    }
  }
  return { words: [...(name ? [name] : []), ...kept], directories, flaw, isHidden: false }
}
