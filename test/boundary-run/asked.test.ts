/** What a task in the background needs a person for: parked, told apart, answered once, withdrawn with it. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OpenRequest } from '../../src/actors/open-requests.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { use, uses } from '../../src/testing/scripted-model.ts'
import { when, workspaceWith } from '../support/runtime.ts'
import { answerOf } from '../background/puppets.ts'
import { closeBy, newTask, openStage, type Stage, type StageOptions } from '../background/stage.ts'

const SECRETS = { 'a.pem': 'Secret A.', 'b.pem': 'Secret B.' }
/** Reading keys is asked for in every mode, and no layer that only reads denies it. */
const read = (name: string) => use('read_file', { path: `${name.toLowerCase()}.pem` })

/** A lead with two tasks in the background, each of which has asked for a key. */
async function twoAsking(options: StageOptions = {}) {
  const workspace = options.workspace ?? (await workspaceWith(SECRETS))
  const stage = await openStage({ ...options, workspace })
  const { runtime, models } = stage
  const lead = await runtime.start({ message: 'Lead', boundary: { deniedTools: ['execute_command'] } })
  const children = ['A', 'B'].map((name) =>
    newTask(name, { agent: 'explorer', background: true, permissions: { filePatterns: ['*.pem'] } }),
  )
  await models.say('Lead', uses(children))
  for (const name of ['A', 'B']) await models.say(name, read(name))
  await when(() => runtime.approvals.list().length === 2)
  return { ...stage, workspace, lead }
}

const requestOf = ({ runtime }: Pick<Stage, 'runtime'>, title: string): OpenRequest => {
  const found = runtime.approvals.list().find((request) => request.title === title)
  if (!found) throw new Error(`"${title}" asks for nothing.`)
  return found
}

const told = async ({ models }: Pick<Stage, 'models'>, title: string) =>
  JSON.stringify(answerOf((await models.body(title)).request, 'read_file'))

describe('L5: what a task in the background needs a person for', () => {
  it('is parked with who asks, for whom, what, why, by which rule, and all that it may touch', async () => {
    const stage = await twoAsking()
    expect(requestOf(stage, 'A')).toMatchObject({
      kind: 'approval',
      agent: 'explorer',
      title: 'A',
      depth: 1,
      parents: [{ taskId: stage.lead.id, agent: 'lead', title: 'Lead' }],
      background: true,
      boundary: [
        { deniedTools: ['execute_command'] },
        { readOnly: true },
        { filePatterns: ['*.pem'] },
        { readOnly: true },
      ],
      call: { tool: 'read_file', input: { path: 'a.pem' } },
      action: { access: { reads: ['a.pem'], writes: [], command: null } },
      why: expect.stringContaining('a.pem'),
      layer: 'runtime',
      rule: 'control files and secrets',
    })
    expect(stage.runtime.slots().running, 'who waits for a person has no slot').toBe(0)
  })

  it.each([
    ['A', 'B'],
    ['B', 'A'],
  ])('several are told apart, and answered in any order, each once: %s first', async (first, second) => {
    const stage = await twoAsking()
    const { runtime } = stage
    const [one, other] = [requestOf(stage, first), requestOf(stage, second)]
    expect(one.id).not.toBe(other.id)
    await runtime.approvals.answer(one.id, { allow: true, shown: one.shown })
    expect(await told(stage, first)).toContain(`Secret ${first}.`)
    expect(runtime.approvals.list().map(({ id }) => id)).toEqual([other.id])
    await expect(runtime.approvals.answer(one.id, { allow: true })).rejects.toMatchObject({
      code: 'call/not-asking',
    })
    // What was shown of one is no answer to the other.
    await expect(runtime.approvals.answer(other.id, { allow: true, shown: one.shown })).rejects.toMatchObject(
      { code: 'call/changed' },
    )
    await runtime.approvals.answer(other.id, { allow: false, shown: other.shown })
    expect(await told(stage, second)).toContain('call/refused')
    for (const [{ taskId }, type] of [
      [one, 'call.approved'],
      [other, 'call.refused'],
    ] as const)
      expect(await stage.facts(taskId, type)).toHaveLength(1)
  })

  it('is answered once by many at once, and done once', async () => {
    const stage = await twoAsking()
    const { id } = requestOf(stage, 'A')
    const answers = Array.from({ length: 8 }, () => stage.runtime.approvals.answer(id, { allow: true }))
    const said = await Promise.allSettled(answers)
    expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await told(stage, 'A')).toContain('Secret A.')
    const facts = await stage.facts(id.slice(0, id.lastIndexOf('/')), 'call.ended')
    expect(facts).toHaveLength(1)
  })

  it('outlives the process: it waits as it did, and another process answers it', async () => {
    const workspace = await workspaceWith(SECRETS)
    const directory = join(workspace, '.troupe/state')
    const first = await twoAsking({ workspace, store: await openSqlite({ directory }) })
    const before = first.runtime.approvals.list()
    await closeBy(first.runtime)
    const second = await openStage({ workspace, store: await openSqlite({ directory }) })
    const left = await second.runtime.approvals.all()
    const known = ({
      id,
      shown,
      title,
      parents,
      boundary,
      depth,
      background,
    }: OpenRequest & { boundary?: unknown }) => {
      return { id, shown, title, parents, boundary, depth, background }
    }
    const byId = (a: OpenRequest, b: OpenRequest) => a.id.localeCompare(b.id)
    expect(left.toSorted(byId).map(known)).toEqual(before.toSorted(byId).map(known))
    const [one] = left
    await second.runtime.approvals.answer(one?.id ?? '', { allow: false, shown: one?.shown ?? '' })
    expect((await second.runtime.approvals.all()).map(({ id }) => id)).toEqual([left[1]?.id])
  })
})

describe('is withdrawn when the task ends', () => {
  const ENDS: Readonly<Record<string, (stage: Awaited<ReturnType<typeof twoAsking>>) => Promise<unknown>>> = {
    'it is cancelled': (stage) => stage.runtime.cancel(requestOf(stage, 'A').taskId),
    'its parent is cancelled': ({ runtime, lead }) => runtime.cancel(lead.id),
    'its parent ends it': ({ models, runtime }) =>
      models.say('Lead', use('cancel_task', { task: requestOf({ runtime }, 'A').taskId })),
  }

  it.each(Object.keys(ENDS))('%s', async (name) => {
    const stage = await twoAsking()
    const { runtime } = stage
    const { id, taskId } = requestOf(stage, 'A')
    await ENDS[name]?.(stage)
    expect(await runtime.result(taskId)).toMatchObject({ status: 'cancelled' })
    await expectGone(stage, id)
  })

  it('nobody answers within its limit: refused, gone, and the task goes on', async () => {
    const clock = handClock()
    const limits = { approvalTimeoutMs: 60_000 }
    const stage = await twoAsking({ clock, limits })
    const { id } = requestOf(stage, 'A')
    clock.advance(60_000)
    expect(await told(stage, 'A')).toContain('limit/approval')
    await expectGone(stage, id)
  })

  async function expectGone({ runtime, facts }: Stage, id: string) {
    expect(runtime.approvals.list().map((request) => request.id)).not.toContain(id)
    expect((await runtime.approvals.all()).map((request) => request.id)).not.toContain(id)
    await expect(runtime.approvals.answer(id, { allow: true })).rejects.toMatchObject({
      code: 'call/not-asking',
    })
    expect(await facts(id.slice(0, id.lastIndexOf('/')), 'call.approved')).toEqual([])
  }
})

describe('a question of a task in the background', () => {
  it('says who asks, for whom, and how deep', async () => {
    const { runtime, models } = await openStage()
    await runtime.start({ message: 'Lead' })
    await models.say('Lead', uses([newTask('Child', { background: true })]))
    await models.say('Child', uses([newTask('Grandchild')]))
    await models.say('Grandchild', use('ask_followup_question', { question: 'Which?' }))
    await when(() => runtime.approvals.list().length === 1)
    const [question] = runtime.approvals.list()
    expect(question).toMatchObject({ kind: 'question', title: 'Grandchild', depth: 2, background: true })
    expect(question?.parents.map(({ title }) => title)).toEqual(['Child', 'Lead'])
    await runtime.approvals.answer(question?.id ?? '', { text: 'This one.' })
    const { request } = await models.body('Grandchild')
    expect(answerOf(request, 'ask_followup_question')).toEqual({ kind: 'ok', output: 'This one.' })
  })
})
