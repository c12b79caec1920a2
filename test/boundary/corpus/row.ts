import type { Action, GivenPolicy, Layer } from '../../../src/protocol/boundary.ts'

/** What stands around a call: everything that has a say in it. */
export interface Given {
  /** The outermost ancestor first. */
  readonly boundary?: readonly Layer[]
  readonly policy?: GivenPolicy
  /** Settings files, as text. They stand in place of `policy`. */
  readonly settings?: GivenSettings
  /** Which workspace the paths are of. */
  readonly world?: 'shop' | 'windows'
  readonly isBackground?: boolean
  readonly hasBash?: boolean
  /** What speaks against letting git read here unasked. */
  readonly repository?: string
}

export interface GivenSettings {
  readonly user?: string
  readonly folder: string
  readonly isTrusted: boolean
}

/** `refused`: the boundary or the policy is not taken at all, and its author is told why. */
export type Expected = 'allow' | 'ask' | 'deny' | 'refused'

/** One decision: what is to happen, under what, what is said to it, and where it comes from. */
export interface Row extends Given {
  readonly theme: string
  readonly action: Action
  readonly verdict: Expected
  /** A part of the words by which the verdict says why: its layer, its rule, or its reason. */
  readonly why: string
  /** The everyday work it is, the attack, or where that was found. */
  readonly source: string
}

/** A line for `execute_command`, or any other call; then what is expected, why, and where it comes from. */
export type Entry = readonly [what: string | Action, verdict: Expected, why: string, source: string]

/** Rows that share what stands around them. */
export function under(given: Given, entries: readonly Entry[]): readonly Omit<Row, 'theme'>[] {
  return entries.map(([what, verdict, why, source]) => ({
    ...given,
    action: typeof what === 'string' ? run(what) : what,
    verdict,
    why,
    source,
  }))
}

/** All rows of a theme. */
export function theme(name: string, ...groups: readonly (readonly Omit<Row, 'theme'>[])[]): readonly Row[] {
  return groups.flat().map((row) => ({ ...row, theme: name }))
}

/** Rules for commands, as a person writes them. */
export function commands(...patterns: readonly string[]): readonly string[] {
  return patterns.map((pattern) => `execute_command(${pattern})`)
}

/** A command line, and the directory it runs in. */
export function run(line: string, cwd = '.'): Action {
  return {
    tool: 'execute_command',
    effect: 'non_idempotent',
    access: { reads: [], writes: [], command: { line, cwd } },
  }
}

/** Reading files. */
export function read(...reads: readonly string[]): Action {
  return { tool: 'read_file', effect: 'pure', access: { reads, writes: [], command: null } }
}

/** Searching a directory: what may not be read is left out. */
export function search(path: string): Action {
  return filtered('search_files', path)
}

/** Listing a directory, likewise. */
export function list(path: string): Action {
  return filtered('list_files', path)
}

function filtered(tool: string, path: string): Action {
  const access = { reads: [path], writes: [], command: null, isFiltered: true }
  return { tool, effect: 'pure', access }
}

/** Writing one file. */
export function write(path: string): Action {
  return { tool: 'write_file', effect: 'idempotent', access: { reads: [], writes: [path], command: null } }
}

/** Changing one file. */
export function edit(path: string): Action {
  return { tool: 'edit_file', effect: 'idempotent', access: { reads: [path], writes: [path], command: null } }
}

/** Changing several files at once. */
export function patch(...writes: readonly string[]): Action {
  return { tool: 'apply_patch', effect: 'idempotent', access: { reads: [], writes, command: null } }
}

/** A tool of somebody else's that says nothing of what it touches. */
export function other(tool: string, effect: Action['effect'] = 'non_idempotent'): Action {
  return { tool, effect, access: null }
}

/** A tool that touches nothing but its own task. */
export function inner(tool: string): Action {
  return { tool, effect: 'pure', access: { reads: [], writes: [], command: null, isInner: true } }
}
