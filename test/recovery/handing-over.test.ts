/** What one process leaves to the next: a request that waits, and nothing that is still under way. */
import { expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, scriptedModel, use } from '../../src/testing/testing.ts'
import { openStage } from '../background/stage.ts'
import { heldTool } from '../support/held.ts'
import { openRuntime, when } from '../support/runtime.ts'
import { cutOff, recorded } from './cut-off.ts'

it('L13: a person who was asked before a crash is waited for after it, also where no new one could be asked', async () => {
  const stage = await openStage()
  const { id } = await stage.runtime.start({ message: 'A' })
  await stage.models.say('A', use('write_file', { path: 'a.txt', content: 'one' }))
  await when(() => stage.runtime.approvals.list().length > 0)
  const [asked] = stage.runtime.approvals.list()
  const entries = await recorded(stage.store)

  const store = await cutOff(entries, entries.length)
  const again = await openRuntime({ store, model: scriptedModel(() => complete('Done.')) })
  await again.recover()
  let isOver = false
  const result = again.result(id).finally(() => (isOver = true))
  await when(() => isOver || again.approvals.list().length > 0)
  expect(again.approvals.list()).toEqual([asked])
  await again.approvals.answer(asked?.id ?? '', { allow: true })
  expect(await result).toMatchObject({ status: 'completed' })
  const facts = (await again.journal(id)).map(({ fact }) => fact)
  expect(facts.find(({ type }) => type === 'call.ended')).toMatchObject({ result: { kind: 'ok' } })
})

it('L4: a process that closes does not let go of a task with a call that would not end', async () => {
  const clock = handClock()
  const released: string[] = []
  const memory = memoryStore()
  const store = {
    ...memory,
    release: (taskId: string) => {
      released.push(taskId)
      return memory.release(taskId)
    },
  }
  const tool = heldTool('look', { isStubborn: true })
  const model = scriptedModel(({ lines }) =>
    JSON.stringify(lines).includes('Hang.')
      ? use('look')
      : use('ask_followup_question', { question: 'And?' }),
  )
  const runtime = await openRuntime({ model, clock, store, tools: [tool], onAsk: 'park' })
  const stuck = await runtime.start({ message: 'Hang.' })
  const other = await runtime.start({ message: 'Ask.' })
  await when(() => tool.runs.length === 1 && runtime.approvals.list().length === 1)
  const closing = runtime.close({ graceMs: 0 })
  void stuck.result().then(() => clock.advance(2_000))
  clock.advance(1)
  await closing
  expect(released).toEqual([other.id])
})
