export interface LiveBodies {
  begin(taskId: string): void
  end(taskId: string): void
  isLive(taskId: string): boolean
  count(): number
  /** Calls back once nothing is under way any more. */
  whenNone(call: () => void): void
  /** The same for one task. */
  whenGone(taskId: string, call: () => void): void
}

/** Counts what is really under way, whatever the charts think. */
export function createLiveBodies(): LiveBodies {
  const live = new Map<string, number>()
  const waiting = new Map<string, (() => void)[]>()
  let none: (() => void)[] = []

  function callAll(calls: readonly (() => void)[]): void {
    for (const call of calls) call()
  }

  return {
    begin: (taskId) => void live.set(taskId, (live.get(taskId) ?? 0) + 1),
    end(taskId) {
      const left = (live.get(taskId) ?? 1) - 1
      if (left > 0) return void live.set(taskId, left)
      live.delete(taskId)
      const calls = waiting.get(taskId) ?? []
      waiting.delete(taskId)
      callAll(calls)
      if (live.size > 0) return
      const ready = none
      none = []
      callAll(ready)
    },
    isLive: (taskId) => live.has(taskId),
    count: () => [...live.values()].reduce((sum, count) => sum + count, 0),
    whenNone(call) {
      if (live.size === 0) call()
      else none.push(call)
    },
    whenGone(taskId, call) {
      if (!live.has(taskId)) call()
      else waiting.set(taskId, [...(waiting.get(taskId) ?? []), call])
    },
  }
}
