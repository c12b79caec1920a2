/**
 * The rules: what is searched for, where a hit counts, why it matters, what to do. Nothing here knows a
 * workspace.
 * Patterns run in two regex engines, the search tool's and ours, so they use what both understand.
 * Words that a rule looks for are written with a character class, so that the rules do not find themselves.
 */
import { codeRules } from './code-rules.ts'
import type { Kind } from './kinds.ts'
import type { Hit } from '../reading/outputs.ts'
import { ASSIGNED_PATTERN, holdsMoreThanPlaceholders, KEY_PATTERN } from './secrets.ts'
import type { Standing } from './syntax.ts'

/**
 * What a finding says besides its places. `weight` from 0 to 100 orders findings; ties go to the more
 * frequent.
 */
export interface Verdict {
  readonly id: string
  readonly title: string
  readonly why: string
  readonly advice: string
  readonly weight: number
}

/** A finding that one search brings to light. */
export interface SearchRule extends Verdict {
  /** Extensions of the files it is about; `null` is every text file. */
  readonly extensions: readonly string[] | null
  readonly pattern: string
  readonly ignoresCase?: boolean
  /** The kinds of file in which a hit counts. */
  readonly kinds: readonly Kind[]
  /** Where in its line a hit must stand. Absent: anywhere. */
  readonly standing?: Standing
  /** Files run by hand (scripts, examples, command lines) do not count. */
  readonly sparesRunByHand?: boolean
  readonly accept?: (hit: Hit) => boolean
  /** The line itself is never shown, only its place. */
  readonly isSecret?: boolean
}

const ALL_BUT_FOREIGN: readonly Kind[] = ['source', 'test', 'document', 'setting', 'other']

const SECRET_RULES: readonly SearchRule[] = [
  {
    id: 'key',
    title: 'Lines shaped like a secret key',
    why: 'Whoever can read the repository, or its history, can use the key.',
    advice:
      'Look at each place. If the key is real, revoke it first, then remove it. Its value is left out here on purpose.',
    weight: 100,
    extensions: null,
    pattern: KEY_PATTERN,
    kinds: ['source', 'document', 'setting', 'other'],
    isSecret: true,
    accept: ({ text }) => holdsMoreThanPlaceholders(text, KEY_PATTERN),
  },
  {
    id: 'key-in-test',
    title: 'Lines of tests shaped like a secret key',
    why: 'Most are invented for the test; one that is not can be used by whoever reads the repository.',
    advice: 'Make sure that each is invented. Its value is left out here on purpose.',
    weight: 42,
    extensions: null,
    pattern: KEY_PATTERN,
    kinds: ['test'],
    isSecret: true,
    accept: ({ text }) => holdsMoreThanPlaceholders(text, KEY_PATTERN),
  },
  {
    id: 'assigned-secret',
    title: 'Values that may be secrets written into files',
    why: 'A password in a file is known to everyone who has the file, and hard to change.',
    advice:
      'If it is real, change it and read it from the environment or a secret store. The value is left out here on purpose.',
    weight: 75,
    extensions:
      'ts tsx js jsx mjs cjs py go rs java kt rb php cs sh yml yaml toml ini cfg properties env tf'.split(
        ' ',
      ),
    pattern: ASSIGNED_PATTERN,
    ignoresCase: true,
    kinds: ['source', 'setting', 'other'],
    isSecret: true,
    accept: ({ text }) => holdsMoreThanPlaceholders(text, ASSIGNED_PATTERN),
  },
]

const EVERYWHERE_RULES: readonly SearchRule[] = [
  {
    id: 'conflict',
    title: 'Merge conflict markers',
    why: 'The file holds two versions of itself; it will not build, or it says two things.',
    advice: 'Finish the merge by hand and remove the markers.',
    weight: 95,
    extensions: null,
    pattern: '^(<{7} |>{7} )',
    kinds: ALL_BUT_FOREIGN,
  },
]

/** Every rule that searches. */
export const SEARCH_RULES: readonly SearchRule[] = [...SECRET_RULES, ...EVERYWHERE_RULES, ...codeRules]
