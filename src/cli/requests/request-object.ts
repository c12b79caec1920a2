import type { OpenRequest } from '../../actors/open-requests.ts'

/** What waits for a person, as a script reads it: everything that would be done, and until when. */
export function requestObject(request: OpenRequest): Readonly<Record<string, unknown>> {
  const { id, kind, taskId, callId, agent, shown, askedAt, expiresAt, ...what } = request
  return { id, kind, taskId, callId, agent, ...what, shown, askedAt, expiresAt }
}
