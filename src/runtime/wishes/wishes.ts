/** What whoever asks from outside may say, checked, and as an order that can be carried anywhere. */
import { z } from 'zod'
import { readAnswer } from '../../actors/answers.ts'
import { issueInWords } from '../../boundary/layer.ts'
import { UsageError } from '../../errors.ts'
import type { RemoteOrder } from '../../protocol/remote.ts'
import type { Holder } from '../../protocol/task.ts'
import { notAsking, taskOf } from './approvals.ts'

/** Yes or no to a call, or words in answer to a question. */
export type HumanAnswer = (
  | { readonly allow: boolean; readonly note?: string | undefined }
  | { readonly text: string | null }
) & {
  /** The mark of what the person was shown: a yes to anything else does not count. Absent: not compared. */
  readonly shown?: string | undefined
  /** Who answers, as the journal will say. Absent: `host`. */
  readonly by?: string | undefined
}

/** Who holds a task still, and whether that goes for all that work for it. */
export interface Hold {
  /** Absent: the user. A word of one's own keeps holds apart: the task goes on when the last one lets go. */
  readonly by?: Holder | undefined
  /** Absent: yes. */
  readonly subtree?: boolean | undefined
}

/** Lets go of a task, and with that of all that are held together with it. */
export interface Release {
  /** Absent: the user. */
  readonly by?: Holder | undefined
  /** Something to say to the task before it goes on. */
  readonly message?: string | undefined
}

/** A word, in lower case, with dashes. */
const HOLDER = /^[a-z][a-z0-9-]{0,63}$/
const MESSAGE_CHARACTERS_MAX = 100_000

const holdSchema = z.strictObject({ by: z.string().optional(), subtree: z.boolean().optional() })
const releaseSchema = z.strictObject({ by: z.string().optional(), message: z.string().optional() })

export function pauseOrder(taskId: string, hold: Hold): Order<'pause'> {
  const { subtree = true } = checked<Hold>(holdSchema, hold, 'pause')
  return { taskId, verb: 'pause', by: holderIn(hold), subtree }
}

export function resumeOrder(taskId: string, release: Release): Order<'resume'> {
  const { message } = checked<Release>(releaseSchema, release, 'resume')
  const by = holderIn(release)
  return { taskId, verb: 'resume', by, message: message === undefined ? null : checkedText(message) }
}

export function messageOrder(taskId: string, text: string): Order<'message'> {
  return { taskId, verb: 'message', text: checkedText(text) }
}

export function answerOrder(id: string, given: HumanAnswer): Order<'answer'> {
  const taskId = taskOf(id)
  if (taskId === '') throw notAsking(id)
  return { taskId, verb: 'answer', answer: readAnswer(id, given) }
}

type Order<V extends RemoteOrder['verb']> = Extract<RemoteOrder, { verb: V }>

/** A misspelled option would otherwise hold more, or let go of less, than was meant. */
function checked<T>(schema: z.ZodType<T> & { readonly shape: object }, given: T, what: string): T {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  throw new UsageError(`${what}: ${issueInWords(read.error.issues[0], Object.keys(schema.shape))}`)
}

function holderIn({ by = 'user' }: Pick<Hold, 'by'>): Holder {
  if (HOLDER.test(by)) return by
  throw new UsageError(`by: ${JSON.stringify(by)} is no word in lower case, such as "user" or "night-shift".`)
}

export function checkedText(text: string): string {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= MESSAGE_CHARACTERS_MAX) return text
  throw new UsageError(`A message is a text of 1 to ${MESSAGE_CHARACTERS_MAX} characters.`)
}
