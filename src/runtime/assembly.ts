import type { InspectionEvent } from 'xstate'
import type { HookCaller } from '../actors/hooks.ts'
import type { Listeners } from '../actors/listeners.ts'
import type { LiveBodies } from '../actors/live-bodies.ts'
import type { OpenRequests } from '../actors/open-requests.ts'
import type { Host } from '../host.ts'
import type { taskMachine } from '../machines/task.ts'
import type { Policy } from '../protocol/boundary.ts'
import type { Concurrency } from '../protocol/concurrency.ts'
import type { Tool } from '../tools/tool.ts'
import type { AdmissionParts } from './starting/admission.ts'
import type { Members } from './members/members.ts'
import type { Signals } from './starting/signals.ts'
import type { Supervisor } from './supervisor.ts'
import type { Taking } from './taking/one-at-a-time.ts'
import type { Tidying, ToForget } from './tidying.ts'

/** Any XState inspection callback. What it throws stays with it. */
export type Inspect = (event: InspectionEvent) => unknown

/** What a runtime is told besides its host: who works, with what, and by whose rules. */
export interface RuntimeParts extends AdmissionParts {
  readonly tools: readonly Tool[]
  readonly policy: Policy
  /** Whether commands run by the bash that they are judged for; else no rule allows one. */
  readonly hasBash: boolean
  /** When nobody can be asked: refuse at once, or wait for `approvals.answer`. */
  readonly onAsk: 'refuse' | 'park' | null
  readonly inspect: Inspect | null
  /** How much may go on at once in the background. */
  readonly concurrency: Concurrency
  readonly toForget: ToForget
}

/** What the functions of one runtime share. */
export interface Assembly {
  readonly host: Host
  readonly parts: RuntimeParts
  readonly members: Members
  readonly machine: typeof taskMachine
  readonly listeners: Listeners
  readonly bodies: LiveBodies
  readonly requests: OpenRequests
  readonly signals: Signals
  readonly supervisor: Supervisor
  readonly hooks: HookCaller
  readonly tidying: Tidying
  readonly taking: Taking
  closing: Promise<void> | null
}
