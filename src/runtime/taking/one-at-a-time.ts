/** Taking a task up, or writing into it while nobody has it, is one thing at a time. */
export interface Taking {
  /** Contract: what was asked for a task before is over first, however that came out. */
  alone<T>(taskId: string, work: () => Promise<T>): Promise<T>
  /** Resolves when nothing of that kind is under way for the task. */
  idle(taskId: string): Promise<void>
  isIdle(): boolean
  /** The same for all tasks. */
  allIdle(): Promise<void>
}

/** One line for each task. */
export function createTaking(): Taking {
  const last = new Map<string, Promise<unknown>>()
  return {
    alone(taskId, work) {
      const mine = (last.get(taskId) ?? Promise.resolve()).then(work, work)
      last.set(taskId, mine)
      const over = () => {
        if (last.get(taskId) === mine) last.delete(taskId)
      }
      mine.then(over, over)
      return mine
    },
    isIdle: () => last.size === 0,
    async allIdle() {
      while (last.size > 0) await Promise.allSettled(last.values())
    },
    async idle(taskId) {
      for (let mine = last.get(taskId); mine; mine = last.get(taskId)) await mine.catch(() => {})
    },
  }
}
