import type { OpenRequest } from '../../actors/open-requests.ts'
import { safeLine } from '../safe-text.ts'
import { nextRow } from '../tasks/page.ts'
import { agoWords, dayAndTime } from '../tasks/times.ts'
import { approvalRows, questionRows } from '../terminal/request-rows.ts'
import { type Row, span } from '../terminal/style.ts'

export interface RequestForm {
  readonly shortIds: ReadonlyMap<string, string>
  readonly columns: number
  readonly now: number
}

/** What waits for a person: every byte of what would be done, since when, and how to answer. */
export function requestRows(request: OpenRequest, { shortIds, columns, now }: RequestForm): readonly Row[] {
  const { taskId, callId, kind, askedAt, expiresAt, shown } = request
  const name = safeLine(`${shortIds.get(taskId) ?? taskId}/${callId}`)
  const until = expiresAt === null ? 'for as long as it takes' : `until ${dayAndTime(expiresAt)}`
  const body = kind === 'question' ? questionRows(request, columns) : approvalRows(request, columns, false)
  const answers =
    kind === 'question'
      ? [`troupe approve ${name} --text "…"`, `troupe deny ${name}`]
      : [`troupe approve ${name}`, `troupe deny ${name} --note "…"`]
  return [
    // The blank row above it is for a question that interrupts.
    ...body.slice(1),
    [span(`  asked ${dayAndTime(askedAt)}, ${agoWords(askedAt, now)}; waits ${until}`, 'faint')],
    [span(`  mark  ${safeLine(shown)}`, 'faint')],
    ...answers.map((command): Row => [span('  '), ...nextRow('', command)]),
  ]
}
