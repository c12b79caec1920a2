/**
 * The shape of the workspace in numbers: languages, folders, what most files import.
 */
import { centralFiles } from '../choices.ts'
import { isCodeLanguage, languageOf } from '../rules/kinds.ts'
import type { Survey } from '../survey.ts'
import { cell, count, grouped } from './quote.ts'

const LANGUAGE_ROWS_MAX = 8
const FOLDER_ROWS_MAX = 8
const CENTRAL_ROWS_MAX = 5

/** Files and bytes of one group. */
export interface Tally {
  readonly name: string
  readonly files: number
  readonly bytes: number
}

/** Groups the files, the largest group first. */
export function tallied({ files }: Survey, nameOf: (path: string) => string): readonly Tally[] {
  const tallies = new Map<string, { files: number; bytes: number }>()
  for (const { path, bytes } of files) {
    const tally = tallies.get(nameOf(path)) ?? { files: 0, bytes: 0 }
    tallies.set(nameOf(path), { files: tally.files + 1, bytes: tally.bytes + bytes })
  }
  return [...tallies]
    .map(([name, tally]) => ({ name, ...tally }))
    .toSorted((a, b) => b.bytes - a.bytes || b.files - a.files || (a.name < b.name ? -1 : 1))
}

const OTHER = 'other'

/** Languages by bytes; what has no known one comes as `other`. */
export function languages(survey: Survey): readonly Tally[] {
  return tallied(survey, (path) => languageOf(path) ?? OTHER)
}

/** The programming languages alone, the one with the most files first. */
export function codeLanguages(survey: Survey): readonly Tally[] {
  return languages(survey)
    .filter(({ name }) => isCodeLanguage(name))
    .toSorted((a, b) => b.files - a.files || b.bytes - a.bytes)
}

/** The section on the shape of the workspace. */
export function shapeSection(survey: Survey): readonly string[] {
  if (survey.files.length === 0) return []
  const folders = tallied(survey, folderName(survey))
  return [
    '## Shape',
    '',
    ...table('Language', languages(survey), LANGUAGE_ROWS_MAX, (name) => name),
    '',
    ...table('Folder', folders, FOLDER_ROWS_MAX, (name) => cell(name)),
    '',
    ...centralTable(survey),
  ]
}

/** The first folder below the root; where one folder holds nearly everything, the one below it. */
function folderName({ files }: Survey): (path: string) => string {
  const tops = new Map<string, number>()
  for (const { path } of files)
    tops.set(path.split('/')[0] ?? '', (tops.get(path.split('/')[0] ?? '') ?? 0) + 1)
  const depth = Math.max(0, ...tops.values()) > files.length * 0.8 ? 2 : 1
  return (path) => path.split('/').slice(0, -1).slice(0, depth).join('/') || '.'
}

function table(
  head: string,
  tallies: readonly Tally[],
  rowsMax: number,
  shown: (name: string) => string,
): readonly string[] {
  const rows = tallies.slice(0, rowsMax).map(({ name, files, bytes }) => row(shown(name), files, bytes))
  const rest = tallies.slice(rowsMax)
  const files = rest.reduce((sum, tally) => sum + tally.files, 0)
  const bytes = rest.reduce((sum, tally) => sum + tally.bytes, 0)
  return [
    `| ${head} | Files | Bytes |`,
    '|---|---:|---:|',
    ...rows,
    ...(rest.length === 0 ? [] : [row(`${count(rest.length, 'other row')}`, files, bytes)]),
  ]
}

function row(name: string, files: number, bytes: number): string {
  return `| ${name} | ${grouped(files)} | ${grouped(bytes)} |`
}

function centralTable(survey: Survey): readonly string[] {
  const central = centralFiles(survey).slice(0, CENTRAL_ROWS_MAX)
  if (central.length === 0) return []
  return [
    '| Imported most | By files |',
    '|---|---:|',
    ...central.map(({ path, importers }) => `| ${cell(path)} | ${grouped(importers)} |`),
    '',
  ]
}
