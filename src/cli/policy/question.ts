import { UsageError } from '../../errors.ts'
import { type Mode, MODES } from '../../protocol/boundary.ts'
import { suggestion } from '../../protocol/nearest.ts'
import type { Arguments } from '../arguments.ts'

/** What is to be judged: a line of bash, a path that a tool is given; or nothing but the rules themselves. */
export type Asked =
  | { readonly kind: 'command'; readonly line: string; readonly cwd: string }
  | { readonly kind: 'path'; readonly path: string; readonly tool: string }
  | { readonly kind: 'rules' }

/** What was typed, read. */
export interface PolicyQuestion {
  readonly asked: Asked
  readonly agent: string | undefined
  readonly mode: Mode | undefined
  readonly isBackground: boolean
  /** One layer each, the outermost first, not looked at yet. */
  readonly layers: readonly GivenLayer[]
}

/** A layer as it was typed, and how to speak of it. */
export interface GivenLayer {
  readonly value: unknown
  readonly where: string
}

/** The ways to ask. */
export const POLICY_VERBS = ['check', 'explain'] as const
export type PolicyVerb = (typeof POLICY_VERBS)[number]

const USES = 'troupe policy check "<command>", or troupe policy check --path <path> --tool <tool>'

/** Which of the two was typed. */
export function verbOf([verb]: readonly string[]): PolicyVerb {
  const known = POLICY_VERBS.find((it) => it === verb)
  if (known) return known
  if (verb === undefined) throw new UsageError(`check or explain? Such as: ${USES}`)
  throw new UsageError(`policy can't "${verb}".${suggestion(verb, POLICY_VERBS)} There are: check, explain.`)
}

/** Reads what stands behind `check` or `explain`. Throws a `UsageError` for what makes no sense. */
export function readQuestion(given: Arguments): PolicyQuestion {
  const all = given.values('permissions')
  return {
    asked: askedIn(given),
    agent: given.value('agent'),
    mode: MODES.find((mode) => mode === given.value('mode')),
    isBackground: given.has('background'),
    layers: all.map((text, at) =>
      layerIn(text, all.length === 1 ? '--permissions' : `--permissions ${at + 1}`),
    ),
  }
}

function askedIn(given: Arguments): Asked {
  const [verb, line, ...more] = given.words
  const [path, tool, cwd] = [given.value('path'), given.value('tool'), given.value('cwd')]
  if (more.length > 0)
    throw new UsageError(`The command is one argument; put it in quotes. What of "${more[0]}"?`)
  if (line !== undefined && (path !== undefined || tool !== undefined))
    throw new UsageError(`A command, or --path with --tool, but not both. One of: ${USES}`)
  if (line !== undefined) {
    if (line.trim() === '') throw new UsageError(`The command is empty. Such as: ${USES}`)
    return { kind: 'command', line, cwd: cwd ?? '.' }
  }
  if (cwd !== undefined)
    throw new UsageError('--cwd says where a command runs; a path is seen from the workspace anyway.')
  if (path !== undefined && tool !== undefined) return { kind: 'path', path, tool }
  if (path !== undefined) throw new UsageError('Which tool is given the path? Such as: --tool read_file')
  if (tool !== undefined) throw new UsageError(`Which path is ${tool} given? Such as: --path src/main.ts`)
  if (verb === 'explain') return { kind: 'rules' }
  throw new UsageError(`What is to be checked? Such as: ${USES}`)
}

function layerIn(text: string, where: string): GivenLayer {
  try {
    return { value: JSON.parse(text), where }
  } catch {
    throw new UsageError(`${where} is not JSON. A layer is, for example: '{"filePatterns":["src/**"]}'`)
  }
}
