/**
 * What a task is given again when it is taken up: what it owes, what it may do, and who stands above and
 * below.
 */
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RuntimeError } from '../../src/errors.ts'
import type { Store, Workplace } from '../../src/host.ts'
import { NOBODY_ELSEWHERE } from '../../src/protocol/concurrency.ts'
import { sqlite } from '../../src/hosts/keeping/default-store.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, scriptedModel, use, uses } from '../../src/testing/testing.ts'
import { puppets } from '../background/puppets.ts'
import { newTask, openStage, settled } from '../background/stage.ts'
import { heldTool } from '../support/held.ts'
import { openRuntime, when, workspaceWith } from '../support/runtime.ts'
import { cutOff, recorded, upTo } from './cut-off.ts'

/** A store that others may work on, too, and that nobody else does. */
function alone(store: Store, own: Partial<Workplace> = {}): Store {
  const workplace: Workplace = {
    enter: () => {},
    mayAct: () => null,
    takeSlot: async () => null,
    leaveSlot: () => {},
    waits: () => {},
    elsewhere: async () => NOBODY_ELSEWHERE,
    ask: async () => 'nobody',
    ...own,
  }
  return { ...store, workplace }
}

describe('the data that a task owes', () => {
  async function owing(dataSchema: Readonly<Record<string, unknown>> | null) {
    const models = puppets()
    const store = memoryStore()
    const first = await openRuntime({ model: models.model, store })
    const { id } = await first.start({ message: 'Go.', output: z.object({ ok: z.boolean() }) })
    await models.body('Go.')
    const entries = (await recorded(store)).map((entry) =>
      entry.fact.type === 'task.created' && dataSchema !== null
        ? { ...entry, fact: { ...entry.fact, spec: { ...entry.fact.spec, dataSchema } } }
        : entry,
    )
    const warnings: string[] = []
    const model = scriptedModel(() => complete('Here.', { ok: 'nonsense' }))
    const left = await cutOff(entries, entries.length)
    const again = await openRuntime({ model, store: left, warn: (text) => void warnings.push(text) })
    await again.resume(id)
    return { result: await again.result(id), warnings }
  }

  it('is checked after a crash as before it', async () => {
    const { result } = await owing(null)
    expect(result).toMatchObject({ status: 'failed', reason: { code: 'task/bad-result' } })
  })

  it('keeps no task from going on whose schema cannot be read back', async () => {
    const { result, warnings } = await owing({ type: 'object', not: { required: ['x'] } })
    expect(result).toMatchObject({ status: 'completed' })
    expect(warnings.filter((text) => text.includes('its data is not checked'))).toHaveLength(1)
  })
})

it('what is continued has an answer to every call, and its notes once', async () => {
  const tool = heldTool('hold')
  // Only the first of them has begun when the task ends.
  const rest = ['one', 'two'].map((word) => ({ tool: 'execute_command', input: { command: `echo ${word}` } }))
  const calls = [{ tool: 'hold', input: {} }, ...rest]
  const model = scriptedModel(({ lines }) => (lines.length > 2 ? complete('Done.') : uses(calls)))
  const workspace = await workspaceWith({ 'AGENTS.md': 'Be brief.' })
  const runtime = await openRuntime({
    workspace,
    settings: true,
    tools: [tool],
    model,
    policy: { allow: ['hold'] },
  })
  const task = await runtime.start({ message: 'Go.' })
  await when(() => tool.runs.length > 0)
  await task.cancel()
  await task.result()
  const next = await runtime.continue(task.id, { message: 'More.' })
  expect((await next.result()).status).toBe('completed')
  const lines = model.requests.at(-1)?.lines ?? []
  const asked = lines.flatMap((line) => (line.role === 'agent' ? line.calls.map(({ id }) => id) : []))
  const told = lines.flatMap((line) => (line.role === 'tool' ? [line.callId] : []))
  expect(asked).toHaveLength(3)
  expect(told).toEqual(asked)
  expect(lines.filter((line) => line.role === 'note' && line.source === 'workspace')).toHaveLength(1)
})

it('L13: a store in a directory of one’s own is out of every tool’s reach', async () => {
  const workspace = await workspaceWith()
  await mkdir(join(workspace, 'data'))
  await writeFile(join(workspace, 'data/notes.txt'), 'mine')
  const model = scriptedModel({
    lead: [
      use('execute_command', { command: 'rm -rf data/keep' }),
      use('write_file', { path: 'data/keep/store.sqlite', content: 'x' }),
      use('read_file', { path: 'data/notes.txt' }),
      complete('Done.'),
    ],
  })
  const store = sqlite({ directory: 'data/keep' })
  const runtime = await openRuntime({ workspace, store, model, policy: { mode: 'bypassPermissions' } })
  expect(await runtime.run({ message: 'Go.' })).toMatchObject({ status: 'completed' })
  await access(join(workspace, 'data/keep/store.sqlite'))
  const kinds = model.requests
    .at(-1)
    ?.lines.flatMap((line) => (line.role === 'tool' ? [line.result.kind] : []))
  expect(kinds).toEqual(['failed', 'failed', 'ok'])
})

it('L4, L8: who cannot show that it lives does nothing, and its task is lost, not hanging', async () => {
  const tool = heldTool('hold')
  let isFull = false
  const mayAct = () => (isFull ? Promise.reject(new RuntimeError('store/full', 'No room.')) : null)
  const model = scriptedModel(() => {
    isFull = true
    return use('hold')
  })
  const store = alone(memoryStore(), { mayAct })
  const runtime = await openRuntime({ store, tools: [tool], model, policy: { allow: ['hold'] } })
  const result = await runtime.run({ message: 'Go.' })
  expect(result).toMatchObject({
    status: 'failed',
    reason: { code: 'task/lost', message: expect.stringContaining('No room.') },
  })
  expect(tool.runs).toHaveLength(0)
})

describe('a family of which a crash has left some with nobody', () => {
  async function lead() {
    const stage = await openStage()
    const { id } = await stage.runtime.start({ message: 'lead' })
    await stage.models.say('lead', uses([newTask('beside', { background: true })]))
    await stage.models.body('beside')
    await stage.models.body('lead')
    return { stage, id }
  }

  it('a cancel above ends them too', async () => {
    const { stage, id } = await lead()
    await settled(stage.runtime)
    const entries = await recorded(stage.store)
    const store = await cutOff(entries, entries.length)
    const [, child] = await store.tasks()
    let isHidden = true
    const tasks: Store['tasks'] = async (which) =>
      (await store.tasks(which)).filter(({ spec }) => !isHidden || spec.id !== child?.spec.id)
    const { runtime } = await openStage({ store: alone({ ...store, tasks }) })
    await runtime.resume(id)
    isHidden = false
    await runtime.cancel(id)
    await settled(runtime)
    expect((await runtime.tasks()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
  })

  it('a hold above that did not reach them holds them when they are taken up', async () => {
    const { stage, id } = await lead()
    void stage.runtime.pause(id)
    await settled(stage.runtime)
    const entries = await recorded(stage.store)
    const isPaused = upTo(entries, ({ taskId, fact }) => taskId === id && fact.type === 'task.pauseAsked')
    expect(isPaused).toBeGreaterThan(0)
    const { runtime } = await openStage({ store: await cutOff(entries, isPaused) })
    await runtime.recover()
    await settled(runtime)
    expect((await runtime.tasks()).map(({ status }) => status)).toEqual(['paused', 'paused'])
    await runtime.resume(id)
    await settled(runtime)
    expect((await runtime.tasks()).map(({ status }) => status)).toEqual(['running', 'running'])
  })
})
