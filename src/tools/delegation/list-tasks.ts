import { DEFAULTS } from '../../protocol/defaults.ts'
import type { Crew, CrewMember } from '../crew.ts'
import { strict } from '../strict.ts'
import { linesWithin } from '../text/lines-within.ts'
import { defineTool } from '../tool.ts'
import { capacityInWords, INNER, statusInWords } from './in-words.ts'

const TITLE_CHARACTERS_MAX = 120
const NOTES_BYTES_MAX = 300
/** Below what a model is shown, so that the answer is cut between lines and says so itself. */
const ANSWER_BYTES_MAX = DEFAULTS.toolOutputBytes - NOTES_BYTES_MAX

/** Says how the tasks stand that work for one. */
export const listTasks = (crew: Crew) =>
  defineTool({
    name: 'list_tasks',
    description:
      'Lists the tasks that work for you, and those that work for them, one a line: those that go on first, then those that have ended. ' +
      'The first line says how many work in the background, how many may, and how many wait for a slot. It shows how tasks stand, not ' +
      'what they found. Do not ask again and again: go on with your work, or use wait_for_tasks.',
    input: strict({}),
    effect: 'pure',
    access: () => INNER,
    execute(_, { taskId }) {
      const all = crew.descendants(taskId)
      if (all.length === 0) return `${capacityInWords(crew)}\nNo task works for you.`
      const sorted = [...all.filter((it) => !it.hasEnded), ...all.filter((it) => it.hasEnded)]
      const lines = sorted.map((member) => inOneLine(member, taskId))
      const shown = linesWithin(lines, ANSWER_BYTES_MAX)
      const left = lines.length - shown.length
      const note = left > 0 ? [`… ${left} more are not shown.`] : []
      return [capacityInWords(crew), ...shown, ...note].join('\n')
    },
  })

function inOneLine(member: CrewMember, asker: string): string {
  const { taskId, parent, agent, title, background, turns, hasEnded, isTold } = member
  const isOwn = parent === asker
  const notes = [
    ...(background && !hasEnded ? ['in the background'] : []),
    `${turns} ${turns === 1 ? 'turn' : 'turns'}`,
    ...(hasEnded && isOwn && !isTold ? ['its report is still to come'] : []),
    ...(isOwn ? [] : [`works for ${parent}`]),
  ]
  const name = JSON.stringify(title.slice(0, TITLE_CHARACTERS_MAX))
  return `${taskId}  ${agent}  ${name}  ${statusInWords(member)} (${notes.join(', ')})`
}
