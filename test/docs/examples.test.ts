/** Every example is run, and what the documents show is what was run. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { mirroredStore } from '../../docs/examples/mirrored-store.ts'
import { openCarefully } from '../../docs/examples/policy.ts'
import { testsOfShipper } from '../../docs/examples/test-your-agent.ts'
import { scoutIn } from '../../docs/examples/tutorial.ts'
import { walkShipper } from '../../docs/examples/walk-lifecycle.ts'
import { deploymentsInMemory, deployTool, stockTool } from '../../docs/examples/write-a-tool.ts'
import { complete, scriptedModel, storeContract, use, uses } from '../../src/testing/testing.ts'
import { openaiServer } from '../support/openai-server.ts'

const root = new URL('../..', import.meta.url).pathname

async function directoryWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-docs-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return directory
}

describe('what the documents show', () => {
  const shown = ['README.md', 'docs/tutorial.md', 'docs/guides', 'docs/reference']

  it('in TypeScript stands in an example or a test, word for word', async () => {
    const sources = await textsIn(['docs/examples', 'test/contracts', 'test/stores'], '.ts')
    const blocks = (await textsIn(shown, '.md')).flatMap(({ path, text }) =>
      [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => ({ path, code })),
    )
    expect(blocks.length).toBeGreaterThan(5)
    expect(blocks.filter(({ code }) => !sources.some(({ text }) => text.includes(code)))).toEqual([])
  })

  it('in the README is the example of 20 lines, whole', async () => {
    const example = await readFile(join(root, 'docs/examples/embed-in-20-lines.ts'), 'utf8')
    expect(example.trimEnd().split('\n')).toHaveLength(20)
    expect(await readFile(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``)
  })
})

describe('embed-in-20-lines.ts', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  it('works against a real server, with nothing but OPENAI_BASE_URL', async () => {
    const server = await openaiServer((_, n) =>
      n === 0
        ? { calls: [{ name: 'deploy', arguments: { service: 'shop' } }] }
        : {
            calls: [
              { name: 'attempt_completion', arguments: { result: 'Done.', data: { deployed: ['shop'] } } },
            ],
          },
    )
    onTestFinished(server.close)
    vi.stubEnv('OPENAI_BASE_URL', server.url)
    vi.stubEnv('TROUPE_HOME', await directoryWith())
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    await import('../../docs/examples/embed-in-20-lines.ts')
    expect(print.mock.calls).toEqual([['Done.', ['shop']]])
    const told = server.requests[1]?.body.messages.find(({ role }) => role === 'tool')
    expect(told?.content).toMatch(/Deployed shop, order \S+\/1\.0\./)
  })
})

describe('write-a-tool.ts', () => {
  it('deploys once for one key, and finds out what became of a call that was cut off', async () => {
    const platform = deploymentsInMemory()
    const call = await deployTool(platform).prepare({ service: 'shop' })
    if (call.kind !== 'prepared') throw new Error('The example refuses its own input.')
    const context = {
      idempotencyKey: 't1/1.0',
      taskId: 't1',
      signal: new AbortController().signal,
      progress() {},
    }
    expect(await call.reconcile?.(context)).toMatchObject({ kind: 'failed', code: 'tool/not-done' })
    expect(await call.run(context)).toEqual({ kind: 'ok', output: 'shop-1' })
    expect(await call.run(context)).toEqual({ kind: 'ok', output: 'shop-1' })
    expect(await call.reconcile?.(context)).toEqual({ kind: 'ok', output: 'shop-1' })
  })

  it('says in words what cannot be', async () => {
    const stock = stockTool({ lamp: 3 })
    expect(stock.effect).toBe('pure')
    const call = await stock.prepare({ article: 'sofa' })
    if (call.kind !== 'prepared') throw new Error('The example refuses its own input.')
    const context = {
      idempotencyKey: 't1/1.0',
      taskId: 't1',
      signal: new AbortController().signal,
      progress() {},
    }
    expect(await call.run(context)).toMatchObject({
      code: 'tool/threw',
      message: 'There is no "sofa". There are: lamp.',
    })
    expect(await stock.prepare({ articel: 'lamp' })).toMatchObject({ kind: 'failed', code: 'tool/bad-input' })
  })
})

describe('test-your-agent.ts and walk-lifecycle.ts', () => {
  it('the tests of the agent hold', async () => {
    await expect(testsOfShipper(await directoryWith())).resolves.toBeUndefined()
  })

  it('its whole lifecycle is walked', async () => {
    const { walks, states, outcomes } = await walkShipper(await directoryWith())
    expect(walks).toBeGreaterThan(50)
    expect(states).toEqual(
      expect.arrayContaining(['running.acting', 'running.asking', 'paused', 'cancelling']),
    )
    expect(Object.keys(outcomes).toSorted()).toEqual(['cancelled', 'completed', 'timedOut'])
  })
})

describe('policy.ts', () => {
  it('keeps the tester where it belongs, whatever it tries', async () => {
    const workspace = await directoryWith({ 'src/a.ts': 'export {}\n', 'secret/b.ts': '' })
    const tried = [
      { tool: 'read_file', input: { path: 'src/a.ts' } },
      { tool: 'read_file', input: { path: 'secret/b.ts' } },
      { tool: 'write_file', input: { path: 'src/b.ts', content: 'x' } },
      { tool: 'write_file', input: { path: 'test/b.ts', content: 'x' } },
      { tool: 'execute_command', input: { command: 'rm -r src' } },
      { tool: 'execute_command', input: { command: 'npm test --version' } },
    ]
    const model = scriptedModel({ tester: [uses(tried), complete('Done.'), complete('Done.')] })
    const runtime = await openCarefully(workspace, model)
    onTestFinished(() => runtime.close())
    await runtime.run({ agent: 'tester', message: 'Test it.' })
    const results = model.requests[1]?.lines.flatMap((line) => (line.role === 'tool' ? [line] : [])) ?? []
    const inOrder = results.toSorted((a, b) => a.callId.localeCompare(b.callId)).map(({ result }) => result)
    const codes = inOrder.map((it) => (it.kind === 'failed' ? it.code : it.kind))
    expect(codes).toEqual(['ok', 'call/denied', 'call/denied', 'ok', 'call/denied', 'ok'])
  })
})

describe('tutorial.ts', () => {
  it('prints what its agent does and finds', async () => {
    const workspace = await directoryWith({ 'a.txt': 'one\nlater: two\n' })
    const found = { found: [{ path: 'a.txt', line: 2 }] }
    const model = scriptedModel({
      scout: [use('search_files', { pattern: 'later' }, 'I search.'), complete('One.', found)],
    })
    const printed: string[] = []
    await scoutIn(workspace, model, (line) => printed.push(line))
    expect(printed).toEqual(['turn 1: I search.', '  1.0 ok', 'turn 2: ', '  2.0 ok', 'a.txt:2'])
  })
})

storeContract(
  'the store of the example',
  { open: async () => mirroredStore(join(await directoryWith(), 'journal.jsonl')) },
  { describe, it, expect },
)

async function textsIn(paths: readonly string[], ending: string) {
  const found = await Promise.all(
    paths.map(async (path) => {
      if (path.endsWith(ending)) return [path]
      const names = await readdir(join(root, path)).catch(() => [])
      return names.filter((name) => name.endsWith(ending)).map((name) => `${path}/${name}`)
    }),
  )
  return Promise.all(
    found.flat().map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  )
}
