/**
 * One life of a process that works on a workspace, until everything has ended or it dies where it was told
 * to.
 * It takes up whatever a life before it has left.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { defineAgent } from '../../../src/hosts/define-agent.ts'
import { createRuntime } from '../../../src/hosts/node.ts'
import { nodeProcesses } from '../../../src/hosts/node-processes.ts'
import type { Processes, Store } from '../../../src/host.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { scriptedModel } from '../../../src/testing/testing.ts'
import { conduct } from './conduct.ts'
import { type Killing, killingBy } from './killing.ts'
import { killingStore } from './killing-store.ts'
import { type Asked, CHILDREN, LEAD_TITLE, type LifePlan, type LifeReport, reportOf } from './plan.ts'
import { countedTools } from './tools.ts'

const POLL_MS = 10

const plan = JSON.parse(process.argv[2] ?? '{}') as LifePlan
const { directory, life } = plan
const killing = killingBy(plan)
const workspace = join(directory, 'workspace')
const warnings: string[] = []
const once = { isSaid: false }

const store = await killingStore(join(workspace, '.troupe/state'), plan.times, killing)
await noteWhatIsThere(store, killing)
const worker = defineAgent({ name: 'worker', instructions: 'Work.', boundary: { readOnly: false } })
const runtime = await createRuntime({
  workspace,
  settings: false,
  store,
  onAsk: 'park',
  warn: (text) => void warnings.push(text),
  agents: [worker],
  tools: countedTools(directory, killing),
  policy: { mode: 'acceptEdits', allow: ['mail', 'pay', 'stamp', 'execute_command'] },
  limits: { timeoutMs: 600_000 },
  concurrency: { background: plan.cap },
  processes: killingProcesses(killing),
  model: model(killing),
})

runtime.subscribe((event) => {
  if (event.type === 'model.replied' && event.taskId === lead && event.turn === 2) void say(runtime, lead)
})
const asking = setInterval(() => answerAll(runtime), POLL_MS)
let lead = (await runtime.tasks({ parent: null }))[0]?.id ?? ''
if (lead === '') {
  const boundary = { readOnly: false }
  const task = await runtime.start({
    message: 'Do it.',
    title: LEAD_TITLE,
    background: plan.background,
    boundary,
  })
  lead = task.id
} else {
  await untilNobodyHas(runtime, lead)
  await runtime.resumeAll()
}
await say(runtime, lead)

const statuses: Record<string, string> = {}
// The lead waits for all of them, so none is left once it has ended.
await runtime.result(lead)
for (const { id } of await runtime.tasks()) statuses[id] = (await runtime.result(id)).status
clearInterval(asking)
await runtime.close()
const report: LifeReport = { lead, statuses, warnings }
process.stdout.write(JSON.stringify(report), () => process.exit(0))

async function noteWhatIsThere(there: Store, { note }: Killing): Promise<void> {
  const last: Record<string, number> = {}
  for (const { spec } of await there.tasks()) last[spec.id] = (await there.read(spec.id)).length
  note('found', JSON.stringify({ life, last }))
}

/** A process that was killed is known to be dead at once. One that stands still must do so for a while. */
async function untilNobodyHas({ tasks }: Runtime, id: string): Promise<void> {
  while ((await tasks({ id }))[0]?.heldBy === 'elsewhere') await wait(POLL_MS)
}

/** Says something to the lead, once it is at its second turn, unless it was told in a life before. */
async function say(to: Runtime, taskId: string): Promise<void> {
  const facts = (await to.journal(taskId)).map(({ fact }) => fact)
  const isDue = facts.some((fact) => fact.type === 'model.replied' && fact.turn >= 2)
  if (!isDue || once.isSaid || facts.some(({ type }) => type === 'task.messaged' || type === 'task.ended'))
    return
  once.isSaid = true
  await to.message(taskId, 'Be quick.')
}

function answerAll({ approvals }: Runtime): void {
  for (const { id, kind } of approvals.list()) {
    killing.at(`asking ${kind}`)
    approvals.answer(id, kind === 'question' ? { text: 'Red.' } : { allow: true }).catch(() => {})
  }
}

function model({ note }: Killing) {
  return scriptedModel((request) => {
    const { taskId, turn, lines } = request
    const title = lines.flatMap((line) => (line.role === 'user' ? [line.text] : []))[0] ?? ''
    const role = title === 'Do it.' ? LEAD_TITLE : title
    const shown = JSON.stringify(lines)
    const told = Object.fromEntries(CHILDREN.map((it) => [it, shown.split(reportOf(it)).length - 1]))
    note('asked', JSON.stringify({ life, role, taskId, turn, told } satisfies Asked))
    return conduct(role, request)
  })
}

/** Dies while the command runs, if told so; otherwise opens the gate at which the command waits. */
function killingProcesses({ at }: Killing): Processes {
  const processes = nodeProcesses()
  return {
    ...processes,
    run: (command, context) =>
      processes.run(command, {
        ...context,
        progress(text) {
          context.progress(text)
          if (!text.includes('begun')) return
          at('effect before execute_command')
          void openGate()
        },
      }),
  }
}

async function openGate(): Promise<void> {
  const gate = await open(join(directory, 'gate'), 'w')
  await gate.write('go\n')
  await gate.close()
}
