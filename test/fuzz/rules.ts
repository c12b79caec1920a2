import type { GivenPolicy, Layer } from '../../src/protocol/boundary.ts'

/** What a line is judged under, and what that is meant to keep from running. */
export interface Rules {
  readonly name: string
  readonly policy: GivenPolicy
  readonly layers: readonly Layer[]
  /** Only these may run, as patterns, and what else is `alsoRuns`. `null`: no limit. */
  readonly covered: readonly string[] | null
  /** Every list of patterns that must cover all that runs. */
  readonly layered: readonly (readonly string[])[]
  readonly alsoRuns: 'nothing' | 'reads' | 'reads and file commands'
  /** What must never run. */
  readonly denied: readonly string[]
  /** Nothing may be written in the workspace. */
  readonly isQuiet: boolean
}

const ALLOWED = [
  ['good:*', 'alsogood sub:*', 'npm test*', 'npm run build', 'git status:*'],
  ['good*', 'alsogood s*', 'git:*', 'npm:*', 'other'],
  ['good', 'good x', 'alsogood sub *', 'other:*', 'npm run *'],
  ['*', 'good:*'],
  ['good:*', 'other:*', 'npm t*', 'git add *', 'git log:*', 'a*good sub:*'],
]
const DENIED = [
  ['evil:*', 'bad push:*', 'git push:*'],
  ['evil*', 'bad pu*', 'git p*'],
  ['*vil:*', 'bad *', 'git push *', 'bad push', 'git push'],
  ['evil:*', 'bad push:*', 'git push:*', 'good x:*'],
]

const rule = (pattern: string) => `execute_command(${pattern})`
const BARE = 'execute_command'
const plain = {
  layers: [],
  covered: null,
  layered: [],
  alsoRuns: 'reads',
  denied: [],
  isQuiet: false,
} as const

type Below = (limit: number) => number

const from = (below: Below, lists: readonly (readonly string[])[]) => lists[below(lists.length)] ?? []

/** The kinds of rules, each with how often it is drawn. */
const KINDS: readonly (readonly [
  name: string,
  weight: number,
  make: (below: Below) => Omit<Rules, 'name'>,
])[] = [
  [
    'default, allow rules',
    6,
    (below) => {
      const covered = from(below, ALLOWED)
      const denied = below(2) === 0 ? from(below, DENIED) : []
      const policy = { mode: 'default', allow: covered.map(rule), deny: denied.map(rule) } as const
      return { ...plain, policy, covered, denied, isQuiet: !covered.includes('*') }
    },
  ],
  [
    'bypassPermissions, deny rules',
    8,
    (below) => {
      const denied = from(below, DENIED)
      return { ...plain, policy: { mode: 'bypassPermissions', deny: denied.map(rule) }, denied }
    },
  ],
  [
    'bypassPermissions, commandPatterns',
    5,
    (below) => {
      const layered = [from(below, ALLOWED), ...(below(3) === 0 ? [from(below, ALLOWED)] : [])]
      const layers = layered.map((commandPatterns) => ({ commandPatterns }))
      return { ...plain, policy: { mode: 'bypassPermissions' }, layers, layered }
    },
  ],
  [
    'default, all commands allowed, deny rules',
    4,
    (below) => {
      const denied = from(below, DENIED)
      return { ...plain, policy: { mode: 'default', allow: [BARE], deny: denied.map(rule) }, denied }
    },
  ],
  [
    'default, all commands allowed, ask rules',
    3,
    (below) => {
      const denied = from(below, DENIED)
      return { ...plain, policy: { mode: 'default', allow: [BARE], ask: denied.map(rule) }, denied }
    },
  ],
  [
    'acceptEdits, allow rules',
    3,
    (below) => {
      const covered = from(below, ALLOWED)
      const policy = { mode: 'acceptEdits', allow: covered.map(rule) } as const
      return { ...plain, policy, covered, alsoRuns: 'reads and file commands' }
    },
  ],
  [
    'dontAsk, allow rules',
    2,
    (below) => {
      const covered = from(below, ALLOWED)
      const policy = { mode: 'dontAsk', allow: covered.map(rule) } as const
      return { ...plain, policy, covered, isQuiet: !covered.includes('*') }
    },
  ],
  [
    'default, commandPatterns',
    2,
    (below) => {
      const layered = [from(below, ALLOWED)]
      const layers = layered.map((commandPatterns) => ({ commandPatterns }))
      return { ...plain, policy: { mode: 'default' }, layers, layered, covered: [], isQuiet: true }
    },
  ],
  [
    'plan, allow rules',
    1,
    (below) => {
      const policy = { mode: 'plan', allow: from(below, ALLOWED).map(rule) } as const
      return { ...plain, policy, covered: [], isQuiet: true }
    },
  ],
  [
    'bypassPermissions, readOnly',
    1,
    () => {
      const policy = { mode: 'bypassPermissions' } as const
      return { ...plain, policy, layers: [{ readOnly: true }], covered: [], isQuiet: true }
    },
  ],
  ['default, no rules', 1, () => ({ ...plain, policy: { mode: 'default' }, covered: [], isQuiet: true })],
]

export const RULE_KINDS: readonly string[] = KINDS.map(([name]) => name)

/** Reads rules off a tape of numbers. */
export function rulesFrom(tape: readonly number[]): Rules {
  let at = 0
  const below = (limit: number) => (tape[at++] ?? 0) % limit
  let left = below(KINDS.reduce((sum, [, weight]) => sum + weight, 0))
  const [name, , make] =
    KINDS.find(([, weight]) => (left -= weight) < 0) ?? (KINDS[0] as (typeof KINDS)[number])
  return { name, ...make(below) }
}
