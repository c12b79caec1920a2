/** Every example is run, and what the documents show is what was run. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { delegate, steer } from '../../docs/examples/background.ts'
import { mirroredStore } from '../../docs/examples/mirrored-store.ts'
import { openCarefully } from '../../docs/examples/policy.ts'
import { testsOfShipper } from '../../docs/examples/test-your-agent.ts'
import { scoutIn } from '../../docs/examples/tutorial.ts'
import { walkShipper } from '../../docs/examples/walk-lifecycle.ts'
import { deploymentsInMemory, deployTool, stockTool } from '../../docs/examples/write-a-tool.ts'
import { createRuntime } from '../../src/index.ts'
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

/** What these examples find around them: a model's server, and a place of their own to keep things in. */
async function standIn(baseURL: string): Promise<void> {
  vi.stubEnv('OPENAI_BASE_URL', baseURL)
  vi.stubEnv('TROUPE_HOME', await directoryWith())
  vi.spyOn(process, 'cwd').mockReturnValue(await directoryWith())
}

beforeEach(async () => {
  vi.stubEnv('TROUPE_HOME', await directoryWith())
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('embed-in-20-lines.ts', () => {
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
    await standIn(server.url)
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    await import('../../docs/examples/embed-in-20-lines.ts')
    expect(print.mock.calls).toEqual([['Done.', ['shop']]])
    const told = server.requests[1]?.body.messages.find(({ role }) => role === 'tool')
    expect(told?.content).toMatch(/Deployed shop, order \S+\/1\.0\./)
  })
})

describe('background-in-10-lines.ts', () => {
  it('works against a real server, two requests at a time, and tells of each task', async () => {
    let open = 0
    let most = 0
    const server = await openaiServer(async (_, n) => {
      open += 1
      most = Math.max(most, open)
      // Whoever comes first is answered when the second is there.
      if (n < 2) while (most < 2) await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      return { calls: [{ name: 'attempt_completion', arguments: { result: 'Surveyed.' } }] }
    })
    onTestFinished(server.close)
    await standIn(server.url)
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    await import('../../docs/examples/background-in-10-lines.ts')
    const lines = print.mock.calls.map(([said]: readonly unknown[]) => said)
    const named = (status: string) => lines.filter((line) => String(line).endsWith(` ${status}`))
    expect(lines).toContainEqual({ running: 2, cap: 2, queued: 1 })
    expect(named('queued')).toEqual(['Survey the documents queued'])
    expect(new Set(named('completed'))).toEqual(
      new Set(['Survey the code completed', 'Survey the tests completed', 'Survey the documents completed']),
    )
    expect(named('completed')).toHaveLength(3)
    expect(lines.filter((line) => line === 'Surveyed.')).toHaveLength(3)
    expect(most).toBe(2)
  })

  it('has ten lines of code, and stands in the README whole', async () => {
    const example = await readFile(join(root, 'docs/examples/background-in-10-lines.ts'), 'utf8')
    expect(example.split('\n').filter((line) => line !== '')).toHaveLength(10)
    expect(await readFile(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``)
  })
})

describe('background.ts', () => {
  const storyOf = async (tell: typeof steer) => {
    const lines: string[] = []
    await tell(await directoryWith(), (line) => lines.push(line))
    return lines
  }

  it('gives the slot of a task that is paused to the next, and goes on with the first', async () => {
    expect(await storyOf(steer)).toEqual([
      'Read the parser: run 1 starts',
      'Read the tests: queued, 0 before it',
      'the first running, the second queued',
      'Read the parser: paused by night-shift',
      'Read the parser: stops, paused',
      'Read the tests: run 1 starts',
      'Read the tests: stops, completed',
      'the second completed: They test the parser.',
      'Read the parser: run 2 starts',
      'Read the parser: goes on',
      'Read the parser: stops, completed',
      'the first: It parses.',
    ])
  })

  it('has a model be told once of what works for it, after a hook has sent both back to work', async () => {
    const lines = await storyOf(delegate)
    const shown = JSON.parse(lines.pop() ?? '') as Shown
    // What happens to one task comes in its order; which of two comes first is nobody's promise.
    const of = (title: string) => lines.filter((line) => line.startsWith(title))
    expect([of('the parser'), of('the tests'), lines.at(-1)]).toEqual([
      ['the parser: run 1 starts', 'the parser: stops, completed', 'the parser: stops, completed'],
      [
        'the tests: queued, 0 before it',
        'the tests: run 1 starts',
        'the tests: stops, completed',
        'the tests: stops, completed',
      ],
      'completed: It parses, and the tests say so.',
    ])
    const { running, results } = shown.result.output
    expect(running).toEqual([])
    expect(results.map(({ title, result, turns }) => [title, result, turns])).toEqual([
      ['the parser', 'It does what it should.', 2],
      ['the tests', 'It does what it should.', 2],
    ])
  })
})

/** What `wait_for_tasks` answers. */
interface Shown {
  readonly result: {
    readonly output: {
      readonly running: readonly string[]
      readonly results: readonly { readonly title: string; readonly result: string; readonly turns: number }[]
    }
  }
}

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
      began: async () => {},
      mayRead: () => true,
      judgedAt: () => null,
      kept: () => null,
      keep() {},
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
      began: async () => {},
      mayRead: () => true,
      judgedAt: () => null,
      kept: () => null,
      keep() {},
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

describe('mirrored-store.ts', () => {
  it('has every fact in its file, in the order of the journal, when a task has ended', async () => {
    const workspace = await directoryWith()
    const file = join(await directoryWith(), 'journal.jsonl')
    const store = await mirroredStore(file)
    const model = scriptedModel({ lead: [use('list_files'), complete('Done.')] })
    const runtime = await createRuntime({ workspace, settings: false, model, store })
    const { taskId } = await runtime.run({ message: 'Look.' })
    const journal = await runtime.journal(taskId)
    await runtime.close()
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(journal)
    expect(journal.at(-1)?.fact.type).toBe('task.ended')
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
