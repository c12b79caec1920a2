/** One of two processes that both want the same tasks. It says what became of each wish. */
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { RuntimeError } from '../../../src/errors.ts'
import { createRuntime } from '../../../src/hosts/node.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { complete, scriptedModel, use } from '../../../src/testing/testing.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import type { RacePlan, RaceReport } from './race.ts'

const LANES = 20

const plan = JSON.parse(process.argv[2] ?? '{}') as RacePlan
const { directory, verbs } = plan
const mail = defineTool({
  name: 'mail',
  description: 'Sends a mail.',
  input: z.strictObject({}),
  execute: (_, { taskId }) => appendFileSync(join(directory, 'mails'), `${taskId} ${process.pid}\n`),
})
const runtime = await createRuntime({
  workspace: join(directory, 'workspace'),
  settings: false,
  store: await openSqlite({ directory: join(directory, 'workspace/.troupe/state') }),
  tools: [mail],
  policy: { allow: ['mail'] },
  warn: () => {},
  model: scriptedModel({ lead: [use('mail'), complete('Done.')] }),
})
const ids = readFileSync(join(directory, 'ids'), 'utf8').split('\n').filter(Boolean)
const said: RaceReport = {}

process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))

/** One after the other: both processes want the next one as soon as the last one is over. */
async function lane(first: number): Promise<void> {
  for (let n = first; n < ids.length; n += LANES) {
    const id = ids[n] ?? ''
    const verb = verbs[n % verbs.length] ?? 'resume'
    const wish = verb === 'resume' ? runtime.resume(id) : runtime.cancel(id)
    const answer = await wish.then(
      () => 'done',
      (error: unknown) => (RuntimeError.is(error) ? error.code : String(error)),
    )
    said[id] = { verb, answer, status: (await runtime.result(id)).status }
  }
}
await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
await runtime.close()
process.stdout.write(JSON.stringify(said), () => process.exit(0))
