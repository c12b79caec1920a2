import { type AskHumanParts, askHuman } from '../actors/effects/ask-human.ts'
import { type AskStop, askToStop } from '../actors/effects/ask-to-stop.ts'
import { awaitTasks } from '../actors/effects/await-tasks.ts'
import type { Awake } from '../actors/awake.ts'
import { body, type BodyEars, type Effect, type MayAct, whileOurs } from '../actors/body.ts'
import { callModel } from '../actors/effects/call-model.ts'
import { checkCall } from '../actors/effects/check-call.ts'
import type { Judge } from '../actors/effects/judge.ts'
import type { Progress } from '../actors/effects/live-tasks.ts'
import { reconcileCall } from '../actors/effects/reconcile-call.ts'
import { ringAlarm } from '../actors/effects/ring-alarm.ts'
import { type KeepBegin, runCall } from '../actors/effects/run-call.ts'
import type { Chance } from '../host.ts'
import { taskMachine } from '../machines/task.ts'
import { toolCallMachine } from '../machines/tool-call.ts'

export interface PlugParts extends AskHumanParts {
  readonly judge: Judge
  readonly chance: Chance
  readonly awake: Awake
  readonly askStop: AskStop
  readonly progress: Progress
  readonly warn: (text: string) => void
  readonly ears: BodyEars
  readonly keepBegin: KeepBegin
  readonly mayAct: MayAct
}

/** The task's chart with every socket filled. The one place where charts meet effects. */
export function plug(parts: PlugParts): typeof taskMachine {
  const { ears } = parts
  // An alarm is no work: whoever closes waits for bodies, not for clocks and people.
  const uncounted: BodyEars = { ...ears, begin: () => {}, end: () => {} }
  const works = <Order extends { readonly taskId: string }>(effect: Effect<Order>) => body(effect, ears)
  const waits = <Order extends { readonly taskId: string }>(effect: Effect<Order>) => body(effect, uncounted)

  return taskMachine.provide({
    actors: {
      callModel: works(whileOurs(callModel({ ...parts, post: ears.post }), parts.mayAct)),
      askToStop: works(askToStop(parts.askStop)),
      alarm: waits(ringAlarm(parts)),
      toolCall: toolCallMachine.provide({
        actors: {
          checkCall: works(checkCall(parts)),
          askHuman: waits(askHuman(parts)),
          runCall: works(runCall(parts)),
          awaitTasks: waits(awaitTasks(parts)),
          reconcileCall: works(reconcileCall(parts)),
        },
      }),
    },
  })
}
