import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { never } from '../hosts/workspace.ts'
import { ok, toolboxOn } from './toolbox.ts'

const PATCH =
  '*** Begin Patch\n*** Update File: a\n*** Move to: b\n@@\n-x\n+y\n*** Delete File: c\n*** Add File: d\n+z\n*** End Patch'
const outer = (reads: string[], writes: string[]) => ({ reads, writes, command: null })
const inner = { ...outer([], []), isInner: true }

/** Every built-in tool: its class, and a call with what it touches. A missing tool does not compile. */
const TABLE: Record<
  (typeof BUILTIN_TOOLS)[number],
  { effect: string; reconciles?: true; input: object; access: object }
> = {
  list_files: { effect: 'pure', input: { path: 'src' }, access: { ...outer(['src'], []), isFiltered: true } },
  read_file: { effect: 'pure', input: { path: 'a.ts' }, access: outer(['a.ts'], []) },
  search_files: {
    effect: 'pure',
    input: { pattern: 'x' },
    access: { ...outer(['.'], []), isFiltered: true },
  },
  write_file: { effect: 'idempotent', input: { path: 'a', content: '' }, access: outer([], ['a']) },
  edit_file: {
    effect: 'non_idempotent',
    reconciles: true,
    input: { path: 'a', old_text: 'x', new_text: 'y' },
    access: outer(['a'], ['a']),
  },
  apply_patch: {
    effect: 'non_idempotent',
    reconciles: true,
    input: { patch: PATCH },
    access: outer(['a', 'c'], ['a', 'b', 'c', 'd']),
  },
  execute_command: {
    effect: 'non_idempotent',
    reconciles: true,
    input: { command: 'ls -l', cwd: 'src' },
    access: { reads: [], writes: [], command: { line: 'ls -l', cwd: 'src' } },
  },
  update_todo_list: { effect: 'pure', input: { todos: [{ text: 'x', status: 'open' }] }, access: inner },
  ask_followup_question: { effect: 'pure', input: { question: 'Why?' }, access: inner },
  attempt_completion: { effect: 'pure', input: { result: 'Done it.' }, access: inner },
}

describe.each(BUILTIN_TOOLS)('%s', (name) => {
  const { effect, reconciles = false, input, access } = TABLE[name]

  it('says what it is, what it does and what it touches', async () => {
    const tools = await toolboxOn()
    const tool = tools.tool(name)
    expect(tool.effect).toBe(effect)
    expect(tool.spec.description).toMatch(/^[A-Z][^.]+[.:]/)
    expect(tool.spec.description.length).toBeGreaterThan(80)
    const prepared = await tools.prepare(name, input)
    expect(prepared.access).toEqual(access)
    expect(prepared.reconcile !== null).toBe(reconciles)
  })

  it('tells a model of every key, and takes no other', async () => {
    const { spec, prepare } = (await toolboxOn()).tool(name)
    const properties = spec.input['properties'] as Record<string, { description?: string }>
    expect(spec.input).toMatchObject({ type: 'object', additionalProperties: false })
    for (const [key, property] of Object.entries(properties))
      expect([key, property.description]).toEqual([key, expect.any(String)])
    const [known = ''] = Object.keys(properties)
    const slip = `${known}s`
    expect(await prepare({ ...input, [slip]: 1 })).toMatchObject({
      kind: 'failed',
      code: 'tool/bad-input',
      message: expect.stringContaining(`There is no "${slip}"; did you mean "${known}"?`),
    })
    expect(await prepare({ ...input, zzzzzzzzz: 1 })).toMatchObject({
      message: expect.stringContaining(`there is ${known}`),
    })
  })

  it('never rejects, whatever it is given', async () => {
    const { prepare } = (await toolboxOn()).tool(name)
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.anything()), async (value) => {
        expect(['prepared', 'failed']).toContain((await prepare(value)).kind)
      }),
    )
  })
})

it('no file tool rejects or leaves the workspace, whatever path and text it is given', async () => {
  const tools = await toolboxOn({ 'a.ts': 'x\n' })
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('..', '/etc', '\0', 'a.ts/..', '~', '-rf', '*', '\ud800'),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...BUILTIN_TOOLS.slice(0, 5)),
      nasty,
      nasty,
      async (name, path, text) => {
        const input = { path, pattern: text, glob: text, content: text, old_text: text, new_text: 'y' }
        const { properties } = tools.tool(name).spec.input as { properties: object }
        const asked = Object.fromEntries(Object.entries(input).filter(([key]) => key in properties))
        expect(['ok', 'failed']).toContain((await tools.call(name, asked)).kind)
      },
    ),
    { numRuns: 150 },
  )
})

describe('the tools that touch only the task', () => {
  it('a list of steps is read from its call', async () => {
    const tools = await toolboxOn()
    const todos = [
      { text: 'one', status: 'done' },
      { text: 'two', status: 'doing' },
    ]
    expect((await tools.prepare('update_todo_list', { todos })).todos).toEqual(todos)
    expect(await tools.call('update_todo_list', { todos })).toEqual(ok('Steps: 1 done, 1 doing, 0 open.'))
    const many = Array.from({ length: 51 }, () => todos[0])
    expect(await tools.call('update_todo_list', { todos: many })).toMatchObject({ code: 'tool/bad-input' })
    expect(await tools.call('update_todo_list', { todos: [{ text: 'x', state: 'done' }] })).toMatchObject({
      message: expect.stringContaining('did you mean "status"'),
    })
  })

  it('a question is put by the runtime, not by the tool', async () => {
    const tools = await toolboxOn()
    const prepared = await tools.prepare('ask_followup_question', { question: 'Why?', options: ['a', 'b'] })
    expect(prepared.question).toEqual({ text: 'Why?', options: ['a', 'b'] })
    expect((await tools.prepare('ask_followup_question', { question: 'Why?' })).question?.options).toEqual([])
    expect(await tools.call('ask_followup_question', { question: 'Why?' })).toMatchObject({
      code: 'human/unreachable',
    })
  })

  it('an end has a result', async () => {
    const tools = await toolboxOn()
    expect(await tools.call('attempt_completion', { result: 'All is well.', data: { a: [1] } })).toEqual(
      ok('Done.'),
    )
    for (const result of ['', ' \n ']) {
      expect(await tools.call('attempt_completion', { result })).toMatchObject({ code: 'tool/bad-input' })
    }
    expect(await tools.call('attempt_completion', {})).toMatchObject({ code: 'tool/bad-input' })
  })
})

it('two runtimes in one process share nothing that was read', async () => {
  const tools = await toolboxOn({ 'a.ts': 'x\n' })
  const other = await toolboxOn({ 'a.ts': 'x\n' })
  await tools.call('read_file', { path: 'a.ts' })
  expect(await other.call('write_file', { path: 'a.ts', content: 'y' })).toMatchObject({
    code: 'file/not-read',
  })
  expect(never.aborted).toBe(false)
})
