/**
 * A task that outlives its process: run it, kill it in the middle, run it again.
 *
 *   node docs/examples/durable.ts /tmp/shop
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { createRuntime, defineAgent, defineTool, type Tool } from 'troupe'
import { complete, scriptedModel, use } from 'troupe/testing'
import { z } from 'zod'

const [, , workspace = 'shop'] = process.argv
/** Long enough to kill the process between the effect and its result. */
const PAUSE_MS = 1_000

/** Writes one line into a ledger, which nobody would want there twice. */
function bookTool(ledger: string): Tool {
  return defineTool({
    name: 'book',
    description: 'Books one article in the ledger.',
    input: z.strictObject({ article: z.string() }),
    async execute({ article }, { idempotencyKey, signal }) {
      await appendFile(ledger, `${idempotencyKey} ${article}\n`)
      await after(PAUSE_MS, null, { signal })
      return `${article} is booked.`
    },
    // After a crash nobody knows whether the line was written. This tool can look.
    async reconcile({ article }, { idempotencyKey }) {
      const lines = await readFile(ledger, 'utf8').catch(() => '')
      if (lines.includes(`${idempotencyKey} `)) return { kind: 'ok', output: `${article} is booked.` }
      return { kind: 'failed', code: 'tool/not-done', message: `${article} is not booked. Call it again.` }
    },
  })
}

await mkdir(workspace, { recursive: true })
const runtime = await createRuntime({
  workspace,
  settings: false,
  agents: [defineAgent({ name: 'clerk', instructions: 'Book what you are told.', tools: ['book'] })],
  tools: [bookTool(join(workspace, 'ledger.txt'))],
  policy: { allow: ['book'] },
  // It says its lines in this order, and thinks of nothing. Everything else is real.
  model: scriptedModel({
    clerk: [
      use('book', { article: 'lamp' }),
      use('book', { article: 'table' }),
      use('book', { article: 'chair' }),
      complete('Lamp, table and chair are booked.'),
    ],
  }),
})

// Whatever this workspace was ever asked for is in its store, also what a dead process has left behind.
const left = (await runtime.tasks()).find(({ outcome }) => outcome === null)
if (left) await runtime.resume(left.id)
const { id } = left ?? (await runtime.start({ agent: 'clerk', message: 'Book all three.' }))
console.log(left ? 'It goes on.' : 'It begins. Kill it!')
for await (const event of runtime.events({ task: id })) {
  if (event.type === 'call.reconciled') console.log(`${event.callId} was cut off: ${event.result.kind}`)
  if (event.type === 'call.ended') console.log(`${event.callId} ${event.result.kind}`)
}
const { status, result } = await runtime.result(id)
console.log(`${status}: ${result}`)
await runtime.close()
