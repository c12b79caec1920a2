/** Approvals that outlive a process, and answers from another one. Each runtime has a store of its own. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ApprovalRequest, Human, Store, Workplace } from '../../src/host.ts'
import { createRuntime, type RuntimeOptions } from '../../src/hosts/node.ts'
import type { Runtime } from '../../src/runtime.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { type HandClock, handClock } from '../../src/testing/hand-clock.ts'
import { complete, type Script, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { closeBy } from '../background/stage.ts'
import { when, workspaceWith } from '../support/runtime.ts'

const STATE = '.troupe/state'
const HOUR_MS = 3_600_000
const SIDE = 'echo done >> side'
const COMMAND: Script = { lead: [use('execute_command', { command: SIDE }), complete('Done.')] }
const QUESTION: Script = {
  lead: [use('ask_followup_question', { question: 'Which?', options: ['red'] }), complete('Done.')],
}
const BY = 'terminal of ada (7)'

interface Opened extends Omit<RuntimeOptions, 'clock'> {
  readonly script?: Script
  readonly clock?: HandClock
}

/** What one process opens: its own store, on the same file. */
async function open(workspace: string, { script = COMMAND, ...options }: Opened = {}): Promise<Runtime> {
  const store = await openSqlite({ directory: join(workspace, STATE) })
  const model = scriptedModel(script)
  const plan = { workspace, store, model, settings: false, onAsk: 'park', warn: () => {} } as const
  const runtime = await createRuntime({ ...plan, ...options })
  onTestFinished(() => closeBy(runtime, options.clock))
  return runtime
}

/** A task that has asked a person and waits, in a process of its own. */
async function parked(script = COMMAND, options: Opened = {}) {
  const workspace = await workspaceWith()
  const first = await open(workspace, { script, ...options })
  const task = await first.start({ message: 'Go.' })
  await when(() => first.approvals.list().length === 1)
  const [request] = first.approvals.list()
  if (!request) throw new Error('Nothing is asked.')
  return { workspace, first, task, taskId: task.id, request }
}

/** The same, and the process has gone. */
async function left(script = COMMAND, options: Opened = {}) {
  const { first, ...asked } = await parked(script, options)
  await closeBy(first, options.clock)
  return asked
}

/** A store that writes nothing before it is told, and remembers that it was to, and was asked by others. */
function slowly(store: Store) {
  const asked = new Set<'append' | 'serve'>()
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => (goOn = resolve))
  const append: Store['append'] = async (entry, previousRunId) => {
    asked.add('append')
    await gate
    return store.append(entry, previousRunId)
  }
  const enter: Workplace['enter'] = (part) => {
    const serve: typeof part.serve = async (order) => {
      await part.serve(order).finally(() => asked.add('serve'))
    }
    store.workplace?.enter({ ...part, serve })
  }
  const workplace = store.workplace && { ...store.workplace, enter }
  const isAsked = (what: 'append' | 'serve') => asked.has(what)
  return { store: { ...store, append, workplace }, isAsked, goOn }
}

const effects = (workspace: string) => readFile(join(workspace, 'side'), 'utf8').catch(() => '')

async function answersIn(runtime: Runtime, taskId: string) {
  const entries = await runtime.journal(taskId)
  return entries
    .map(({ fact }) => fact)
    .filter(({ type }) => ['call.approved', 'call.refused', 'call.told'].includes(type))
}

const isNot = (code: string): unknown => expect.objectContaining({ code })

describe('a request in another process', () => {
  it('is listed with its whole call and its mark, and can be answered: who did is kept', async () => {
    const { workspace, first, task, taskId, request } = await parked()
    const second = await open(workspace)
    const { id, shown, askedAt, why } = request as typeof request & { readonly why: string }
    expect(second.approvals.list()).toEqual([])
    expect(await second.approvals.all()).toEqual([
      expect.objectContaining({ id, shown, askedAt, why, expiresAt: null }),
    ])
    expect(await second.approvals.all()).toEqual([
      expect.objectContaining({ call: expect.objectContaining({ input: { command: SIDE } }) }),
    ])
    await second.approvals.answer(id, { allow: true, shown, by: BY })
    expect((await task.result()).status).toBe('completed')
    expect(await answersIn(first, taskId)).toEqual([
      expect.objectContaining({ type: 'call.approved', by: BY }),
    ])
    expect([await effects(workspace), await second.approvals.all()]).toEqual(['done\n', []])
  })

  it('is not answered by who was shown something else', async () => {
    const { workspace, first, request, taskId } = await parked()
    const second = await open(workspace)
    for (const runtime of [first, second])
      await expect(runtime.approvals.answer(request.id, { allow: true, shown: 'other' })).rejects.toEqual(
        isNot('call/changed'),
      )
    expect(await answersIn(first, taskId)).toEqual([])
    expect(first.approvals.list()).toHaveLength(1)
  })

  it('is answered once, however many processes answer at once', async () => {
    const { workspace, first, task, taskId, request } = await parked()
    const others = await Promise.all([open(workspace), open(workspace)])
    const answers = [first, ...others, first, ...others].map((runtime, index) =>
      runtime.approvals.answer(request.id, { allow: index % 2 === 0, by: `${index}` }),
    )
    const settled = await Promise.allSettled(answers)
    const won = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [`${index}`] : []))
    expect(won).toHaveLength(1)
    for (const end of settled)
      if (end.status === 'rejected') expect(end.reason).toEqual(isNot('call/not-asking'))
    await task.result()
    expect(await answersIn(first, taskId)).toEqual([expect.objectContaining({ by: won[0] })])
    expect(await effects(workspace)).toBe(Number(won[0]) % 2 === 0 ? 'done\n' : '')
  })

  it('is a question as well', async () => {
    const { workspace, task, request, taskId, first } = await parked(QUESTION)
    const second = await open(workspace)
    expect(await second.approvals.all()).toEqual([
      expect.objectContaining({ kind: 'question', text: 'Which?', options: ['red'] }),
    ])
    await second.approvals.answer(request.id, { text: 'Blue.' })
    await task.result()
    expect(await answersIn(first, taskId)).toEqual([
      expect.objectContaining({ type: 'call.told', text: 'Blue.', by: 'host' }),
    ])
  })
})

describe('a request of a task that no process has', () => {
  it('is approved while it is down, and runs when it is back, unasked and once', async () => {
    const { workspace, taskId, request } = await left()
    const second = await open(workspace)
    expect(await second.approvals.all()).toEqual([
      expect.objectContaining({ id: request.id, shown: request.shown, askedAt: request.askedAt }),
    ])
    await second.approvals.answer(request.id, { allow: true, shown: request.shown, by: BY })
    await expect(second.approvals.answer(request.id, { allow: false })).rejects.toEqual(
      isNot('call/not-asking'),
    )
    expect([await effects(workspace), await second.approvals.all()]).toEqual(['', []])
    expect(await second.tasks()).toEqual([expect.objectContaining({ status: 'paused', heldBy: 'nobody' })])
    const approve: Human['approve'] = () => Promise.reject(new Error('Nobody is to be asked again.'))
    const third = await open(workspace, { human: { approve } })
    await third.resumeAll({ by: 'shutdown' })
    expect(await third.result(taskId)).toMatchObject({ status: 'completed' })
    expect(await effects(workspace)).toBe('done\n')
    expect(await answersIn(third, taskId)).toEqual([
      expect.objectContaining({ type: 'call.approved', by: BY }),
    ])
  })

  it('is answered once, however many processes answer at once', async () => {
    const { workspace, taskId, request } = await left()
    const others = await Promise.all([open(workspace), open(workspace), open(workspace)])
    const answers = [...others, ...others].map((runtime, index) =>
      runtime.approvals.answer(request.id, { allow: false, by: `${index}` }),
    )
    const settled = await Promise.allSettled(answers)
    const won = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [`${index}`] : []))
    for (const end of settled)
      if (end.status === 'rejected') expect(end.reason).toEqual(isNot('call/not-asking'))
    expect(won).toHaveLength(1)
    expect(await answersIn(others[0], taskId)).toEqual([expect.objectContaining({ by: won[0] })])
  })

  it('is answered also while the same process does something else to the task', async () => {
    const { workspace, taskId, request } = await left()
    const second = await open(workspace)
    const messages = Array.from({ length: 10 }, (_, index) => second.message(taskId, `Say ${index}.`))
    await second.approvals.answer(request.id, { allow: false, by: BY })
    await Promise.all(messages)
    expect(await answersIn(second, taskId)).toEqual([expect.objectContaining({ by: BY })])
  })

  it('is answered also while another process writes something else into its journal', async () => {
    const { workspace, taskId, request } = await left()
    const { store, isAsked, goOn } = slowly(await openSqlite({ directory: join(workspace, STATE) }))
    const [second, third] = await Promise.all([open(workspace, { store }), open(workspace)])
    const said = second.message(taskId, 'By the way.')
    await when(() => isAsked('append'))
    const answered = third.approvals.answer(request.id, { allow: false, by: BY })
    await when(() => isAsked('serve'))
    goOn()
    await Promise.all([said, answered])
    expect(await answersIn(third, taskId)).toEqual([expect.objectContaining({ by: BY })])
  })

  it('is refused while it is down: it never runs', async () => {
    const { workspace, taskId, request } = await left()
    const second = await open(workspace)
    await second.approvals.answer(request.id, { allow: false, note: 'Later.' })
    await second.resume(taskId, { by: 'shutdown' })
    expect((await second.result(taskId)).status).toBe('completed')
    expect(await effects(workspace)).toBe('')
  })

  it('is asked again by the same name and for the same thing when nobody has answered', async () => {
    const { workspace, taskId, request } = await left()
    const asked: ApprovalRequest[] = []
    const approve: Human['approve'] = async (given) => {
      asked.push(given)
      return { allow: true }
    }
    const second = await open(workspace, { human: { approve } })
    await second.resume(taskId, { by: 'shutdown' })
    expect((await second.result(taskId)).status).toBe('completed')
    expect(asked).toEqual([request])
    expect(await effects(workspace)).toBe('done\n')
    expect(await answersIn(second, taskId)).toEqual([expect.objectContaining({ by: 'host' })])
  })

  it('is not answered by who was shown something else, and still waits', async () => {
    const { workspace, request } = await left()
    const second = await open(workspace)
    const wrong = second.approvals.answer(request.id, { allow: true, shown: 'other' })
    await expect(wrong).rejects.toEqual(isNot('call/changed'))
    expect(await second.approvals.all()).toHaveLength(1)
  })
})

describe('L11: a limit for approvals', () => {
  const limits = { approvalTimeoutMs: HOUR_MS }

  it('goes on while no process has the task: too late is too late', async () => {
    const clock = handClock()
    const { workspace, taskId, request } = await left(COMMAND, { clock, limits })
    expect(request.expiresAt).toBe(request.askedAt + HOUR_MS)
    clock.advance((request.expiresAt ?? 0) - clock.now())
    const second = await open(workspace, { clock, limits })
    await expect(second.approvals.answer(request.id, { allow: true })).rejects.toMatchObject({
      code: 'call/not-asking',
      message: expect.stringContaining('limit/approval'),
    })
    expect(await answersIn(second, taskId)).toEqual([])
    await second.resume(taskId, { by: 'shutdown' })
    expect((await second.result(taskId)).status).toBe('completed')
    expect(await answersIn(second, taskId)).toEqual([
      expect.objectContaining({ type: 'call.refused', note: expect.stringContaining('limit/approval') }),
    ])
    expect(await effects(workspace)).toBe('')
  })

  it('leaves whoever is asked again what is left of the time', async () => {
    const clock = handClock()
    const { workspace, taskId, request } = await left(COMMAND, { clock, limits })
    clock.advance((request.expiresAt ?? 0) - clock.now() - 1)
    const second = await open(workspace, { clock, limits })
    await second.resume(taskId, { by: 'shutdown' })
    await when(() => second.approvals.list().length === 1)
    expect(second.approvals.list()).toEqual([request])
    clock.advance(1)
    expect((await second.result(taskId)).status).toBe('completed')
    expect(await effects(workspace)).toBe('')
  })
})
