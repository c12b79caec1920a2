/**
 * A process that starts one task, waits until it is where it was told, closes the runtime, and has nothing
 * left to do.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime } from '../../src/hosts/node.ts'
import { complete, fails, hangs, type Script, scriptedModel, use } from '../../src/testing/scripted-model.ts'

const [workspace = '.', state = 'done'] = process.argv.slice(2)
const command = use('execute_command', { command: 'echo $$ > pid; exec sleep 1000' })
const scripts: Record<string, Script> = {
  done: { lead: [complete('Done.')] },
  thinking: { lead: [hangs()] },
  running: { lead: [command] },
  asking: { lead: [command] },
  backingOff: { lead: [fails('model/unavailable', { retryAfterMs: 60_000 })] },
}
const runtime = await createRuntime({
  workspace,
  settings: false,
  model: scriptedModel(scripts[state] ?? {}),
  onAsk: 'park',
  ...(state === 'running' && { human: { approve: async () => ({ allow: true }) } }),
})
const task = await runtime.start({ message: 'Go.', limits: { timeoutMs: 3_600_000 } })
while (!isThere()) await new Promise((resolve) => setImmediate(resolve))
await runtime.close({ graceMs: 50 })
console.log((await task.result()).status)

function isThere(): boolean {
  if (state === 'running') return hasPid()
  return task.state === (state === 'done' ? 'completed' : `running.${state}`)
}

function hasPid(): boolean {
  try {
    return readFileSync(join(workspace, 'pid'), 'utf8').trim() !== ''
  } catch {
    return false
  }
}
