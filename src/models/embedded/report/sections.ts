/**
 * What the project says of itself, how it is built, and where to begin reading: quoted, each with its place.
 */
import { entryFiles, isContinuousIntegration } from '../choices.ts'
import { firstParagraph, headRemark } from '../reading/documents.ts'
import type { Manifest, Told } from '../reading/manifests.ts'
import { baseOf, folderOf, kindOf } from '../rules/kinds.ts'
import type { Survey } from '../survey.ts'
import { cell, code, count, place, prose } from './quote.ts'

const PARAGRAPH_CHARS_MAX = 500
const MANIFESTS_MAX = 6
const SCRIPT_ROWS_MAX = 16
const READING_ROWS_MAX = 8
const RUNS_CHARS_MAX = 90

/** The section that lets the README and the manifests speak. */
export function selfSection({ pages, manifests, parts }: Survey): readonly string[] {
  // The README of some folder further down does not speak for the whole.
  const readme = [...pages.values()].find(
    ({ path }) => /^readme/i.test(baseOf(path)) && ['', ...parts].includes(folderOf(path)),
  )
  const paragraph = readme ? firstParagraph(readme) : null
  const facts = manifests.filter((manifest) => manifest.facts.length > 0)
  if (paragraph === null && facts.length === 0) return []
  return [
    '## What it says it is',
    '',
    ...(paragraph === null
      ? []
      : [
          `${place(paragraph.path, paragraph.line)} says:`,
          '',
          `> ${prose(paragraph.text, PARAGRAPH_CHARS_MAX)}`,
          '',
        ]),
    ...facts.slice(0, MANIFESTS_MAX).map(factLine),
    ...(facts.length > MANIFESTS_MAX
      ? [`- and ${count(facts.length - MANIFESTS_MAX, 'more manifest')}`]
      : []),
    ...(facts.length > 0 ? [''] : []),
  ]
}

function factLine({ path, facts }: Manifest): string {
  return `- ${place(path, facts[0]?.line)}: ${facts.map(({ name, text }) => `${name} ${code(text)}`).join(', ')}`
}

const BUILD_FILE =
  /^(Cargo\.toml|go\.mod|pyproject\.toml|pom\.xml|build\.gradle(\.kts)?|tox\.ini|setup\.py|CMakeLists\.txt|Dockerfile)$/

/** The section of commands that the manifests define. */
export function buildSection({ manifests, allFiles }: Survey): readonly string[] {
  const rows = manifests.flatMap((manifest) => manifest.scripts.map((script) => commandRow(manifest, script)))
  const paths = allFiles
    .map(({ path }) => path)
    .filter((path) => !['fixture', 'test', 'vendored'].includes(kindOf(path)))
  const automation = paths.filter(isContinuousIntegration).map((path) => place(path))
  const others = paths.filter((path) => BUILD_FILE.test(baseOf(path))).map((path) => place(path))
  if (rows.length + automation.length + others.length === 0) return []
  const rest = rows.length - SCRIPT_ROWS_MAX
  return [
    '## How it is built and tested',
    '',
    ...(rows.length === 0
      ? []
      : ['| Command | Runs | Defined in |', '|---|---|---|', ...rows.slice(0, SCRIPT_ROWS_MAX), '']),
    ...(rest > 0 ? [`${count(rest, 'more command')} not shown.`, ''] : []),
    ...(others.length === 0 ? [] : [`Build files: ${listed(others)}.`, '']),
    ...(automation.length === 0 ? [] : [`Automation: ${listed(automation)}.`, '']),
  ]
}

function commandRow(manifest: Manifest, { name, text, line }: Told): string {
  const runs = text === '' ? '' : cell(text, RUNS_CHARS_MAX)
  return `| ${cell(commandOf(manifest, name))} | ${runs} | ${cell(`${manifest.path}:${line}`)} |`
}

/** The section on where to begin reading, each file in its own words. */
export function readingSection(survey: Survey): readonly string[] {
  const known = new Set(survey.files.map(({ path }) => path))
  const entries = entryFiles(survey)
  const read = [...survey.pages.values()].filter(({ path }) => known.has(path) && kindOf(path) === 'source')
  const ordered = read.toSorted((a, b) => rank(entries, a.path) - rank(entries, b.path))
  const rows = ordered.slice(0, READING_ROWS_MAX).map((page) => {
    const remark = headRemark(page)
    const entry = entries.includes(page.path) ? 'yes' : ''
    return `| ${cell(page.path, 200)} | ${page.linesTotal} | ${entry} | ${remark === null ? '' : cell(remark.text)} |`
  })
  if (rows.length === 0) return []
  return [
    '## Where to begin reading',
    '',
    '| File | Lines | Entry point | Its own first words |',
    '|---|---:|---|---|',
    ...rows,
    '',
  ]
}

function commandOf({ path }: Manifest, name: string): string {
  if (baseOf(path) !== 'package.json') return `make ${name}`
  return name === 'test' || name === 'start' ? `npm ${name}` : `npm run ${name}`
}

function rank(entries: readonly string[], path: string): number {
  const index = entries.indexOf(path)
  return index < 0 ? entries.length : index
}

const LISTED_MAX = 8

function listed(items: readonly string[]): string {
  const rest = items.length - LISTED_MAX
  return items.slice(0, LISTED_MAX).join(', ') + (rest > 0 ? ` and ${count(rest, 'more', 'more')}` : '')
}
