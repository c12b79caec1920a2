/** Names for entries that stay the same from life to life: by what they are about, not by their number. */
import type { Entry, Heard } from '../../../src/protocol/journal.ts'
import type { AskedCall } from '../../../src/protocol/model.ts'
import { LEAD_TITLE } from './plan.ts'

interface Labels {
  of(entry: Entry): string
}

export function createLabels(): Labels {
  const roles = new Map<string, string>()
  const calls = new Map<string, string>()

  function about(taskId: string, fact: Heard): string {
    if (fact.type === 'model.replied') return fact.reply.calls.map(nameOfCall).join('+')
    if ('callId' in fact) return calls.get(`${taskId} ${fact.callId}`) ?? '?'
    if (fact.type === 'child.ended') return fact.report.title
    if ('by' in fact) return fact.by ?? ''
    return ''
  }

  return {
    of({ taskId, fact }) {
      if (fact.type === 'task.created') roles.set(taskId, roleOf(fact.spec.title))
      if (fact.type === 'model.replied')
        for (const call of fact.reply.calls) calls.set(`${taskId} ${call.id}`, nameOfCall(call))
      return [roles.get(taskId) ?? '?', fact.type, about(taskId, fact)].join(' ').trim()
    },
  }
}

const roleOf = (title: string) => (title === LEAD_TITLE ? 'lead' : title)

/** Told apart from other calls of the same tool by what is small and its own. */
function nameOfCall({ tool, input }: AskedCall): string {
  const { title, path, todos } = (input ?? {}) as {
    title?: string
    path?: string
    todos?: { status: string }[]
  }
  const detail = title ?? path ?? (todos && todos.filter(({ status }) => status === 'done').length)
  return detail === undefined ? tool : `${tool}(${detail})`
}
