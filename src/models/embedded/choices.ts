/**
 * Which files are worth reading, and which searches make sense here: chosen from the listing, never from a
 * list of names
 * of some known project.
 */
import { isSecretFile } from './rules/listing-checks.ts'
import { baseOf, extensionOf, folderOf, isCode, kindOf } from './rules/kinds.ts'
import { SEARCH_RULES, type SearchRule } from './rules/search-rules.ts'
import { joinPath } from './reading/documents.ts'
import { importCounts, IMPORT_SEARCHES } from './reading/imports.ts'
import { isOwn, type Search, searchKey, type Survey } from './survey.ts'

const OVERVIEW_READS_MAX = 14
const SOURCE_READS_MAX = 10
const LARGEST_READS = 5
const CENTRAL_READS = 4
/** A head is enough of a source file: it says what the file is for, and how long it is. */
export const SOURCE_LINES = 80
const READ_BYTES_MAX = 400_000
const SEARCHED_AT_ONCE_MAX = 40
const IMPORT_SEARCHES_MAX = 40

/** In the order in which a newcomer would open them. */
const OVERVIEW: readonly RegExp[] = [
  /^readme(\.\w+)?$/i,
  /^package\.json$/,
  /^pyproject\.toml$/,
  /^Cargo\.toml$/,
  /^go\.mod$/,
  /^pom\.xml$/,
  /^(GNU)?[Mm]akefile$/,
  /^contributing(\.\w+)?$/i,
  /^(pnpm-workspace\.yaml|setup\.(py|cfg)|tox\.ini|build\.gradle(\.kts)?|composer\.json|Gemfile|mix\.exs|justfile|CMakeLists\.txt)$/,
  /^(Dockerfile|(docker-)?compose\.ya?ml)$/,
  /^(licen[cs]e|copying)(\.\w+)?$/i,
]
const CI =
  /(^|\/)\.github\/workflows\/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.circleci\/config\.yml$|^azure-pipelines\.yml$|^Jenkinsfile$|^\.ci\/[^/]+$/
const ENTRY = /(^|\/)(__main__|main|index|app|server|cli|manage|lib|mod|program)\.[a-z]+$/i

/** Whether the file tells a machine how to check the project. */
export function isContinuousIntegration(path: string): boolean {
  return CI.test(path)
}

/** The README, the manifests, the build files: the root's first, then those of its parts. */
export function overviewFiles({ allFiles, parts }: Survey): readonly string[] {
  const ranked = allFiles
    .filter((file) => isOwn(file) && file.bytes <= READ_BYTES_MAX && kindOf(file.path) !== 'fixture')
    .map(({ path }) => ({ path, rank: overviewRank(path), depth: path.split('/').length }))
    .filter(({ rank, depth }) => rank >= 0 && depth <= 4)
    .toSorted((a, b) => a.depth - b.depth || a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path)
  const named = parts.filter((part) => allFiles.some(({ path }) => path === part) && !isSecretFile(part))
  return [...new Set([...named, ...ranked])].slice(0, OVERVIEW_READS_MAX)
}

function overviewRank(path: string): number {
  const rank = OVERVIEW.findIndex((pattern) => pattern.test(baseOf(path)))
  return rank < 0 && CI.test(path) ? OVERVIEW.length : rank
}

/** Source files: where the program begins, what most others import, and the largest. */
export function sourceFiles(survey: Survey): readonly string[] {
  const sources = survey.files.filter(
    ({ path, bytes }) => kindOf(path) === 'source' && bytes <= READ_BYTES_MAX,
  )
  const paths = new Set(sources.map(({ path }) => path))
  const largest = sources
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path)
  const central = centralFiles(survey).map(({ path }) => path)
  const chosen = [
    ...entryFiles(survey).slice(0, 4),
    ...central.slice(0, CENTRAL_READS),
    ...largest.slice(0, LARGEST_READS),
  ]
  const overview = overviewFiles(survey)
  return [...new Set(chosen)]
    .filter((path) => paths.has(path) && !overview.includes(path))
    .slice(0, SOURCE_READS_MAX)
}

/** Where the manifests say it begins, then what is named like a beginning, the shallowest first. */
export function entryFiles({ files, manifests }: Survey): readonly string[] {
  const told = manifests.flatMap(({ path, entries }) =>
    entries.flatMap(({ text }) => joinPath(folderOf(path), text) ?? []),
  )
  const named = files
    .filter(({ path }) => ENTRY.test(path) && kindOf(path) === 'source' && path.split('/').length <= 4)
    .toSorted((a, b) => a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path)
  const known = new Set(files.map(({ path }) => path))
  return [...new Set([...told, ...named])].filter((path) => known.has(path) && isCode(path))
}

/**
 * The searches for imports, in the language with the most source files that we can follow. One search stops
 * at its
 * cap, so in a larger workspace folders are searched one by one.
 */
export function importSearches(survey: Survey): readonly Search[] {
  const languages = IMPORT_SEARCHES.map((language) => ({
    ...language,
    paths: survey.files
      .map(({ path }) => path)
      .filter((path) => kindOf(path) === 'source' && language.extensions.includes(extensionOf(path))),
  }))
  const [most] = languages
    .filter(({ paths }) => paths.length > 1)
    .toSorted((a, b) => b.paths.length - a.paths.length)
  const search = most && searchFor(survey, most.extensions, most.pattern)
  if (!search) return []
  if (most.paths.length <= SEARCHED_AT_ONCE_MAX) return [search]
  const places = searchPlaces(most.paths, '')
  return places.length > IMPORT_SEARCHES_MAX ? [] : places.map((path) => ({ ...search, path }))
}

/**
 * Folders that hold few enough files each, and the files beside larger ones, until every file is in one of
 * them.
 */
function searchPlaces(paths: readonly string[], folder: string): readonly string[] {
  const children = new Map<string, string[]>()
  for (const path of paths) {
    const child = folder + (path.slice(folder.length).split('/')[0] ?? '')
    children.set(child, [...(children.get(child) ?? []), path])
  }
  return [...children].flatMap(([child, inside]) =>
    inside.length <= SEARCHED_AT_ONCE_MAX ? [child] : searchPlaces(inside, `${child}/`),
  )
}

/** The files that most others import. Empty when that is not known for sure. */
export function centralFiles(
  survey: Survey,
): readonly { readonly path: string; readonly importers: number }[] {
  const found = importSearches(survey).map((search) => survey.searches.get(searchKey(search)))
  if (found.some((one) => one === undefined || one.isCut)) return []
  const sources = survey.files.map(({ path }) => path).filter((path) => kindOf(path) === 'source')
  const own = new Set(sources)
  const hits = found.flatMap((one) => one?.hits ?? []).filter(({ path }) => own.has(path))
  return importCounts(hits, own).filter(({ importers }) => importers > 1)
}

/** The rules that have something to look at here, each with its search. */
export function ruleSearches(
  survey: Survey,
): readonly { readonly rule: SearchRule; readonly search: Search }[] {
  return SEARCH_RULES.flatMap((rule) => {
    const search = searchFor(survey, rule.extensions, rule.pattern, rule.ignoresCase)
    return search && filesFor(survey, rule) > 0 ? [{ rule, search }] : []
  })
}

/** How many files a rule is about. */
export function filesFor({ files }: Survey, { extensions, kinds }: SearchRule): number {
  return files.filter(
    ({ path }) =>
      kinds.includes(kindOf(path)) && (extensions === null || extensions.includes(extensionOf(path))),
  ).length
}

function searchFor(
  { files, parts }: Survey,
  extensions: readonly string[] | null,
  pattern: string,
  ignoresCase = false,
): Search | null {
  const present = new Set(files.filter(isOwn).map(({ path }) => extensionOf(path)))
  const used = extensions?.filter((extension) => present.has(extension)) ?? null
  if (used?.length === 0) return null
  const glob = used === null ? null : used.length === 1 ? `**/*.${used[0]}` : `**/*.{${used.join(',')}}`
  return { pattern, glob, ignoresCase, path: parts.length === 1 ? (parts[0] ?? null) : null }
}
