/**
 * What to do next. The plan is a row of steps; each says which calls it still wants, and the first that
 * wants any
 * speaks. A step's wishes depend only on what earlier steps brought, so the row always comes to its end.
 */
import type { AskedCall, ModelRequest } from '../../protocol/model.ts'
import { importSearches, overviewFiles, ruleSearches, SOURCE_LINES, sourceFiles } from './choices.ts'
import { deedsOf, inputText } from './reading/conversation.ts'
import { closingWords } from './report/closing.ts'
import { count, plain } from './report/quote.ts'
import { reportOf } from './report/report.ts'
import { type Search, type Survey, surveyOf, wasMade } from './survey.ts'
import { type Writing, writingOf } from './writing.ts'

/** What is said in one turn. No calls is the last word. */
export interface Move {
  readonly text: string
  readonly calls: readonly AskedCall[]
}

interface Step {
  readonly say: (survey: Survey, calls: readonly AskedCall[]) => string
  readonly calls: (survey: Survey) => readonly AskedCall[]
}

/** How often an end that was refused is tried again before the last word is simply said. */
const ENDS_MAX = 2
const MORE_LISTINGS_MAX = 12
const NAMED_FILES_MAX = 3

const STEPS: readonly Step[] = [
  {
    say: () => 'I plan the survey and list the files of the workspace.',
    calls: () => [todos(0), { tool: 'list_files', input: {} }],
  },
  {
    say: () => 'The list was cut off, so I ask again for single folders and kinds of file.',
    calls: (survey) => (survey.listing?.isCut === true ? moreListings(survey) : []),
  },
  {
    say: (_, calls) => `I look at what says what this is and how it is built: ${named(calls)}.`,
    calls: (survey) => [
      ...overviewFiles(survey).map((path) => ({ tool: 'read_file', input: { path } })),
      ...importSearches(survey).map(searchCall),
    ],
  },
  {
    say: (_, calls) => `I read the beginnings of the central and the largest source files: ${named(calls)}.`,
    calls: (survey) => {
      const reads = sourceFiles(survey).map((path) => ({
        tool: 'read_file',
        input: { path, lines: SOURCE_LINES },
      }))
      return reads.length === 0 ? [] : [todos(2), ...reads]
    },
  },
  {
    say: (_, calls) => `I search for signs of trouble by ${count(calls.length, 'rule')}.`,
    calls: (survey) => ruleSearches(survey).map(({ search }) => searchCall(search)),
  },
]

/** The next reply, from nothing but the request. */
export function nextMove(request: ModelRequest): Move {
  const survey = surveyOf(request)
  for (const step of STEPS) {
    const wanted = step.calls(survey).filter((call) => survey.tools.has(call.tool) && !wasMade(survey, call))
    if (wanted.some(({ tool }) => tool !== 'update_todo_list'))
      return { text: step.say(survey, wanted), calls: wanted }
  }
  return lastMoves(survey)
}

/** Write the report, then end. */
function lastMoves(survey: Survey): Move {
  const report = reportOf(survey)
  const writing: Writing = survey.goal.isSurvey
    ? writingOf(survey, report)
    : { kind: 'unwritten', why: 'the goal asks for no report' }
  if (writing.kind === 'do') {
    const isRead = writing.call.tool === 'read_file'
    const text = isRead
      ? 'A file of the report’s name is there; I read it before I replace anything.'
      : 'I write the report.'
    return { text, calls: [...untold(survey, todos(3)), writing.call] }
  }

  const result = closingWords(survey, writing, report)
  const ends = deedsOf(survey.deeds, 'attempt_completion')
  const hasEnded = ends.some((deed) => deed.result?.kind === 'ok')
  if (!survey.tools.has('attempt_completion') || ends.length >= ENDS_MAX || hasEnded)
    return { text: result, calls: [] }
  return {
    text: writing.kind === 'written' ? 'The report is written.' : 'I am done and say what I found.',
    calls: [...untold(survey, todos(PLAN.length)), { tool: 'attempt_completion', input: { result } }],
  }
}

const PLAN = [
  'List the files of the workspace',
  'Read what says what it is and how it is built',
  'Read central source files and search for signs of trouble',
  'Say what was found, with places',
]

/** The list of steps when the one at `current` is being done. */
function todos(current: number): AskedCall {
  const status = (index: number) => (index < current ? 'done' : index === current ? 'doing' : 'open')
  return {
    tool: 'update_todo_list',
    input: { todos: PLAN.map((text, index) => ({ text, status: status(index) })) },
  }
}

function untold(survey: Survey, call: AskedCall): readonly AskedCall[] {
  return survey.tools.has(call.tool) && !wasMade(survey, call) ? [call] : []
}

function searchCall({ pattern, glob, ignoresCase, path }: Search): AskedCall {
  const input = {
    pattern,
    ...(path === null ? {} : { path }),
    ...(glob === null ? {} : { glob }),
    ...(ignoresCase ? { ignore_case: true } : {}),
  }
  return { tool: 'search_files', input }
}

/** A cut list still names folders; asking for each brings most of the rest. */
function moreListings(survey: Survey): readonly AskedCall[] {
  const folders = new Set(
    survey.allFiles.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])),
  )
  return [
    {
      tool: 'list_files',
      input: { glob: '**/{README*,package.json,pyproject.toml,Cargo.toml,go.mod,pom.xml,Makefile}' },
    },
    ...[...folders].slice(0, MORE_LISTINGS_MAX).map((path) => ({ tool: 'list_files', input: { path } })),
  ]
}

function named(calls: readonly AskedCall[]): string {
  const paths = calls.flatMap((call) => {
    const path = call.tool === 'read_file' ? inputText({ call }, 'path') : null
    return path === null ? [] : [plain(path)]
  })
  const rest = paths.length - NAMED_FILES_MAX
  const shown = paths.slice(0, NAMED_FILES_MAX).join(', ')
  if (paths.length === 0) return 'no README and no manifest, so only which file imports which'
  return rest > 0 ? `${shown} and ${count(rest, 'other')}` : shown
}
