/**
 * The report, as Markdown. Headings and explanations are ours; every word of the workspace comes through
 * quote.ts.
 */
import { filesFor } from '../choices.ts'
import { type Evidence, type Finding, findingsOf, type RuleRun, ruleRuns } from '../rules/findings.ts'
import { kindOf } from '../rules/kinds.ts'
import { isOwn, type Survey } from '../survey.ts'
import { SIGNATURE } from '../writing.ts'
import { code, count, grouped, place, plain, prose } from './quote.ts'
import { buildSection, readingSection, selfSection } from './sections.ts'
import { codeLanguages, shapeSection } from './tables.ts'

const FINDINGS_MAX = 12
const PLACES_MAX = 5
const REFUSALS_MAX = 8
const NOTES_MAX = 3

/** The whole report. The same survey gives the same report, byte for byte. */
export function reportOf(survey: Survey): string {
  const findings = findingsOf(survey)
  const sections = [
    ['# Survey of this workspace', '', SIGNATURE],
    [
      'It lists, counts, searches and quotes; it does not understand. Look at each place before you act on it.',
      '',
    ],
    shortSection(survey, findings),
    selfSection(survey),
    shapeSection(survey),
    buildSection(survey),
    readingSection(survey),
    findingsSection(findings),
    lookedSection(survey),
  ]
  return `${sections.flat().join('\n').trimEnd()}\n`
}

function shortSection(survey: Survey, findings: readonly Finding[]): readonly string[] {
  const scope =
    survey.parts.length === 0
      ? []
      : [`- Only these parts, which the goal names: ${survey.parts.map((part) => place(part)).join(', ')}.`]
  return [
    '## In short',
    '',
    ...scope,
    `- ${sizeLine(survey)}`,
    ...headlines(findings, 3).map((line) => `- ${line}`),
    '',
  ]
}

/** How much there is, in one sentence. */
export function sizeLine(survey: Survey): string {
  const { listing, files } = survey
  if (listing === null) return 'The files could not be listed, so nothing can be said about them.'
  if (files.length === 0) return 'There are no files to look at.'
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const code = codeLanguages(survey).slice(0, 3)
  const most = code.map(({ name, files: amount }) => `${name} ${grouped(amount)}`).join(', ')
  const size = `${listing.isCut ? 'At least ' : ''}${count(files.length, 'file')}, ${count(bytes, 'byte')}`
  return `${size}${most === '' ? '; none in a programming language known to the rules' : `; code: ${most}`}.`
}

/** The heaviest findings, one line each, with their first place. */
export function headlines(findings: readonly Finding[], linesMax: number): readonly string[] {
  if (findings.length === 0) return ['The rules found nothing to report.']
  return findings.slice(0, linesMax).map((finding) => {
    const [first] = finding.places
    return `${finding.title}: ${first ? located(first) : ''} (${amountOf(finding)})`
  })
}

function amountOf({ places, isAtLeast }: Finding): string {
  const files = new Set(places.map(({ path }) => path)).size
  if (places.length === 1 && !isAtLeast) return '1 place'
  return `${isAtLeast ? 'at least ' : ''}${count(places.length, 'place')} in ${count(files, 'file')}`
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function located({ path, line }: Evidence): string {
  return line === null ? place(path) : place(path, line)
}

function findingsSection(findings: readonly Finding[]): readonly string[] {
  const rest = findings.slice(FINDINGS_MAX)
  return [
    '## Findings, heaviest first',
    '',
    ...(findings.length === 0 ? ['The rules found nothing to report.', ''] : []),
    ...findings
      .slice(0, FINDINGS_MAX)
      .flatMap((finding, index) => [
        `### ${index + 1}. ${finding.title}`,
        '',
        `${sentence(amountOf(finding))} ${finding.why} ${finding.advice}`,
        '',
        ...finding.places.slice(0, PLACES_MAX).map(placeLine),
        ...moreLine(finding.places.slice(PLACES_MAX)),
        '',
      ]),
    ...rest.map((finding) => `- ${headlines([finding], 1).join('')}`),
    ...(rest.length === 0 ? [] : ['']),
  ]
}

function placeLine(evidence: Evidence): string {
  const { excerpt, remark } = evidence
  return `- ${located(evidence)}${excerpt === null ? '' : ` ${code(excerpt)}`}${remark === null ? '' : ` (${remark})`}`
}

function moreLine(places: readonly Evidence[]): readonly string[] {
  if (places.length === 0) return []
  const files = [...new Set(places.map(({ path }) => path))]
  return [`- and ${count(places.length, 'more place')} in ${count(files.length, 'file')}`]
}

function lookedSection(survey: Survey): readonly string[] {
  const { listing, pages, refusals, files } = survey
  const runs = ruleRuns(survey)
  const foreign = files.filter((file) => !isOwn(file)).length
  const fixtures = files.filter(({ path }) => kindOf(path) === 'fixture').length
  const read = [...pages.values()]
  return [
    '## What was looked at, and what was not',
    '',
    `- Listed: ${count(files.length, 'file')}. What .gitignore names is not listed; reports of this model are not counted.`,
    ...(listing?.isCut === true
      ? ['- The list was cut off. Nothing is said about what may be missing, and counts are at least.']
      : []),
    ...(listing?.notes ?? []).slice(0, NOTES_MAX).map((note) => `- The list came with a note: ${code(note)}`),
    `- Read: ${count(read.length, 'file')}, ${grouped(read.filter(({ isWhole }) => isWhole).length)} of them whole. All others were only searched or counted.`,
    `- Searched and not reported: ${count(foreign, 'vendored, generated or lock file')} and ${count(fixtures, 'fixture')}.`,
    ...runLines(survey, runs),
    ...refusals
      .slice(0, REFUSALS_MAX)
      .map(({ what, tool, why }) => `- Not seen: ${code(what)} (${tool}: ${prose(plain(why), 200)})`),
    ...(refusals.length > REFUSALS_MAX
      ? [`- and ${count(refusals.length - REFUSALS_MAX, 'more refusal')}`]
      : []),
    '- Nothing was run: no build, no test, no command. For a survey that understands what it reads, set OPENAI_API_KEY.',
  ]
}

function runLines(survey: Survey, runs: readonly RuleRun[]): readonly string[] {
  if (runs.length === 0) return ['- Searched: nothing, by no rule.']
  const quiet = runs
    .filter(({ hits }) => hits.length === 0)
    .map(({ rule }) => `${rule.title.toLowerCase()} (${count(filesFor(survey, rule), 'file')})`)
  const cut = runs.filter(({ isCut }) => isCut).map(({ rule }) => rule.title.toLowerCase())
  const leftOut = runs.reduce((sum, run) => sum + run.leftOut, 0)
  return [
    `- Searched: by ${count(runs.length, 'rule')}; ${count(leftOut, 'hit')} left out as not meant (in text, fixtures, foreign files, lists of words).`,
    ...(quiet.length === 0 ? [] : [`- Looked for and not found: ${quiet.join('; ')}.`]),
    ...(cut.length === 0
      ? []
      : [`- Searches that were cut off, so their counts are at least: ${cut.join('; ')}.`]),
  ]
}
