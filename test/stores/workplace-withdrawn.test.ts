/** R1: nothing is done for somebody who was told that nobody would. */
import { expect, it } from 'vitest'
import type { RemoteOrder } from '../../src/protocol/remote.ts'
import { birth } from './workplace-tasks.ts'
import { until, workplaceWorld } from './workplace-world.ts'

const world = workplaceWorld()

it('a request that is withdrawn after it was read, and before it is begun, is not done', async () => {
  const directory = await world.directory()
  const served: RemoteOrder[] = []
  let looks = 0
  const part = {
    serve: async (order: RemoteOrder) => void served.push(order),
    changed: () => void (looks += 1),
  }
  const { store, workplace } = await world.open(directory, { part })
  await store.create(birth('t1'))
  await workplace.mayAct()
  const file = await world.file(directory)
  const { id: self } = file.prepare('SELECT id FROM owner').get() as { readonly id: string }
  const insert = file.prepare('INSERT INTO request (recipient, asked_by, asked_at, wish) VALUES (?, ?, ?, ?)')
  const ask = (text: string) =>
    insert.run(self, 'other', Date.now(), JSON.stringify({ taskId: 't1', verb: 'message', text }))

  ask('withdrawn')
  // From now on it can be read, and nothing can be written.
  file.exec('BEGIN IMMEDIATE')
  const before = looks
  await until('it was read', () => looks > before)
  file.exec('DELETE FROM request; COMMIT')
  ask('kept')
  await until('the other one is done', () => served.length > 0 && looks > before)
  const open = file.prepare('SELECT 1 FROM request WHERE answer IS NULL')
  await until('nothing is open', () => open.all().length === 0)
  expect(served).toMatchObject([{ text: 'kept' }])
})
