/** What one process asks of the one that holds a task: done once, or not at all, and the answer is told. */
import { describe, expect, it } from 'vitest'
import { RuntimeError, UsageError } from '../../src/errors.ts'
import type { RemoteOrder } from '../../src/protocol/remote.ts'
import { birth } from './workplace-tasks.ts'
import { SHORT, until, workplaceWorld } from './workplace-world.ts'

const ASKED = 50
const ROUND_TRIP_MS = 200
const world = workplaceWorld()

const message = (text: string, taskId = 't1'): RemoteOrder => ({ taskId, verb: 'message', text })
const cancel: RemoteOrder = { taskId: 't1', verb: 'cancel', reason: 'Enough.' }
const resume: RemoteOrder = { taskId: 't1', verb: 'resume', by: 'user', message: null }
const pause: RemoteOrder = { taskId: 't1', verb: 'pause', by: 'user', subtree: true }
const toBackground: RemoteOrder = { taskId: 't1', verb: 'toBackground' }

describe('the process that holds a task is asked', () => {
  it(`and answers within ${ROUND_TRIP_MS} ms`, async () => {
    const { workplace } = await held()
    const times: number[] = []
    for (let i = 0; i < ASKED; i += 1) {
      const since = performance.now()
      expect(await workplace.ask(message(`${i}`))).toBe('done')
      times.push(performance.now() - since)
    }
    times.sort((a, b) => a - b)
    const [median = 0, worst = 0] = [times[ASKED / 2], times.at(-1)].map((it) => Math.round(it ?? 0))
    console.log(`request to another process: median ${median} ms, worst ${worst} ms of ${ASKED}`)
    expect(median).toBeLessThan(ROUND_TRIP_MS)
  })

  it('once for each request, in their order', async () => {
    const { workplace, neighbour } = await held()
    const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`)
    expect(await Promise.all(texts.map((text) => workplace.ask(message(text))))).toEqual(
      texts.map(() => 'done'),
    )
    expect(served(neighbour)).toEqual(texts.map((text) => message(text)))
  })

  it('and what it rejects with is what whoever asked gets', async () => {
    const { workplace } = await held()
    const failed = await workplace.ask(cancel).catch((error: unknown) => error)
    expect([RuntimeError.is(failed), failed]).toEqual([
      true,
      expect.objectContaining({ code: 'task/has-ended', message: 'Task "t1" has ended.' }),
    ])
    const refused = await workplace.ask(resume).catch((error: unknown) => error)
    expect([UsageError.is(refused), refused]).toEqual([
      true,
      expect.objectContaining({ message: 'Not like this.' }),
    ])
  })

  it('and what takes its time does not hold up what comes after it', async () => {
    const { workplace, neighbour } = await held()
    const pausing = workplace.ask(pause).catch((error: unknown) => error)
    await until('it is begun', () => served(neighbour).length)
    expect(await workplace.ask(message('Meanwhile.'))).toBe('done')
    await neighbour.kill()
    expect(await pausing).toBe('nobody')
  })

  it('by several at once: each gets its own answer', async () => {
    const { directory, workplace, neighbour } = await held()
    const other = await world.neighbour({ directory })
    const answers = await Promise.all([
      other.call('ask'),
      workplace.ask(message('Also.')),
      workplace.ask(cancel).catch(() => 'no'),
    ])
    expect(answers).toEqual(['done', 'done', 'no'])
    expect(served(neighbour)).toHaveLength(3)
  })
})

describe('nobody answers', () => {
  it('for a task that nobody holds', async () => {
    const { workplace, neighbour } = await held()
    await neighbour.call('release')
    expect(await workplace.ask(message('Anybody?'))).toBe('nobody')
    expect(await codeOf(workplace.ask(message('Anybody?', 't9')))).toBe('task/no-such-task')
  })

  it('for a task whose process was killed', async () => {
    const { workplace, neighbour, store } = await held()
    await neighbour.kill()
    expect(await workplace.ask(message('Anybody?'))).toBe('nobody')
    expect((await store.acquire('t1')).runId).toBe(1)
  })

  it('for a task that is let go of while it is asked', async () => {
    const { workplace, neighbour } = await held()
    expect(await workplace.ask(toBackground)).toBe('nobody')
    expect(served(neighbour)).toEqual([toBackground])
  })

  it('for a task that is let go of by a process that answers nobody', async () => {
    const { workplace, neighbour, open } = await held({ cap: null })
    const asking = workplace.ask(message('Anybody?'))
    await until('it is asked', () => open().length)
    await neighbour.call('release')
    expect(await asking).toBe('nobody')
    expect(open()).toEqual([])
  })

  it('for a process that stands still for a lease, and it never does it later', async () => {
    const { workplace, neighbour, store, open } = await held({ times: SHORT })
    neighbour.signal('SIGSTOP')
    expect(await workplace.ask(message('Anybody?'))).toBe('nobody')
    expect(open()).toEqual([])
    await store.acquire('t1')
    neighbour.signal('SIGCONT')
    await until('it has seen that it is gone', () => neighbour.events('lost').length)
    expect(served(neighbour)).toEqual([])
  })

  it('but a process that lives and does not hear is told of as such', async () => {
    const { workplace, open } = await held({ cap: null, times: SHORT })
    expect(await codeOf(workplace.ask(message('Anybody?')))).toBe('store/held')
    expect(open()).toEqual([])
  })

  it('to itself: that is an error of the program', async () => {
    const { store, workplace } = await world.open(await world.directory(), { part: {} })
    await store.create(birth('t1'))
    await expect(workplace.ask(message('Me?'))).rejects.toThrow('held by the process that asks')
  })
})

describe('a request', () => {
  it('to say something is not said twice because its holder died before it could answer', async () => {
    const { workplace, store } = await held()
    expect(await workplace.ask(message('die'))).toBe('done')
    expect((await store.read('t1')).filter(({ fact }) => fact.type === 'task.messaged')).toHaveLength(1)
  })

  it('that is still open is rejected and withdrawn when its own store closes', async () => {
    const { workplace, store, open } = await held({ cap: null })
    const asking = codeOf(workplace.ask(message('Anybody?')))
    await until('it is asked', () => open().length)
    await store.close()
    expect(await asking).toBe('store/closed')
    expect(open()).toEqual([])
  })

  it('to a process that closes is sent on to whoever holds the task then', async () => {
    const { workplace, neighbour } = await held()
    const pausing = workplace.ask(pause)
    await until('it is begun', () => served(neighbour).length)
    await neighbour.call('release')
    await neighbour.call('close')
    expect(await pausing).toBe('nobody')
  })

  it('leaves nothing behind, and what nobody fetched is forgotten', async () => {
    const { directory, workplace } = await held({ times: { renewalMs: 100 } })
    const file = await world.file(directory)
    const all = file.prepare('SELECT id FROM request')
    await workplace.ask(message('Hello.'))
    await until('its row is gone', () => all.all().length === 0)
    const { id } = file.prepare('SELECT id FROM owner').get() as { readonly id: string }
    const insert = file.prepare(
      'INSERT INTO request (recipient, asked_by, asked_at, wish, answer) VALUES (?, ?, ?, ?, ?)',
    )
    insert.run(id, 'x', 1, '{}', '{"kind":"done"}')
    insert.run('x', 'x', 1, '{}', null)
    insert.run('x', 'x', 1, '{}', '{"kind":"begun"}')
    await until('their rows are gone', () => all.all().length === 0)
    expect(all.all()).toEqual([])
  })
})

/** A task that another process holds, and a store here that may ask it. */
async function held(plan: Partial<Parameters<typeof world.neighbour>[0]> = {}) {
  const directory = await world.directory()
  const neighbour = await world.neighbour({ directory, cap: 1, ...plan })
  await neighbour.call('create')
  const { times } = plan
  const { store, workplace } = await world.open(directory, { part: {}, ...(times && { times }) })
  const rows = (await world.file(directory)).prepare('SELECT id FROM request')
  return { directory, neighbour, store, workplace, open: () => rows.all() }
}

function served(neighbour: { events(event: 'served'): readonly { readonly order?: RemoteOrder }[] }) {
  return neighbour.events('served').map(({ order }) => order)
}

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    return RuntimeError.is(error) ? error.code : String(error)
  }
}
