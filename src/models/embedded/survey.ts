/**
 * What is known of the workspace so far: the fold of everything that was called and answered. Nothing is
 * remembered
 * anywhere else, which is what makes the model the same before and after a crash.
 */
import type { Call, ModelRequest } from '../../protocol/model.ts'
import { type Goal, isWithin, namedParts, readGoal } from './goal.ts'
import { type Deed, deedsOf, inputText, outputText, readConversation } from './reading/conversation.ts'
import { type Manifest, readManifest } from './reading/manifests.ts'
import {
  type Found,
  type Listed,
  type ListedFile,
  type Page,
  readHits,
  readListing,
  readPage,
} from './reading/outputs.ts'
import { baseOf, kindOf } from './rules/kinds.ts'

export interface Survey {
  readonly goal: Goal
  readonly deeds: readonly Deed[]
  /** The tools it was offered. */
  readonly tools: ReadonlySet<string>
  /** `null` until a listing came back. */
  readonly listing: Listed | null
  /** Every file that was listed, without our own reports. */
  readonly allFiles: readonly ListedFile[]
  /** The parts the goal names; none means the whole workspace. */
  readonly parts: readonly string[]
  /** The files that the survey is about: within the parts, if any. */
  readonly files: readonly ListedFile[]
  readonly pages: ReadonlyMap<string, Page>
  readonly manifests: readonly Manifest[]
  readonly searches: ReadonlyMap<string, Found>
  /** What was tried and did not work, in the words of whoever said no. */
  readonly refusals: readonly Refusal[]
}

export interface Refusal {
  readonly what: string
  readonly tool: string
  readonly why: string
}

/** Reads the whole survey out of a request. */
export function surveyOf({ lines, tools }: ModelRequest): Survey {
  const { goal: words, deeds } = readConversation(lines)
  const goal = readGoal(words)
  const listing = mergedListing(deedsOf(deeds, 'list_files'))
  const allFiles = (listing?.files ?? []).filter(({ path }) => !isOwnReport(path, goal))
  const parts = namedParts(words, allFiles, goal.reportPath)
  const pages = pagesIn(deedsOf(deeds, 'read_file'), goal)
  return {
    goal,
    deeds,
    tools: new Set(tools.map(({ name }) => name)),
    listing,
    allFiles,
    parts,
    files:
      parts.length === 0
        ? allFiles
        : allFiles.filter(({ path }) => parts.some((part) => isWithin(path, part))),
    pages,
    manifests: [...pages.values()].flatMap((page) => readManifest(page) ?? []),
    searches: searchesIn(deedsOf(deeds, 'search_files')),
    refusals: refusalsIn(deeds, goal),
  }
}

/** A report of an earlier survey says nothing new about the workspace. */
export function isOwnReport(path: string, { reportPath }: Goal): boolean {
  return path === reportPath || /^troupe-report(-\d)?\.md$/.test(baseOf(path))
}

function mergedListing(deeds: readonly Deed[]): Listed | null {
  const listings = deeds.flatMap((deed) => outputText(deed) ?? []).map(readListing)
  const [first] = listings
  if (first === undefined) return null
  const files = new Map(listings.flatMap((listing) => listing.files).map((file) => [file.path, file]))
  return {
    files: [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    // Further listings only fill in what the first had to leave out; whether they filled in all, they can't
    // tell.
    isCut: first.isCut,
    notes: [...new Set(listings.flatMap(({ notes }) => notes))],
  }
}

function pagesIn(deeds: readonly Deed[], goal: Goal): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>()
  for (const deed of deeds) {
    const path = inputText(deed, 'path')
    const text = outputText(deed)
    if (path === null || text === null || isOwnReport(path, goal)) continue
    const page = readPage(path, text)
    if (page && !pages.has(path)) pages.set(path, page)
  }
  return pages
}

/** One search, ready to be asked. */
export interface Search {
  readonly pattern: string
  readonly glob: string | null
  readonly ignoresCase: boolean
  readonly path: string | null
}

/** A search is known by its pattern, its glob and where it looked. */
export function searchKey({ pattern, glob, path }: Omit<Search, 'ignoresCase'>): string {
  return JSON.stringify([pattern, glob, path])
}

function searchesIn(deeds: readonly Deed[]): ReadonlyMap<string, Found> {
  const searches = new Map<string, Found>()
  for (const deed of deeds) {
    const text = outputText(deed)
    const [pattern, glob, path] = ['pattern', 'glob', 'path'].map((key) => inputText(deed, key))
    if (text !== null && pattern)
      searches.set(searchKey({ pattern, glob: glob ?? null, path: path ?? null }), readHits(text))
  }
  return searches
}

const LOOKING: ReadonlySet<string> = new Set(['list_files', 'read_file', 'search_files'])

function refusalsIn(deeds: readonly Deed[], goal: Goal): readonly Refusal[] {
  return deeds.flatMap((deed) => {
    const { call, result } = deed
    if (result === null || result.kind === 'ok' || !LOOKING.has(call.tool)) return []
    const what = inputText(deed, 'path') ?? inputText(deed, 'pattern') ?? 'the workspace'
    if (isOwnReport(what, goal)) return []
    return [{ what, tool: call.tool, why: whyNot(result) }]
  })
}

/** Why a call came to nothing, as one phrase. */
export function whyNot(result: Exclude<Deed['result'], null>): string {
  if (result.kind === 'failed') return `${result.code}: ${result.message}`
  return result.kind === 'unknown' ? result.message : 'the answer could not be read'
}

/** Whether the same call was made before. */
export function wasMade({ deeds }: Survey, { tool, input }: Pick<Call, 'tool' | 'input'>): boolean {
  const wanted = JSON.stringify(input)
  return deeds.some(({ call }) => call.tool === tool && JSON.stringify(call.input) === wanted)
}

/** Whether the file is one that people here wrote, rather than took over or generated. */
export function isOwn({ path }: ListedFile): boolean {
  return !['vendored', 'generated', 'lock'].includes(kindOf(path))
}
