/**
 * Reads the files in which a project says what it is and how it is built.
 */
import { baseOf } from '../rules/kinds.ts'
import type { Page } from './outputs.ts'

/** What one manifest says, each with the line that says it. */
export interface Manifest {
  readonly path: string
  /** What it says of itself: name, version, description, licence. */
  readonly facts: readonly Told[]
  /** What can be run. `name` is what one types, `text` what it runs, as far as the manifest says so. */
  readonly scripts: readonly Told[]
  /** Where the program or library begins. */
  readonly entries: readonly Told[]
  readonly hasDependencies: boolean
  readonly isBroken: boolean
}

export interface Told {
  readonly name: string
  readonly text: string
  readonly line: number
}

const SCRIPTS_MAX = 40
const ENTRIES_MAX = 12

/** Reads a manifest of any known kind; `null` for other files. */
export function readManifest(page: Page): Manifest | null {
  const base = baseOf(page.path)
  if (base === 'package.json') return packageJson(page)
  if (base === 'pyproject.toml') return toml(page, PYPROJECT)
  if (base === 'Cargo.toml') return toml(page, CARGO)
  if (base === 'go.mod') return goModule(page)
  if (/^(GNU)?[Mm]akefile$/.test(base)) return makefile(page)
  return null
}

const NOTHING = { facts: [], scripts: [], entries: [], hasDependencies: false, isBroken: false }

function packageJson(page: Page): Manifest {
  const read = parsed(page)
  if (read === null) return { ...NOTHING, path: page.path, isBroken: page.isWhole }
  const scripts = Object.entries(record(read.scripts)).flatMap(([name, text]) => told(page, name, text))
  const facts = ['name', 'version', 'description', 'license'].flatMap((name) => told(page, name, read[name]))
  const bin = typeof read.bin === 'string' ? { bin: read.bin } : record(read.bin)
  const named = { main: read.main, module: read.module, types: read.types, ...bin }
  const entries = [...Object.entries(named), ...exportsIn(read.exports)].flatMap(([name, text]) =>
    told(page, name, text),
  )
  const hasDependencies = [read.dependencies, read.devDependencies].some(
    (list) => Object.keys(record(list)).length > 0,
  )
  return {
    path: page.path,
    facts,
    scripts: scripts.slice(0, SCRIPTS_MAX),
    entries: entries.slice(0, ENTRIES_MAX),
    hasDependencies,
    isBroken: false,
  }
}

function parsed(page: Page): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(
      page.lines
        .map(({ text }) => text)
        .join('\n')
        .replace(/^\uFEFF/, ''),
    )
    return typeof value === 'object' && value !== null ? record(value) : null
  } catch {
    // Not JSON, or only a part of it: the caller says which.
    return null
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

/** The files behind `exports`, whatever conditions stand before them. */
function exportsIn(value: unknown, name = 'exports', depth = 0): [string, unknown][] {
  if (typeof value === 'string') return [[name, value]]
  if (depth > 3) return []
  return Object.entries(record(value)).flatMap(([key, inner]) =>
    exportsIn(inner, key.startsWith('.') ? key : name, depth + 1),
  )
}

function told(page: Page, name: string, text: unknown): readonly Told[] {
  if (typeof text !== 'string') return []
  const both = page.lines.find(
    (line) => line.text.includes(JSON.stringify(name)) && line.text.includes(JSON.stringify(text)),
  )
  const line = both ?? page.lines.find((line) => line.text.includes(JSON.stringify(text))) ?? page.lines[0]
  return [{ name, text, line: line?.number ?? 1 }]
}

interface TomlKeys {
  readonly facts: RegExp
  readonly entries: RegExp
  readonly dependencies: RegExp
}

const PYPROJECT: TomlKeys = {
  facts: /^(project|tool\.poetry)\.(name|version|description|license|requires-python)$/,
  entries: /^(project|tool\.poetry)\.(gui-)?scripts\.(.+)$/,
  dependencies: /^(project\.dependencies|tool\.poetry\.dependencies\..+)$/,
}
const CARGO: TomlKeys = {
  facts: /^package\.(name|version|description|license|edition)$/,
  entries: /^(bin|lib)\.path$/,
  dependencies: /^(dev-)?dependencies\..+$/,
}

function toml(page: Page, keys: TomlKeys): Manifest {
  let section = ''
  const facts: Told[] = []
  const entries: Told[] = []
  let hasDependencies = false
  for (const { number: line, text } of page.lines) {
    section = /^\s*\[+\s*([^\]]+?)\s*\]+/.exec(text)?.[1] ?? section
    const [, name = '', value = ''] = /^\s*["']?([\w.-]+)["']?\s*=\s*(.+)$/.exec(text) ?? []
    if (name === '') continue
    const key = `${section}.${name}`
    const words = /^["'](.*?)["']/.exec(value)?.[1] ?? /^\{[^}]*?["'](.*?)["']/.exec(value)?.[1] ?? null
    if (keys.dependencies.test(key)) hasDependencies = true
    if (words !== null && keys.facts.test(key)) facts.push({ name, text: words, line })
    if (words !== null && keys.entries.test(key)) entries.push({ name, text: words, line })
  }
  return { ...NOTHING, path: page.path, facts, entries: entries.slice(0, ENTRIES_MAX), hasDependencies }
}

function goModule(page: Page): Manifest {
  const facts = page.lines.flatMap(({ number: line, text }) => {
    const [, name, value] = /^(module|go)\s+(\S+)/.exec(text) ?? []
    return name === undefined || value === undefined ? [] : [{ name, text: value, line }]
  })
  return {
    ...NOTHING,
    path: page.path,
    facts,
    hasDependencies: page.lines.some(({ text }) => /^require\b/.test(text)),
  }
}

function makefile(page: Page): Manifest {
  const scripts = page.lines.flatMap(({ number: line, text }, index) => {
    const [, name] = /^([A-Za-z][\w.-]*)\s*:(?![:=])/.exec(text) ?? []
    const recipe = page.lines[index + 1]?.text ?? ''
    return name === undefined ? [] : [{ name, text: recipe.startsWith('\t') ? recipe.trim() : '', line }]
  })
  return { ...NOTHING, path: page.path, scripts: scripts.slice(0, SCRIPTS_MAX) }
}
