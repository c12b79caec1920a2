import { requestObject } from '../requests/request-object.ts'
import { taskObject } from '../tasks/task-object.ts'
import { ranMs, remaining, type TaskPage } from './task-page.ts'

const LINES_MAX = 12

/** A task as `show` tells of it to a script. */
export function pageObject(page: TaskPage, isFull: boolean): Readonly<Record<string, unknown>> {
  const { view, folded, below, waiting } = page
  const { spec, conversation } = folded
  const { lines } = conversation
  return {
    ...taskObject(view),
    message: spec.message,
    depth: spec.depth,
    model: spec.model,
    boundary: spec.boundary,
    limits: spec.limits,
    left: remaining(spec.limits, view, ranMs(page)),
    todos: view.todos,
    ahead: view.ahead,
    tasks: below.map(taskObject),
    waiting: waiting.map(requestObject),
    linesBefore: isFull ? 0 : Math.max(0, lines.length - LINES_MAX),
    lines: isFull ? lines : lines.slice(-LINES_MAX),
  }
}
