/** Who is asked, who answers, and what the model is told. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ApprovalRequest, Human, Question } from '../../src/host.ts'
import { RuntimeError } from '../../src/errors.ts'
import type { Runtime } from '../../src/runtime.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { openRuntime, when, workspaceWith } from '../support/runtime.ts'

const command = use('execute_command', { command: 'echo "$((6 * 7))" > answer.txt && cat answer.txt' })
const scriptOf = (first: ReturnType<typeof use>) => ({ lead: [first, complete('Done.')] })
const told = (model: ReturnType<typeof scriptedModel>) =>
  model.requests[1]?.lines.find((line) => line.role === 'tool') as
    | { result: Record<string, unknown> }
    | undefined

describe('an approval', () => {
  it('shows the whole call, and lets it run', async () => {
    const asked: ApprovalRequest[] = []
    const approve: Human['approve'] = async (request) => {
      asked.push(request)
      return { allow: true, note: 'But only once.' }
    }
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({ model, human: { approve } })
    const { taskId } = await runtime.run({ message: 'Compute.' })
    expect(asked[0]).toMatchObject({ id: `${taskId}/1.0`, agent: 'lead', title: 'Compute.' })
    expect(asked[0]?.call.input).toEqual({ command: 'echo "$((6 * 7))" > answer.txt && cat answer.txt' })
    expect(told(model)?.result.output).toMatch(/^exit code 0 .*\n42$/s)
    expect(model.requests[1]?.lines.at(-1)).toEqual({ role: 'user', text: 'But only once.' })
  })

  it('that is refused runs nothing, and the model is told why', async () => {
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({
      model,
      human: { approve: async () => ({ allow: false, note: 'Not today.' }) },
    })
    await runtime.run({ message: 'Compute.' })
    expect(told(model)?.result).toMatchObject({
      code: 'call/refused',
      message: 'The user said no: Not today.',
    })
  })

  it('is refused with a reason when nobody can be asked', async () => {
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({ model })
    expect((await runtime.run({ message: 'Compute.' })).status).toBe('completed')
    expect(told(model)?.result).toMatchObject({
      code: 'call/refused',
      message: expect.stringContaining('Nobody can be asked'),
    })
  })

  it('that throws is a refusal, not a failure of the task', async () => {
    const model = scriptedModel(scriptOf(command))
    const approve = () => Promise.reject(new Error('The page is gone.'))
    const runtime = await openRuntime({ model, human: { approve } })
    expect((await runtime.run({ message: 'Compute.' })).status).toBe('completed')
    expect(told(model)?.result.message).toContain('The page is gone.')
  })

  it('may be parked, listed and answered later; the first answer counts', async () => {
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({ model, onAsk: 'park' })
    const task = await runtime.start({ message: 'Compute.' })
    await when(() => runtime.approvals.list().length === 1)
    expect(task.state).toBe('running.asking')
    const [request] = runtime.approvals.list()
    const id = request?.id ?? ''
    await runtime.approvals.answer(id, { allow: true })
    await expect(runtime.approvals.answer(id, { allow: false })).rejects.toMatchObject({
      code: 'call/not-asking',
    })
    expect((await task.result()).status).toBe('completed')
    expect(told(model)?.result.output).toContain('42')
  })

  it('is given only by `true`, and only to what was asked', async () => {
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({ model, onAsk: 'park' })
    const task = await runtime.start({ message: 'Compute.' })
    await when(() => runtime.approvals.list().length === 1)
    for (const no of [{ allow: 'true' }, { allow: 1 }, { text: 'Yes.' }, null, {}]) {
      await expect(answerFirst(runtime, no as never), JSON.stringify(no)).rejects.toThrow('to be approved')
    }
    expect(task.state).toBe('running.asking')
    await answerFirst(runtime, { allow: false })
    await task.result()
    expect(told(model)?.result).toMatchObject({ code: 'call/refused' })
  })

  it('in a form nobody knows is no yes', async () => {
    const model = scriptedModel(scriptOf(command))
    const approve = (async () => ({ allow: 'yes' })) as unknown as Human['approve'] // a host without types
    const runtime = await openRuntime({ model, human: { approve } })
    await runtime.run({ message: 'Compute.' })
    expect(told(model)?.result).toMatchObject({ code: 'call/refused' })
  })

  it('waits where the host can only answer questions, if it may wait', async () => {
    const ask = async () => 'Yes.'
    const runtime = await openRuntime({
      model: scriptedModel(scriptOf(command)),
      human: { ask },
      onAsk: 'park',
    })
    const task = await runtime.start({ message: 'Compute.' })
    await when(() => runtime.approvals.list().length === 1)
    await answerFirst(runtime, { allow: true })
    expect((await task.result()).status).toBe('completed')
  })

  it('L2: is taken only when it is durable', async () => {
    const kept = memoryStore()
    let isFull = false
    const append: typeof kept.append = (entry, previous) =>
      isFull ? Promise.reject(new RuntimeError('store/conflict', 'Full.')) : kept.append(entry, previous)
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({ model, onAsk: 'park', store: { ...kept, append } })
    await runtime.start({ message: 'Compute.' })
    await when(() => runtime.approvals.list().length === 1)
    isFull = true
    await expect(answerFirst(runtime, { allow: true })).rejects.toMatchObject({ code: 'store/conflict' })
  })

  it('is withdrawn when the task ends, and its signal says so', async () => {
    let isWithdrawn = false
    const approve: Human['approve'] = (_, signal) =>
      new Promise(() => signal.addEventListener('abort', () => (isWithdrawn = true)))
    const runtime = await openRuntime({ model: scriptedModel(scriptOf(command)), human: { approve } })
    const task = await runtime.start({ message: 'Compute.' })
    await when(() => runtime.approvals.list().length === 1)
    await task.cancel()
    expect((await task.result()).status).toBe('cancelled')
    expect([isWithdrawn, runtime.approvals.list()]).toEqual([true, []])
  })

  it('given while the task is paused runs nothing before it is resumed', async () => {
    const model = scriptedModel(scriptOf(command))
    const runtime = await openRuntime({ model, onAsk: 'park' })
    const task = await runtime.start({ message: 'Compute.' })
    await when(() => runtime.approvals.list().length === 1)
    await task.pause()
    expect(task.status).toBe('paused')
    await answerFirst(runtime, { allow: true })
    expect(await eventTypes(runtime, task.id)).not.toContain('call.ended')
    await task.resume()
    expect((await task.result()).status).toBe('completed')
    expect(told(model)?.result.output).toContain('42')
  })
})

describe('a question', () => {
  const question = use('ask_followup_question', { question: 'Which colour?', options: ['red', 'blue'] })

  it('is answered in the words of the user', async () => {
    const asked: Question[] = []
    const ask: Human['ask'] = async (given) => {
      asked.push(given)
      return 'Blue, please.'
    }
    const model = scriptedModel(scriptOf(question))
    const runtime = await openRuntime({ model, human: { ask } })
    await runtime.run({ message: 'Paint.' })
    expect(asked[0]).toMatchObject({ text: 'Which colour?', options: ['red', 'blue'], agent: 'lead' })
    expect(told(model)?.result).toEqual({ kind: 'ok', output: 'Blue, please.' })
  })

  it('without an answer is refused in words', async () => {
    const model = scriptedModel(scriptOf(question))
    const runtime = await openRuntime({ model, human: { ask: async () => null } })
    await runtime.run({ message: 'Paint.' })
    expect(told(model)?.result).toMatchObject({ code: 'call/refused', message: 'The user did not answer.' })
  })

  it('can be answered through `approvals` as well', async () => {
    const model = scriptedModel(scriptOf(question))
    const runtime = await openRuntime({ model, onAsk: 'park' })
    const task = await runtime.start({ message: 'Paint.' })
    await when(() => runtime.approvals.list().length === 1)
    await answerFirst(runtime, { text: 'Red.' })
    await task.result()
    expect(told(model)?.result).toEqual({ kind: 'ok', output: 'Red.' })
  })
})

async function answerFirst(runtime: Runtime, answer: Parameters<Runtime['approvals']['answer']>[1]) {
  const [request] = runtime.approvals.list()
  await runtime.approvals.answer(request?.id ?? '', answer)
}

async function eventTypes(runtime: Runtime, id: string): Promise<string[]> {
  const [view] = await runtime.tasks({ id })
  const types: string[] = []
  const stop = runtime.subscribe(({ type }) => types.push(type))
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  stop()
  return [view?.state ?? '', ...types]
}

it('a yes holds for what was shown, not for what it has become since', async () => {
  const workspace = await workspaceWith({ 'notes.txt': 'old\n' })
  await mkdir(join(workspace, '.git'))
  await writeFile(join(workspace, '.git/config'), '[core]\n')
  const model = scriptedModel({
    lead: [
      use('read_file', { path: 'notes.txt' }),
      use('write_file', { path: 'notes.txt', content: 'new' }),
      complete('Done.'),
    ],
  })
  // While the person looks at a harmless write, the file becomes a link to the repository's own settings.
  const approve: Human['approve'] = async () => {
    await rm(join(workspace, 'notes.txt'))
    await symlink('.git/config', join(workspace, 'notes.txt'))
    return { allow: true }
  }
  const runtime = await openRuntime({ workspace, model, human: { approve } })
  await runtime.run({ message: 'Write it down.' })
  expect(model.requests[2]?.lines.at(-1)).toMatchObject({
    result: { code: 'call/denied', message: expect.stringContaining('no longer what was approved') },
  })
  expect(await readFile(join(workspace, '.git/config'), 'utf8')).toBe('[core]\n')
})
