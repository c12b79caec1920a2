/** L5: what goes through a directory leaves out what may not be read, and says how much that was. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import type { GivenPolicy, Layer } from '../../src/protocol/boundary.ts'
import { complete, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { openRuntime, workspaceWith } from '../support/runtime.ts'

const FILES = ['src/a.ts', 'src/private/key.ts', 'docs/guide.md', 'top.md']

/** What the tools of a task say that lists and searches everything. */
async function shownTo(boundary: Layer | undefined, policy: GivenPolicy = {}): Promise<readonly unknown[]> {
  const workspace = await workspaceWith()
  for (const file of FILES) {
    await mkdir(dirname(join(workspace, file)), { recursive: true })
    await writeFile(join(workspace, file), 'needle\n')
  }
  const model = scriptedModel({
    lead: [use('list_files', {}), use('search_files', { pattern: 'needle' }), complete('Done.')],
  })
  const runtime = await openRuntime({ workspace, model, policy })
  const task = await runtime.start({ message: 'Look.', ...(boundary && { boundary }) })
  expect((await task.result()).status).toBe('completed')
  const entries = await runtime.journal(task.id)
  return entries.flatMap(({ fact }) =>
    fact.type === 'call.ended' && fact.result.kind === 'ok' ? [fact.result.output] : [],
  )
}

it('without a limit everything is shown', async () => {
  const [listed, found] = await shownTo(undefined)
  for (const file of FILES)
    expect([listed, found].map((said) => String(said).includes(file))).toEqual([true, true])
  expect(String(listed)).not.toContain('left out')
})

it.each<[string, Layer | undefined, GivenPolicy, readonly string[]]>([
  ['L5: a layer of the boundary', { filePatterns: ['src/**'] }, {}, ['src/a.ts', 'src/private/key.ts']],
  [
    'L5: a rule that denies reading',
    undefined,
    { deny: ['read_file(src/private/**)'] },
    ['src/a.ts', 'docs/guide.md', 'top.md'],
  ],
  [
    'L5: both, by any spelling',
    { filePatterns: ['src/**'] },
    { deny: ['read_file(SRC/Private/**)'] },
    ['src/a.ts'],
  ],
  ['an empty list', { filePatterns: [] }, {}, []],
])('%s leaves out the others', async (_, boundary, policy, shown) => {
  const said = (await shownTo(boundary, policy)).slice(0, 2).map(String)
  expect(said).toHaveLength(2)
  for (const output of said) {
    expect(FILES.filter((file) => output.includes(file)).toSorted()).toEqual(shown.toSorted())
    const hidden = FILES.length - shown.length
    expect(output).toContain(hidden === 1 ? '1 file is left out' : `${hidden} files are left out`)
  }
})
