/** `troupe approvals`: what waits for a person in a workspace, in whatever process it was asked. */
import { describe, expect, it } from 'vitest'
import { complete, use } from '../../src/testing/scripted-model.ts'
import { builtBinary, until, workspaceOf } from '../cli/binary.ts'
import { atWork } from './other-process.ts'

const troupe = builtBinary()
const HOSTILE = 'x\x1b[31m \u202e'
const RAW = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/

/** One task that wants to write, one that asks a question. */
async function asking() {
  const work = await atWork(
    troupe,
    {
      coder: [use('write_file', { path: 'a.txt', content: `${HOSTILE}\nlast ` }), complete('Written.')],
      reviewer: [use('ask_followup_question', { question: 'Which?', options: ['this', 'that'] })],
    },
    { onAsk: 'park' },
  )
  const { runtime } = work
  const limits = { approvalTimeoutMs: 3_600_000 }
  const coder = await runtime.start({ agent: 'coder', message: 'Write a.txt', limits })
  await until(() => runtime.approvals.list().length === 1, 'the first asks')
  const reviewer = await runtime.start({ agent: 'reviewer', message: 'Ask' })
  await until(() => runtime.approvals.list().length === 2, 'the second asks')
  return { ...work, coder, reviewer }
}

describe('what waits', () => {
  it('is shown with every byte, since when, until when, and how to answer; the oldest first', async () => {
    const { troupe: run, coder, reviewer } = await asking()
    const { code, stdout, stderr } = await run('approvals')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toMatch(RAW)
    const [call, question] = [`${coder.id.slice(-6)}/1.0`, `${reviewer.id.slice(-6)}/1.0`]
    const lines = stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'then').replaceAll(/[\da-f]{32}/g, 'mark')
    expect(lines.split('\n')).toEqual([
      '? coder wants to run write_file',
      '  task   Write a.txt',
      '  by     the mode default',
      '  why    write_file writes a.txt',
      '',
      '  path',
      '  │ a.txt',
      '  content  (no line break at the end)',
      '  │ + x\\x1b[31m \\u202e',
      '  │ + last\\x20',
      '',
      '  asked then, just now; waits until then',
      '  mark  mark',
      `  → troupe approve ${call}`,
      `  → troupe deny ${call} --note "…"`,
      '',
      '? reviewer asks',
      '  task   Ask',
      '',
      '  │ Which?',
      '',
      '   1  this',
      '   2  that',
      '',
      '  asked then, just now; waits for as long as it takes',
      '  mark  mark',
      `  → troupe approve ${question} --text "…"`,
      `  → troupe deny ${question}`,
      '',
    ])
  })

  it('is the same when the processes are gone, and in JSON nothing is missing', async () => {
    const { troupe: run, json, coder, reviewer, close } = await asking()
    const before = (await run('approvals')).stdout
    const told = await json<Record<string, unknown>[]>('approvals')
    expect(told).toMatchObject([
      {
        id: `${coder.id}/1.0`,
        kind: 'approval',
        taskId: coder.id,
        callId: '1.0',
        agent: 'coder',
        title: 'Write a.txt',
        depth: 0,
        parents: [],
        background: false,
        boundary: [],
        call: { tool: 'write_file', input: { path: 'a.txt', content: `${HOSTILE}\nlast ` } },
        why: 'write_file writes a.txt',
        rule: 'default',
        layer: 'mode',
        shown: expect.stringMatching(/^[\da-f]{32}$/),
        askedAt: expect.any(Number),
        expiresAt: expect.any(Number),
      },
      {
        id: `${reviewer.id}/1.0`,
        kind: 'question',
        text: 'Which?',
        options: ['this', 'that'],
        expiresAt: null,
      },
    ])
    await close()
    expect((await run('approvals')).stdout).toBe(before)
    expect(await json('approvals')).toEqual(told)
  })

  it('is gone when it was answered', async () => {
    const { troupe: run, json, coder, reviewer, runtime } = await asking()
    await runtime.approvals.answer(`${coder.id}/1.0`, { allow: false })
    await runtime.cancel(reviewer.id)
    expect(await json('approvals')).toEqual([])
    expect((await run('approvals')).stdout).toBe('Nothing waits for you.\n')
  })
})

it('of a task in the background: for whom it works, and how narrow it is; withdrawn, its answer is refused', async () => {
  const permissions = { filePatterns: ['*.pem', 'my docs/**'], commandPatterns: [] }
  const input = { agent: 'explorer', background: true, message: 'Read the key', permissions }
  const work = await atWork(
    troupe,
    {
      lead: [use('new_task', input), use('wait_for_tasks'), complete('Done.')],
      explorer: [use('read_file', { path: 'a.pem' })],
    },
    { onAsk: 'park' },
    { 'a.pem': 'Secret.' },
  )
  const { runtime, troupe: run, json } = work
  const lead = await runtime.start({ message: 'Lead the work' })
  await until(() => runtime.approvals.list().length === 1, 'it asks')
  const [{ id, taskId } = { id: '', taskId: '' }] = runtime.approvals.list()
  expect((await run('approvals')).stdout.split('\n').slice(0, 10)).toEqual([
    '? explorer wants to run read_file',
    '  task   Read the key',
    '  works  for lead "Lead the work" · depth 1 · in the background',
    '  bounds 1  reads only',
    '         2  files: *.pem, "my docs/**" · commands: nothing',
    '  by     control files and secrets, a rule of Troupe itself',
    '  why    a.pem: it is a key',
    '',
    '  path',
    '  │ a.pem',
  ])
  expect(await json('approvals')).toMatchObject([
    {
      depth: 1,
      background: true,
      parents: [{ taskId: lead.id, agent: 'lead', title: 'Lead the work' }],
      boundary: [{ readOnly: true }, permissions, { readOnly: true }],
      rule: 'control files and secrets',
      layer: 'runtime',
    },
  ])
  const page = (await run('show', taskId)).stdout
  expect(page).toMatch(
    /^boundary {3}1 {2}reads only\n {11}2 {2}files: \*\.pem, "my docs\/\*\*" · commands: nothing$/m,
  )
  await runtime.cancel(lead.id)
  await runtime.result(taskId)
  expect((await run('approvals')).stdout).toBe('Nothing waits for you.\n')
  await expect(runtime.approvals.answer(id, { allow: true })).rejects.toMatchObject({
    code: 'call/not-asking',
  })
})

it('where nothing is kept, nothing waits; and it takes no operand', async () => {
  const cwd = await workspaceOf()
  expect(await troupe.run(['approvals'], { cwd })).toMatchObject({
    code: 0,
    stdout: 'Nothing waits for you.\n',
  })
  const { code, stderr } = await troupe.run(['approvals', 'x'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toMatch(/flags only, not "x"/)
})
