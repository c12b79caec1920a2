import type { ListedFile } from './reading/outputs.ts'

/** What a person wants, as far as rules can tell. */
export interface Goal {
  /**
   * A survey is all this model can do. Anything else is answered with that, and with the survey as far as
   * it helps.
   */
  readonly isSurvey: boolean
  /** Where the report shall be, by the goal's words or by default. */
  readonly reportPath: string
}

export const REPORT_PATH = 'troupe-report.md'
const GOAL_CHARS_MAX = 20_000

const SURVEY =
  /\b(survey|report|overview|summar(y|i[sz]e)|describe|analy[sz]e|audit|review|inspect|explore|tour|assess|look (at|through|around|over)|read through|go through|examine|get to know)\b/i
/** An order to change something, where an order stands: at the beginning, or after a comma or an `and`. */
const WORK =
  /(?:^|[.;:,!?\n]\s*|\b(?:and|then|please)\s+)(fix|implement|add|change|refactor|rename|delete|remove|upgrade|migrate|port|convert|replace|update|debug|solve|repair|improve|optimi[sz]e|translate|commit|merge|deploy|publish)\b/i
const FORBIDDEN = /\b(?:do not|don't|don’t|never|without)\s+\w+/gi
const REPORT_NAME =
  /\b(?:to|into|in|as|called|named|file)\s+(?:the\s+|a\s+)?(?:file\s+)?["'`“]?((?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(?:md|markdown|txt))\b/i

/** Reads a goal. Only the person's own words are ever asked. */
export function readGoal(text: string): Goal {
  const words = text.slice(0, GOAL_CHARS_MAX).replace(FORBIDDEN, ' ')
  const named = /\b(write|report|save|put|store|survey)\b/i.test(words)
    ? REPORT_NAME.exec(words)?.[1]
    : undefined
  return {
    isSurvey: SURVEY.test(words) && !WORK.test(words),
    reportPath: named === undefined || named.split('/').includes('..') ? REPORT_PATH : named,
  }
}

/** A part of the workspace that the goal names: a file or a folder that is really there. */
export function namedParts(
  goal: string,
  files: readonly ListedFile[],
  reportPath: string,
): readonly string[] {
  const tokens = goal.slice(0, GOAL_CHARS_MAX).match(/[\w@.-]+(?:\/[\w@.-]+)*\/?/g) ?? []
  const parts = new Set<string>()
  for (const token of tokens) {
    const path = token.replace(/^\.\//, '').replace(/[/.]+$/, '')
    // A bare word is a word, not a folder, unless it is written as a path or names a file.
    const looksLikePath = token.includes('/') || /\.\w+$/.test(path)
    if (path === '' || path === reportPath || !looksLikePath) continue
    if (files.some((file) => isWithin(file.path, path))) parts.add(path)
  }
  return [...parts]
}

/** Whether a path is the given file, or lies in the given folder. */
export function isWithin(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}/`)
}
