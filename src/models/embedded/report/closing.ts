import { findingsOf } from '../rules/findings.ts'
import type { Survey } from '../survey.ts'
import { SIGNATURE, type Writing } from '../writing.ts'
import { place, plain } from './quote.ts'
import { headlines, sizeLine } from './report.ts'

const HEADLINES_MAX = 5

/** The last words: the heaviest findings, where the report is, and what this model cannot do. */
export function closingWords(survey: Survey, writing: Writing, report: string): string {
  const findings = findingsOf(survey)
  const lines = headlines(findings, HEADLINES_MAX).map((line, index) =>
    findings.length === 0 ? line : `${index + 1}. ${line}`,
  )
  const { isSurvey } = survey.goal
  return [
    ...(isSurvey ? [] : [CANNOT, '']),
    sizeLine(survey),
    '',
    ...lines,
    '',
    ...(isSurvey ? whereabouts(writing, report) : [scopeLine(survey)]),
    SIGNATURE,
  ].join('\n')
}

const CANNOT =
  'I cannot do this: I am a survey by fixed rules, not a language model, and I changed nothing. Set OPENAI_API_KEY (and OPENAI_BASE_URL for another provider) and run the same again for real work. What my rules see:'

function scopeLine({ parts }: Survey): string {
  const about = parts.length === 0 ? 'the whole workspace' : parts.map((part) => place(part)).join(', ')
  return `This is about ${about}. For a report as a file, ask for a survey.`
}

function whereabouts(writing: Writing, report: string): readonly string[] {
  if (writing.kind === 'written') return [`The report is in ${place(writing.path)}.`]
  const why = writing.kind === 'unwritten' ? plain(writing.why, 300) : 'it was not tried'
  return [`The report could not be written as a file (${why}). Here it is:`, '', report]
}
