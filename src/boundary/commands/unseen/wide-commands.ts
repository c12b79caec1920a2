import { couldBeProtected, protectionOf } from '../../files/control-files.ts'
import { tidyPath } from '../../files/paths.ts'
import { couldMeet, wildcards } from '../../wildcards.ts'

/**
 * Whether a word names the workspace itself, what is above it, or whatever is in it. A plain directory, such
 * as `dist`, holds neither control files nor secrets, as far as a name can show.
 */
export function isWide(word: string): boolean {
  if (/^~[^/]*\/?$/.test(word) || /^\/+[^/]*\/?$/.test(word)) return true
  const parts = tidyPath(word).split('/')
  if (parts[0] === '' && parts.length === 1) return true
  return parts[0] === '..' || parts.every((part) => part === '' || /^[*?]+$/.test(part))
}

/** Whether one of the operands is. The words begin behind the name of the command. */
export function takesWhole(words: readonly string[]): boolean {
  return operandsIn(words).some(isWide)
}

/** The same of what `mv` takes away: every operand but the last, unless `-t` gives the target. */
export function movesWhole(words: readonly string[]): boolean {
  const operands = operandsIn(words)
  const hasTarget = words.some((word) => /^(-[^-]*t|--target-directory)/.test(word))
  return (hasTarget ? operands : operands.slice(0, -1)).some(isWide)
}

/**
 * What a command goes through whole, with everything that lies below: whoever knows the places can say
 * whether something is there that no task may reach. `null`: it goes through nothing.
 */
export function goesThrough([name = '', ...words]: readonly string[]): readonly string[] | null {
  if (name === 'find') return acts(words) ? startsOf(words) : null
  if (name === 'mv') return operandsIn(words)
  if (takesAlong([name])) return operandsIn(words)
  const isRecursive = words.some((word) => /^(-[^-]*[rR].*|--recursive)$/.test(word))
  if (['rm', 'chmod', 'chown', 'chgrp'].includes(name)) return isRecursive ? operandsIn(words) : null
  return null
}

/** Whether a command copies a directory with everything in it. */
export function takesAlong([name = '']: readonly string[]): boolean {
  return TAKES_ALONG.includes(name)
}

const TAKES_ALONG = ['tar', 'bsdtar', 'zip', 'rsync', 'cpio', '7z', 'cp', 'scp']

function operandsIn(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  const before = end < 0 ? words : words.slice(0, end)
  return [...before.filter((word) => !word.startsWith('-')), ...(end < 0 ? [] : words.slice(end + 1))]
}

const ACTIONS = /^-(delete|exec|execdir|ok|okdir|fprint0?|fprintf|fls)$/

function acts(words: readonly string[]): boolean {
  return words.some((word) => ACTIONS.test(word))
}

function startsOf(words: readonly string[]): readonly string[] {
  const from = words.findIndex((word) => !/^-([HLP]|O\d|D)$/.test(word))
  const rest = from < 0 ? [] : words.slice(from)
  const end = rest.findIndex((word) => /^(-.|[!(),])/.test(word))
  const starts = end < 0 ? rest : rest.slice(0, end)
  return starts.length === 0 ? ['.'] : starts
}

/** `find` that does something to whatever lies in the whole workspace, and not only to harmless names. */
export function isWideFind(words: readonly string[]): boolean {
  if (!acts(words) || !startsOf(words).some(isWide)) return false
  const tests = words.slice(
    0,
    words.findIndex((word) => ACTIONS.test(word)),
  )
  // Behind `-o` comes something else, also when that stands behind the action.
  if (words.some((word) => /^(-o|-or|,|!|-not)$/.test(word))) return true
  return !tests.some((word, at) => /^-i?name$/.test(word) && isHarmlessName(tests[at + 1] ?? ''))
}

/** What Troupe's state is kept in, and endings of what such files are mostly called. */
const STATE_FILES = ['store.sqlite', 'store.sqlite-wal', 'store.sqlite-shm', 'store.sqlite-journal'].map(
  wildcards,
)
const STATE_ENDING = /\.(db|sqlite\d?|lock|jsonl)$/

function isHarmlessName(pattern: string): boolean {
  const name = pattern.toLowerCase()
  // Only a plain ending, or a name that says all, keeps the others out.
  if (!/^\*?[a-z0-9_.-]{3,}\*?$/.test(name) || (name.endsWith('*') && name.startsWith('*'))) return false
  if (protectionOf(name) || couldBeProtected(name) || STATE_ENDING.test(name)) return false
  if (STATE_FILES.some((file) => couldMeet(wildcards(name), file))) return false
  return !name.startsWith('*') || /^\*[a-z0-9_.-]*\.[a-z0-9]+$/.test(name)
}

/** `ps e` shows the environment of every program; `ps -e` only names them all. */
export function readsEnvironments(words: readonly string[]): boolean {
  return words.some((word, at) => {
    if (/^-[a-zA-Z]*E/.test(word)) return true
    const isValue = /^(-[a-zA-Z]*[uUpoOCtgGqsN]|--[a-zA-Z]+)$/.test(words[at - 1] ?? '')
    return !isValue && /^[a-zA-Z*?]+$/.test(word) && /[e*?]/.test(word)
  })
}

/** A tracer that is pointed at a program which runs already. */
export function attaches(words: readonly string[]): boolean {
  return words.some((word) => /^(-p\d*|-[a-zA-Z]*p|--?p(id)?(=.*)?|--attach.*|attach.*|\d+)$/.test(word))
}

const LOOKS =
  /^(status|is-active|is-enabled|is-failed|list|list-.*|show|cat|help|print|print-.*|--version|--help)$/

/** What leaves something behind that runs later, or goes on. */
export function leavesJob(words: readonly string[]): boolean {
  const first = words.find((word) => !word.startsWith('-')) ?? words[0] ?? ''
  if (words.length === 1 && /^-l$/.test(words[0] as string)) return false
  return !LOOKS.test(first)
}

/** Directories of the machine that a container has no need of. */
const HOSTS =
  /^(|~|\/|\/(home|root|etc|proc|sys|dev|var|usr|Users)|\/(home|Users)\/[^/]+|\/(var\/)?run\/docker.sock)\/?$/
const RIGHTS = /^--(privileged(=true)?|pid=host|device(=.*)?|cap-add=(all|sys_.*))$/i

/** A container that is given the machine: its files, its processes or all rights. */
export function opensMachine(words: readonly string[]): boolean {
  return words.some((word, at) => {
    const before = words[at - 1] ?? ''
    if (RIGHTS.test(word)) return true
    if (before === '--pid') return word === 'host'
    if (before === '--cap-add') return /^(all|sys_.*)$/i.test(word)
    const mounted = /^(-v|--volume)$/.test(before) ? word : /^(?:-v|--volume=)(.+)$/.exec(word)?.[1]
    if (mounted?.includes(':')) return isOfMachine(mounted.split(':')[0] ?? '')
    const source = /(?:^|[,=])(?:source|src)=([^,]*)/.exec(word)?.[1]
    return source !== undefined && isOfMachine(source)
  })
}

function isOfMachine(path: string): boolean {
  return path !== '' && HOSTS.test(path)
}
