import type { Asker, Clock, Model } from '../../host.ts'
import { suggestion } from '../../protocol/nearest.ts'
import type { Call, Line, Result } from '../../protocol/model.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import { failed, type PreparedCall, type Schema, type Tool } from '../../tools/tool.ts'
import { within } from '../within.ts'

/** What an effect may know of the task it works for. */
export interface LiveTasks {
  spec(taskId: string): TaskSpec
  /** How it is told from others when it asks a person. */
  asker(taskId: string): Asker
  lines(taskId: string): readonly Line[]
  model(taskId: string): Model
  tools(taskId: string): ReadonlyMap<string, Tool>
  /** What the caller wants the data of the answer to be. */
  output(taskId: string): Schema | null
  /** Tasks that worked for it and have ended, and whether its model was told. Nothing for who is not here. */
  children(taskId: string): Readonly<Record<string, 'untold' | 'told'>>
  /** What its tools have kept, by key. */
  kept(taskId: string): ReadonlyMap<string, string>
  /**
   * A person was asked that before the task was taken up here: it waits for an answer, wherever it comes
   * from.
   */
  wasAskedBefore(taskId: string, askedAt: number | null): boolean
  /** Nobody waits in front of it: since it was born, or since it has moved. */
  isBackground(taskId: string): boolean
  /** Somebody waited in front of it, and it has moved to the background. */
  hasTurned(taskId: string): boolean
  /** Calls back whenever something may have changed, until let go of. */
  watch(taskId: string, look: () => void): () => void
}

/** Shows a sign of life to whoever watches. Contract: never throws. */
export type Progress = (taskId: string, callId: string | null, text: string) => void

/** The same for every attempt at the same call. */
export function keyOf(taskId: string, call: Call): string {
  return `${taskId}/${call.id}`
}

/** A schema that takes longer to read an input is broken, or the input was made to hurt it. */
const PREPARE_MS = 10_000

/** Finds the tool and reads the input, or says in words why that cannot be done. */
export async function prepareCall(
  { tasks, clock }: { readonly tasks: LiveTasks; readonly clock: Clock },
  taskId: string,
  call: Call,
): Promise<PreparedCall | Result> {
  const { tool: name, malformed } = call
  const tools = tasks.tools(taskId)
  const tool = tools.get(name)
  if (!tool) {
    const names = [...tools.keys()]
    const meant = suggestion(name, names)
    return failed('tool/unknown', `There is no tool "${name}".${meant} There are: ${names.join(', ')}.`)
  }
  if (malformed !== undefined) {
    return failed(
      'tool/bad-input',
      `The arguments of "${name}" are not valid JSON. Send the whole call again.`,
    )
  }
  const late = () => failed('tool/timed-out', `"${name}" could not read its input within ${PREPARE_MS} ms.`)
  // A copy: what is in the journal is frozen, and what a tool is given is its own.
  return within<PreparedCall | Result>(clock, PREPARE_MS, tool.prepare(structuredClone(call.input)), late)
}
