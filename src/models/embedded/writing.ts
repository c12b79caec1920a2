/**
 * Where the report stands: what must be done next so that it lies in the workspace, and nothing of anyone
 * else's is lost.
 */
import type { AskedCall } from '../../protocol/model.ts'
import { type Deed, deedsOf, inputText, outputText } from './reading/conversation.ts'
import { type Survey, whyNot } from './survey.ts'

/** By this line a report is known as ours, and may be replaced by a newer one. */
export const SIGNATURE = 'Made by Troupe’s embedded model: rules, not a language model.'

const NAMES_MAX = 4
const TRIES_MAX = 3

export type Writing =
  | { readonly kind: 'do'; readonly call: AskedCall }
  | { readonly kind: 'written'; readonly path: string }
  | { readonly kind: 'unwritten'; readonly why: string }

/** The next step towards a written report, told by what was tried so far. */
export function writingOf(survey: Survey, report: string): Writing {
  if (!survey.tools.has('write_file'))
    return { kind: 'unwritten', why: 'this agent has no tool to write files' }
  for (const path of reportNames(survey.goal.reportPath)) {
    const step = stepFor(survey, path, report)
    if (step !== null) return step
  }
  return {
    kind: 'unwritten',
    why: `${survey.goal.reportPath} and the names next to it belong to somebody else`,
  }
}

/** The wanted name, then the same with numbers. */
function reportNames(path: string): readonly string[] {
  const [, stem = path, extension = ''] = /^(.*?)(\.[^./]+)?$/.exec(path) ?? []
  return Array.from({ length: NAMES_MAX }, (_, index) =>
    index === 0 ? path : `${stem}-${index + 1}${extension}`,
  )
}

/** What to do about one name; `null` when it is taken and the next should be tried. */
function stepFor(survey: Survey, path: string, report: string): Writing | null {
  const own = survey.deeds.filter((deed) => inputText(deed, 'path') === path)
  const writes = deedsOf(own, 'write_file')
  const last = writes.at(-1)
  if (last?.result?.kind === 'ok') return { kind: 'written', path }

  const seen = lookAt(own, last)
  if (seen === 'taken') return null
  if (seen === 'written') return { kind: 'written', path }
  if (last?.result?.kind === 'failed' && !ASKS_TO_READ.has(last.result.code)) {
    return { kind: 'unwritten', why: `write_file answered ${whyNot(last.result)}` }
  }
  if (writes.length >= TRIES_MAX)
    return { kind: 'unwritten', why: `${path} could not be written in ${TRIES_MAX} tries` }

  const mayExist = last !== undefined || survey.listing?.files.some((file) => file.path === path) === true
  if (mayExist && seen === 'unseen') return readFirst(survey, path)
  return { kind: 'do', call: { tool: 'write_file', input: { path, content: report } } }
}

/** What a writer must do before it may replace a file. */
const ASKS_TO_READ: ReadonlySet<string> = new Set(['file/not-read', 'file/changed'])

function readFirst(survey: Survey, path: string): Writing {
  if (survey.tools.has('read_file')) return { kind: 'do', call: { tool: 'read_file', input: { path } } }
  return { kind: 'unwritten', why: `${path} is there already, and this agent has no tool to read it first` }
}

/** What the file turned out to be, in the last look at it since the last attempt to write it. */
function lookAt(
  own: readonly Deed[],
  write: Deed | undefined,
): 'unseen' | 'taken' | 'ours' | 'free' | 'written' {
  const since = write === undefined ? own : own.slice(own.indexOf(write) + 1)
  const look = deedsOf(since, 'read_file').at(-1)
  if (look === undefined || look.result === null) return 'unseen'
  if (look.result.kind === 'failed') return look.result.code === 'file/not-found' ? 'free' : 'taken'
  const text = outputText(look) ?? ''
  const isOurs = text.includes(SIGNATURE)
  if (isOurs) return write?.result?.kind === 'unknown' ? 'written' : 'ours'
  return / \(empty\)\s*$/.test(text) ? 'free' : 'taken'
}
