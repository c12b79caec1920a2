/**
 * What the model says, by the conversation alone: so a process that comes after a crash hears the same.
 * Whoever is told that nobody knows looks first, and only does again what was not done.
 */
import type { AskedCall, Line, ModelRequest, Result } from '../../../src/protocol/model.ts'
import { complete, uses } from '../../../src/testing/testing.ts'
import { FOREGROUND, LEAD_TITLE, type NOTES, reportOf } from './plan.ts'

const call = (tool: string, input: unknown): AskedCall => ({ tool, input })
const todos = (...statuses: ('open' | 'done')[]) =>
  call('update_todo_list', { todos: statuses.map((status, n) => ({ text: `step ${n + 1}`, status })) })
const spawn = (title: string, background: boolean) =>
  call('new_task', { agent: 'worker', title, message: title, background })

/** Says that it has begun, waits at a gate until it is told to go on, and leaves a line behind. */
export const SCRIPT = 'echo begun; read -r word < ../gate && echo "command-1" >> side\n'
const COMMAND = 'bash work.sh'
const patch = (...lines: readonly string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n')
const TRANSLATION = ['*** Update File: b.txt', '@@', '-two', '+zwei']
const ADDITION = ['*** Add File: c.txt', '+three']
const PATCH = patch(...TRANSLATION, ...ADDITION)
/** A patch that is half done is finished half by half. */
const HALVES = [patch(...TRANSLATION), patch(...ADDITION)] as const

/** The lead, and those that work for it. What stands together is one reply. */
const STEPS: Readonly<Record<string, readonly (readonly AskedCall[])[]>> = {
  [LEAD_TITLE]: [
    [
      todos('open', 'open'),
      call('read_file', { path: 'a.txt' }),
      spawn('mailer', true),
      spawn('reader', true),
    ],
    [call('edit_file', { path: 'a.txt', old_text: 'one', new_text: 'eins' }), spawn('stamper', true)],
    [call('wait_for_tasks', { until: 'all' }), call('write_file', { path: 'd.txt', content: 'four\n' })],
    [call('apply_patch', { patch: PATCH }), call('execute_command', { command: COMMAND })],
    [call('mail', { text: 'mail-of-lead' }), call('pay', { text: 'payment' })],
    [call('stamp', { text: 'stamp-of-lead' }), call('deploy', { text: 'deployment' })],
    [call('ask_followup_question', { question: 'Which colour?' }), spawn(FOREGROUND, false)],
    [todos('done', 'done')],
  ],
  mailer: [[call('mail', { text: 'mail-of-mailer' })]],
  reader: [[call('read_file', { path: 'e.txt' })]],
  stamper: [[call('stamp', { text: 'stamp-of-stamper' })]],
  [FOREGROUND]: [[call('stamp', { text: 'stamp-of-helper' }), call('pay', { text: 'payment-of-helper' })]],
}

/** Where it shows whether a call that nobody knows of has happened. */
const TRACES: Readonly<Record<string, keyof typeof NOTES>> = {
  mail: 'mails',
  deploy: 'deployments',
  execute_command: 'side',
}

export function conduct(title: string, { lines }: ModelRequest) {
  const past = pastOf(lines)
  for (const step of STEPS[title] ?? []) {
    const next = step.flatMap((it) => nextOf(it, past))
    if (next.length > 0) return uses(next)
  }
  return complete(title === LEAD_TITLE ? 'All done.' : reportOf(title))
}

interface Past extends AskedCall {
  readonly result: Result
}

function pastOf(lines: readonly Line[]): readonly Past[] {
  const results = new Map(lines.flatMap((line) => (line.role === 'tool' ? [[line.callId, line.result]] : [])))
  return lines.flatMap((line) =>
    line.role !== 'agent'
      ? []
      : line.calls.flatMap(({ id, tool, input }) => {
          const result = results.get(id)
          return result ? [{ tool, input, result }] : []
        }),
  )
}

/** What is left to do about a call: nothing, the call, or a look at what became of it. */
function nextOf(wanted: AskedCall, past: readonly Past[]): readonly AskedCall[] {
  const index = past.findLastIndex((it) => isSame(it, wanted))
  const last = past[index]
  if (!last) return [wanted]
  if (last.result.kind === 'ok') return []
  if (last.result.kind === 'failed') return [wanted]
  const since = past.slice(index)
  if (isSame(wanted, call('apply_patch', { patch: PATCH })))
    return HALVES.flatMap((half) => leftToDo(call('apply_patch', { patch: half }), since))
  return leftToDo(wanted, since)
}

/** Nobody knows whether it happened: whoever does it again has looked. */
function leftToDo(wanted: AskedCall, since: readonly Past[]): readonly AskedCall[] {
  const look = lookFor(wanted)
  const seen = since.find((it) => isSame(it, look))
  if (!seen) return [look]
  if (seen.result.kind === 'ok' && seen.result.output === 'yes') return []
  return isSame(since[0] ?? look, wanted) ? [wanted] : nextOf(wanted, since)
}

function lookFor({ tool, input }: AskedCall): AskedCall {
  const { text = 'command-1', patch: half } = input as { text?: string; patch?: string }
  if (half === HALVES[0]) return call('look', { file: 'translated', text: 'zwei' })
  if (half === HALVES[1]) return call('look', { file: 'added', text: 'three' })
  return call('look', { file: TRACES[tool], text })
}

function isSame(one: AskedCall, other: AskedCall): boolean {
  return one.tool === other.tool && JSON.stringify(one.input) === JSON.stringify(other.input)
}
