import type { Clock } from '../../host.ts'
import { isWaitOver } from '../../protocol/delegation.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import { SPAWN_TOOL } from '../../protocol/names.ts'
import type { WaitOrder } from '../../protocol/orders.ts'
import type { Effect } from '../body.ts'
import type { LiveTasks } from './live-tasks.ts'

export interface AwaitTasksParts {
  readonly tasks: LiveTasks
  readonly clock: Clock
}

/**
 * Answers a call when enough of the tasks it waits for have ended, its patience is over, or the task that
 * somebody waited in front of has moved to the background. What they came to is in the journal already: the
 * answer only says of which it tells.
 */
export function awaitTasks({ tasks, clock }: AwaitTasksParts): Effect<WaitOrder> {
  return ({ taskId, call, wait }, signal) =>
    new Promise((resolve) => {
      let hasGivenUp = false
      const stopWatching = tasks.watch(taskId, look)
      const disarm =
        wait.deadlineAt === null
          ? () => {}
          : clock.alarm(wait.deadlineAt, () => {
              hasGivenUp = true
              look()
            })
      signal.addEventListener('abort', () => finish(null))
      look()

      function look(): void {
        const children = tasks.children(taskId)
        const turned = call.tool === SPAWN_TOOL ? wait.tasks.filter((id) => tasks.hasTurned(id)) : []
        const isOver = isWaitOver(wait, (id) => id in children)
        if (!isOver && !hasGivenUp && turned.length === 0) return
        const output = {
          running: wait.tasks.filter((id) => !(id in children)),
          ...(hasGivenUp && !isOver && { gaveUp: true }),
          ...(turned.length > 0 && !isOver && { background: turned }),
        }
        const told = wait.tasks.filter((id) => children[id] === 'untold')
        finish({ type: 'call.ended', callId: call.id, result: { kind: 'ok', output }, told })
      }

      function finish(fact: ChartFact | null): void {
        stopWatching()
        disarm()
        resolve(fact)
      }
    })
}
