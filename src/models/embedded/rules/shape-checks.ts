/**
 * What the listing and the lengths of files give away.
 */
import { isContinuousIntegration } from '../choices.ts'
import { count, grouped } from '../report/quote.ts'
import { isOwn, type Survey } from '../survey.ts'
import type { Evidence, Finding } from './findings.ts'
import { kindOf } from './kinds.ts'
import { isSecretFile, nodeLocks, stemOf } from './listing-checks.ts'

const LONG_FILE_LINES = 500
const LARGE_FILE_BYTES = 1_000_000
/** Below this a missing test folder says little. */
const SOURCES_MIN = 3
/** Files too small to be worth a test of their own. */
const UNTESTED_BYTES_MIN = 2_000

/** Findings about the shape of the workspace. */
export function shapeFindings(survey: Survey): readonly Finding[] {
  const { listing, parts } = survey
  const always = [secretFiles(survey), longFiles(survey), largeFiles(survey)]
  // What is absent can be told only when everything was seen.
  const seesAll = listing !== null && !listing.isCut && parts.length === 0
  return seesAll
    ? [...always, noTests(survey), untested(survey), twoLocks(survey), missingFiles(survey)]
    : always
}

function secretFiles({ files }: Survey): Finding {
  return {
    id: 'secret-file',
    title: 'Files that hold secrets by their name',
    why: 'Whoever can read the repository can use what is in them.',
    advice:
      'Check whether they are under version control. They were not read, and nothing of them is quoted.',
    weight: 90,
    isAtLeast: false,
    places: files
      .filter((file) => isSecretFile(file.path) && isOwn(file) && kindOf(file.path) !== 'fixture')
      .map(({ path, bytes }) => evidence(path, `${grouped(bytes)} bytes`)),
  }
}

function longFiles({ pages, files }: Survey): Finding {
  const known = new Set(files.map(({ path }) => path))
  const long = [...pages.values()]
    .filter(
      ({ path, linesTotal }) => known.has(path) && linesTotal > LONG_FILE_LINES && kindOf(path) === 'source',
    )
    .toSorted((a, b) => b.linesTotal - a.linesTotal)
  return {
    id: 'long-file',
    title: `Source files of more than ${LONG_FILE_LINES} lines`,
    why: 'A file that does not fit in a head is changed with fear, and by several people at once.',
    advice: 'Split it by what changes together.',
    weight: 40,
    isAtLeast: false,
    places: long.map(({ path, linesTotal }) => evidence(path, `${grouped(linesTotal)} lines`)),
  }
}

function largeFiles({ files }: Survey): Finding {
  return {
    id: 'large-file',
    title: 'Files of more than a megabyte',
    why: 'Every clone carries each of their versions for ever.',
    advice: 'Keep what is generated or downloaded out of the repository, or use large-file storage.',
    weight: 25,
    isAtLeast: false,
    places: files
      .filter((file) => file.bytes > LARGE_FILE_BYTES && kindOf(file.path) !== 'lock')
      .toSorted((a, b) => b.bytes - a.bytes)
      .map(({ path, bytes }) => evidence(path, `${grouped(bytes)} bytes`)),
  }
}

function noTests({ files }: Survey): Finding {
  const sources = files.filter(({ path }) => kindOf(path) === 'source').toSorted((a, b) => b.bytes - a.bytes)
  const hasTests = files.some(({ path }) => kindOf(path) === 'test')
  const [largest] = sources
  return {
    id: 'no-tests',
    title: 'No test files',
    why: 'Nothing tells whether a change broke something.',
    advice: 'Begin with a test of the largest file, or of the one that changes most.',
    weight: 70,
    isAtLeast: false,
    places:
      hasTests || largest === undefined || sources.length < SOURCES_MIN
        ? []
        : [
            evidence(
              largest.path,
              `the largest of ${count(sources.length, 'source file')}; none has a name or folder of a test`,
            ),
          ],
  }
}

function untested({ files }: Survey): Finding {
  const tests = files.filter(({ path }) => kindOf(path) === 'test')
  const tested = new Set(tests.map(({ path }) => stemOf(path)))
  // Where most have none, tests are not named after files here, and the comparison means nothing.
  const sources = files.filter(({ path, bytes }) => kindOf(path) === 'source' && bytes >= UNTESTED_BYTES_MIN)
  const places = sources
    .filter(({ path }) => !tested.has(stemOf(path)))
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .map(({ path, bytes }) => evidence(path, `${grouped(bytes)} bytes`))
  return {
    id: 'untested',
    title: 'Larger source files that no test file is named after',
    why: 'They may be tested by others, but a reader cannot find where, and names are all this rule compares.',
    advice: 'See whether the largest are covered; name tests after what they test.',
    weight: 22,
    isAtLeast: false,
    places: tests.length === 0 || places.length * 2 > sources.length ? [] : places,
  }
}

function twoLocks({ files }: Survey): Finding {
  const locks = nodeLocks(files.map(({ path }) => path))
  return {
    id: 'two-locks',
    title: 'Lock files of several package managers side by side',
    why: 'Two people get different dependencies, depending on what they type.',
    advice: 'Keep one, delete the others, and say which in the manifest.',
    weight: 45,
    isAtLeast: false,
    places: [...locks.values()]
      .filter((paths) => paths.length > 1)
      .flatMap((paths) => paths.map((path) => evidence(path, null))),
  }
}

/** What a newcomer looks for in the root. Its evidence is where it would be expected to be spoken of. */
function missingFiles({ files, manifests }: Survey): Finding {
  const hasRoot = (pattern: RegExp) => files.some(({ path }) => pattern.test(path))
  // Some listings leave out hidden files; then nothing can be said about what lives in hidden folders.
  const seesHidden = files.some(({ path }) => path.startsWith('.'))
  const hasAutomation = files.some(({ path }) => isContinuousIntegration(path))
  const missing = [
    hasRoot(/^readme(\.\w+)?$/i) ? null : 'README',
    hasRoot(/^(licen[cs]es?|copying|unlicense)([.-]\w+)?(\.\w+)?(\/|$)/i) ? null : 'licence',
    hasAutomation || !seesHidden ? null : 'continuous integration',
  ].filter((name) => name !== null)
  const anchor = manifests[0]?.path ?? files.find(isOwn)?.path
  return {
    id: 'missing-file',
    title: 'What a newcomer looks for and does not find',
    why: 'Without a README nobody knows where to begin; without a licence nobody may use it; without automation nobody checks.',
    advice: 'Add what applies here.',
    weight: 20,
    isAtLeast: false,
    places:
      anchor === undefined || files.length === 0
        ? []
        : missing.map((name) => evidence(anchor, `no ${name} among ${count(files.length, 'listed file')}`)),
  }
}

/** About the file as a whole, so no line of it is meant. */
function evidence(path: string, remark: string | null): Evidence {
  return { path, line: null, excerpt: null, remark }
}
