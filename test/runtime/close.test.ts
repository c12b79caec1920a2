/** `close` leaves nothing behind: no timer, no process, no handle. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { heldModel, heldTool, uses } from '../support/held.ts'
import { openRuntime, when } from '../support/runtime.ts'

describe('close', () => {
  it('brings what runs to rest, and says so', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    const closing = runtime.close()
    model.answer(uses('nothing'))
    await closing
    expect(await task.result()).toMatchObject({ status: 'paused', reason: { code: 'task/stopped' } })
    expect(task.status).toBe('paused')
    await expect(runtime.start({ message: 'More.' })).rejects.toThrow('The runtime is closed')
    await runtime.close()
  })

  it('lets nothing go on that somebody wants resumed meanwhile', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    await task.pause()
    const resuming = task.resume()
    const closing = runtime.close()
    model.answer(uses('nothing'))
    await expect(resuming).rejects.toThrow('The runtime is closed')
    await closing
    expect(task.status).toBe('paused')
  })

  it('waits no longer than it was told to, and ends what is under way', async () => {
    const clock = handClock()
    const model = heldModel()
    const runtime = await openRuntime({ model, clock })
    const task = await runtime.start({ message: 'Go.', limits: { timeoutMs: 60_000 } })
    const closing = runtime.close({ graceMs: 500 })
    await when(() => clock.armed >= 3)
    clock.advance(500)
    await closing
    expect((await task.result()).status).toBe('paused')
    expect([model.aborted, clock.armed]).toEqual([1, 0])
  })

  it('leaves a body behind that will not end, and reports it', async () => {
    const clock = handClock()
    const warnings: string[] = []
    const tool = heldTool('look', { isStubborn: true })
    const model = scriptedModel({ lead: [use('look'), complete('Done.')] })
    const runtime = await openRuntime({ model, clock, tools: [tool], warn: (text) => warnings.push(text) })
    const task = await runtime.start({ message: 'Go.' })
    await when(() => tool.runs.length === 1)
    const closing = runtime.close({ graceMs: 0 })
    void task.result().then(() => clock.advance(2_000))
    clock.advance(1)
    await closing
    expect(tool.runs[0]?.signal.aborted).toBe(true)
    expect(warnings.join()).toContain('1 calls did not end')
  })

  it('is what `await using` does', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    expect(runtime[Symbol.asyncDispose]).toBeTypeOf('function')
    await runtime[Symbol.asyncDispose]()
    await expect(runtime.start({ message: 'More.' })).rejects.toThrow('closed')
  })
})

describe('a process', () => {
  const here = fileURLToPath(new URL('.', import.meta.url))
  let directory = ''
  // Beside the packages that it imports, and one for each run: runs go side by side.
  const script = join(here, `../../node_modules/.cache/troupe/close-${process.pid}.mjs`)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'troupe-close-'))
    // Node 20 runs no TypeScript: the child is bundled, once.
    await build({
      entryPoints: [join(here, 'close.child.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    })
  })
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true })
    await rm(script, { force: true })
  })

  it.each(['done', 'thinking', 'running', 'asking', 'backingOff'])(
    'exits by itself after close, with a task that is %s',
    async (state) => {
      const { stdout, code } = await child(state)
      expect([code, stdout.trim()]).toEqual([0, state === 'done' ? 'completed' : 'paused'])
    },
  )

  it('takes its commands with it', () => {
    const pid = readFileSync(join(directory, 'pid'), 'utf8').trim()
    expect([Number(pid) > 0, existsSync(`/proc/${pid}`)]).toEqual([true, false])
  })

  function child(state: string): Promise<{ stdout: string; code: number | null }> {
    return new Promise((resolve) => {
      const running = execFile(
        process.execPath,
        [script, directory, state],
        { timeout: 15_000 },
        (_, stdout) => resolve({ stdout, code: running.exitCode }),
      )
    })
  }
})
