import { isGitQuestion, showsAddresses } from '../known/git-questions.ts'
import {
  attaches,
  isWideFind,
  leavesJob,
  movesWhole,
  opensMachine,
  readsEnvironments,
  takesWhole,
} from './wide-commands.ts'

/** A command that reaches control files or secrets without naming one. Asked for in every mode. */
export interface UnseenReach {
  readonly programs: readonly string[]
  /** What must follow the name: one of these words first, and an option like this anywhere. */
  readonly first?: readonly string[]
  readonly option?: RegExp
  /** What must hold of all words behind the name. */
  readonly when?: (words: readonly string[]) => boolean
  readonly why: string
}

const everyFile = 'it reads every file below a directory, secrets among them: name files, or use search_files'
const copies = 'it takes every file below a directory along, secrets among them'
const whole = 'it goes through the whole workspace, control files and secrets among it: name what you mean'
const memory = 'it reads the memory or the environment of other programs, and the keys in it'
const secrets = 'it hands out passwords or tokens'
const stays = 'what it starts goes on when the task has ended'
const machine = 'it gives a container the whole machine'

const recursive = /^(-[^-]*[rR].*|--recursive)$/

/** The published table. It can't be whole: a program that was just written reaches what it likes. */
export const UNSEEN_REACH: readonly UnseenReach[] = [
  {
    programs: ['git'],
    first: ['config', 'remote', 'submodule', 'hook'],
    when: (words) => !isGitQuestion(words) && !showsAddresses(words),
    why: 'it may change the configuration of git, which names programs that git runs',
  },
  { programs: ['git'], first: ['grep', 'archive', 'bundle'], why: everyFile },
  {
    programs: ['git'],
    first: ['clean'],
    option: /^-[^-]*[xX]/,
    why: 'it deletes what git ignores, environment files among it',
  },
  {
    programs: ['git'],
    first: ['stash'],
    option: /^(-[^-]*a.*|--all?)$/,
    why: 'it takes away what git ignores, environment files among it',
  },
  {
    programs: ['git'],
    first: ['add', 'stage'],
    option: /^(-[^-]*f.*|--forc?e?)$/,
    when: (words) =>
      takesWhole(words.slice(1)) || words.some((word) => /^(-[^-]*[Au]|--all|--update)/.test(word)),
    why: 'it adds what git ignores, environment files among it',
  },
  { programs: ['git'], first: ['credential', 'credential-store', 'credential-cache'], why: secrets },
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun'],
    first: ['pkg', 'config', 'c', 'set', 'init'],
    why: 'it may change package.json or .npmrc, by which programs are run',
  },
  {
    programs: ['grep', 'egrep', 'fgrep'],
    option: /^(-[^-]*[rR].*|--recursive|--dereference-recursive|--directories=recurse|-drecurse|recurse)$/,
    why: everyFile,
  },
  { programs: ['rgrep', 'ag', 'ack', 'ugrep'], why: everyFile },
  {
    programs: ['rg'],
    option: /^(-[^-]*[u.].*|--hidden|--no-ignore.*|--unrestricted)$/,
    why: everyFile,
  },
  { programs: ['tar', 'bsdtar', 'zip', 'rsync', 'cpio', '7z'], why: copies },
  {
    programs: ['cp', 'scp'],
    option: /^(-[^-]*[rRa].*|--recursive|--archive)$/,
    why: copies,
  },
  { programs: ['find'], when: isWideFind, why: whole },
  { programs: ['rm', 'chmod', 'chown', 'chgrp'], option: recursive, when: takesWhole, why: whole },
  { programs: ['mv'], when: movesWhole, why: whole },
  { programs: ['ps'], when: readsEnvironments, why: memory },
  { programs: ['gdb', 'lldb', 'strace', 'ltrace'], when: attaches, why: memory },
  { programs: ['gcore', 'py-spy', 'jmap', 'bpftrace', 'dtrace', 'nsenter'], why: memory },
  { programs: ['security', 'secret-tool'], why: secrets },
  { programs: ['gh'], first: ['auth'], option: /^(token|--show-token|-t)$/, why: secrets },
  { programs: ['docker', 'podman', 'nerdctl'], when: opensMachine, why: machine },
  { programs: ['crontab', 'systemctl', 'systemd-run', 'launchctl'], when: leavesJob, why: stays },
  { programs: ['at'], option: /^(-[a-zA-Z]|now$|midnight$|noon$|\d{1,2}:?\d\d)/, why: stays },
]

/** Options of git and npm before the word that counts which take the next word along. */
const TAKING: ReadonlySet<string> = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--exec-path',
  '--config-env',
  '--super-prefix',
  '--prefix',
  '--dir',
  '--cwd',
  '--filter',
  '-w',
  '--workspace',
])

/** The first word that is no option. */
export function firstOf(words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (!word.startsWith('-')) return word
    if (TAKING.has(word)) at += 1
  }
  return ''
}
