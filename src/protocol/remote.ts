import type { ChildReport } from './delegation.ts'
import type { Holder } from './task.ts'

/** What one process asks of the one that holds a task. It survives JSON. */
export type RemoteOrder = { readonly taskId: string } & (
  | { readonly verb: 'pause'; readonly by: Holder; readonly subtree: boolean }
  | { readonly verb: 'resume'; readonly by: Holder; readonly message: string | null }
  | { readonly verb: 'cancel'; readonly reason: string }
  | { readonly verb: 'message'; readonly text: string }
  | { readonly verb: 'toBackground' }
  | { readonly verb: 'answer'; readonly answer: RemoteAnswer }
  /** A task that works for it has ended elsewhere. */
  | { readonly verb: 'childEnded'; readonly report: ChildReport }
)

/** A person's answer to what a task waits for. */
export interface RemoteAnswer {
  /** `taskId/callId`. */
  readonly id: string
  /** Yes or no to a call; `null` where words are the answer. */
  readonly allow: boolean | null
  /** Words that answer a question, or go with a yes or a no. */
  readonly text: string | null
  /** The mark of what the person was shown. `null`: they did not say. */
  readonly shown: string | null
  /** Who answered, in words: `terminal of ada (1234)`. */
  readonly by: string
}
