import { constants } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRuntime } from '../../src/hosts/node.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { factsIn, leadOf } from './driver/claims.ts'
import { PLAN, runChain } from './driver/chains.ts'
import { bundle, notes, removeBundle } from './driver/lives.ts'
import { recordOf } from './driver/record.ts'

let script = ''
beforeAll(async () => void (script = await bundle('between-lives')))
afterAll(() => removeBundle(script))

describe('while the process of a task is down', () => {
  it('what a person answers holds when it is back, and nobody is asked again', async () => {
    const chain = await runChain({
      ...PLAN,
      script,
      kills: ['asking approval', 'asking question'],
      between: answerAll,
      claim(record) {
        const lead = leadOf(record)
        const answers = [...factsIn(lead, 'call.approved'), ...factsIn(lead, 'call.told')]
        expect(answers).toMatchObject([{ by: 'ada' }, { by: 'ada', text: 'Green.' }])
        expect(factsIn(lead, 'call.checked').filter(({ verdict }) => verdict.verdict === 'ask')).toHaveLength(
          2,
        )
        return []
      },
    })
    expect(chain.problems).toEqual([])
    expect(chain.died).toEqual(['asking approval', 'asking question'])
  })

  it('L6: a command that lived on is ended before anything else happens, and leaves nothing behind', async () => {
    const point = 'effect before execute_command'
    const chain = await runChain({
      ...PLAN,
      script,
      kills: [point],
      async between(directory) {
        const record = await recordOf(directory)
        const [began] = factsIn(leadOf(record), 'call.began')
        // It outlives its process, and waits for a word at its gate.
        const environment = readFileSync(`/proc/${began?.process.group}/environ`, 'utf8')
        expect(environment).toContain(began?.process.mark)
        expect(notes(directory, 'side')).toEqual([])
      },
      claim({ directory }) {
        expect(notes(directory, 'side')).toEqual(['command-1'])
        return []
      },
    })
    expect(chain.problems).toEqual([])
    expect(chain.died).toEqual([point])
  })

  it('a gate at which nobody waits any more lets nothing through', async () => {
    // As above, and the word comes late: there is nobody left to hear it.
    const chain = await runChain({
      ...PLAN,
      script,
      kills: ['effect before execute_command', 'after lead task.interrupted'],
      async between(directory, point) {
        if (point !== 'after lead task.interrupted') return
        const gate = open(join(directory, 'gate'), constants.O_WRONLY | constants.O_NONBLOCK)
        await expect(gate).rejects.toMatchObject({ code: 'ENXIO' })
      },
    })
    expect(chain.problems).toEqual([])
    expect(chain.died).toHaveLength(2)
  })

  it('L6: a patch that was cut off half way is told as such, and only the other half is done', async () => {
    const point = 'after lead call.checked apply_patch'
    const chain = await runChain({
      ...PLAN,
      script,
      kills: [point],
      async between(directory) {
        await writeFile(join(directory, 'workspace/b.txt'), 'zwei\n')
      },
      claim(record) {
        const [told] = factsIn(leadOf(record), 'call.reconciled').map(({ result }) => result)
        expect(told).toMatchObject({
          kind: 'unknown',
          message: expect.stringContaining('half done') as string,
        })
        return []
      },
    })
    expect(chain.problems).toEqual([])
    expect(chain.died).toEqual([point])
  })
})

/** From another process, which has none of the tools. */
async function answerAll(directory: string): Promise<void> {
  const workspace = join(directory, 'workspace')
  const store = await openSqlite({ directory: join(workspace, '.troupe/state') })
  const runtime = await createRuntime({
    workspace,
    settings: false,
    store,
    warn: (text) => expect.fail(text),
  })
  try {
    for (const { id, kind, shown } of await runtime.approvals.all()) {
      const answer = kind === 'question' ? { text: 'Green.' } : { allow: true }
      await runtime.approvals.answer(id, { ...answer, shown, by: 'ada' })
    }
  } finally {
    await runtime.close()
  }
}
