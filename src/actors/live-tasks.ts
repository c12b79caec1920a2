import type { Model } from '../host.ts'
import { suggestion } from '../protocol/nearest.ts'
import type { Call, Line, Result } from '../protocol/model.ts'
import type { TaskSpec } from '../protocol/task.ts'
import { failed, type PreparedCall, type Schema, type Tool } from '../tools/tool.ts'

/** What an effect may know of the task it works for. */
export interface LiveTasks {
  spec(taskId: string): TaskSpec
  lines(taskId: string): readonly Line[]
  model(taskId: string): Model
  tools(taskId: string): ReadonlyMap<string, Tool>
  /** What the caller wants the data of the answer to be. */
  output(taskId: string): Schema | null
}

/** Shows a sign of life to whoever watches. Contract: never throws. */
export type Progress = (taskId: string, callId: string | null, text: string) => void

/** The same for every attempt at the same call. */
export function keyOf(taskId: string, call: Call): string {
  return `${taskId}/${call.id}`
}

/** Finds the tool and reads the input, or says in words why that cannot be done. */
export async function prepareCall(
  tasks: LiveTasks,
  taskId: string,
  call: Call,
): Promise<PreparedCall | Result> {
  const tools = tasks.tools(taskId)
  const tool = tools.get(call.tool)
  if (!tool) {
    const names = [...tools.keys()]
    const meant = suggestion(call.tool, names)
    return failed('tool/unknown', `There is no tool "${call.tool}".${meant} There are: ${names.join(', ')}.`)
  }
  if (call.malformed !== undefined) {
    return failed(
      'tool/bad-input',
      `The arguments of "${call.tool}" are not valid JSON. Send the whole call again.`,
    )
  }
  return tool.prepare(call.input)
}
