import { describe, expect, it } from 'vitest'
import { toolContext } from './tool-context.ts'
import { ok, toolboxOn } from './toolbox.ts'

const text = (result: unknown) => (result as { output: string }).output

describe('execute_command', () => {
  it('says how it ended, then what it printed', async () => {
    const { root, call } = await toolboxOn({ 'src/a.ts': 'x' })
    expect(text(await call('execute_command', { command: 'echo out; echo err >&2; exit 3' }))).toMatch(
      /^exit code 3 \(\d+\.\d s\)\nout\nerr$/,
    )
    expect(text(await call('execute_command', { command: 'pwd; ls', cwd: 'src' }))).toMatch(
      new RegExp(`^exit code 0 .*\\n${root}/src\\na.ts$`),
    )
    expect(text(await call('execute_command', { command: 'true' }))).toMatch(
      /^exit code 0 \(\d+\.\d s\)\nNo output\.$/,
    )
    expect(text(await call('execute_command', { command: 'kill -KILL $$' }))).toMatch(/^killed by SIGKILL \(/)
  })

  it('is stopped by its time limit', async () => {
    const { call } = await toolboxOn()
    const result = await call('execute_command', { command: 'echo early; sleep 120', timeout_ms: 2000 })
    expect(result).toEqual(ok('stopped by its time limit of 2 s\nearly'))
  })

  it('stopped from outside it fails, with what it had printed', async () => {
    const { prepare } = await toolboxOn()
    const stop = new AbortController()
    const prepared = await prepare('execute_command', { command: 'echo early; sleep 120' })
    const progress = () => stop.abort()
    const result = await prepared.run(toolContext({ signal: stop.signal, progress }))
    expect(result).toMatchObject({
      kind: 'failed',
      code: 'tool/stopped',
      message: expect.stringContaining('early'),
    })
  })

  it('L6: tells of its process before that runs', async () => {
    const { prepare } = await toolboxOn()
    const groups: number[] = []
    const prepared = await prepare('execute_command', { command: 'echo $$' })
    const result = await prepared.run(toolContext({ began: async ({ group }) => void groups.push(group) }))
    expect(text(result).split('\n').slice(1)).toEqual(groups.map(String))
    const refused = await prepared.run(toolContext({ began: () => Promise.reject(new Error('It is lost.')) }))
    expect(refused).toMatchObject({
      code: 'command/unavailable',
      message: expect.stringContaining('It is lost.'),
    })
  })

  it('keeps the beginning and the end of much output, and says how much is missing', async () => {
    const { call } = await toolboxOn()
    const output = text(await call('execute_command', { command: 'echo first; seq 100000; echo last' }))
    expect(output).toMatch(/^exit code 0 .*\nfirst\n1\n2\n/)
    expect(output).toMatch(/\n… \d+ bytes dropped here …\n/)
    expect(output.endsWith('\n100000\nlast')).toBe(true)
    expect(Buffer.byteLength(output)).toBeGreaterThan(29_000)
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(30_000)
  })

  it.each([
    [{ command: 'pwd', cwd: '..' }, 'file/outside'],
    [{ command: 'pwd', cwd: '/' }, 'file/outside'],
    [{ command: 'pwd', cwd: 'none' }, 'file/not-found'],
    [{ command: 'pwd', cwd: 'a.ts' }, 'file/not-found'],
    [{ command: ' \n' }, 'tool/bad-input'],
    [{ command: 'a\0b' }, 'tool/bad-input'],
    [{ command: 'x'.repeat(70_000) }, 'tool/bad-input'],
    [{ command: 'pwd', timeout_ms: 600_001 }, 'tool/bad-input'],
  ])('%j is refused', async (input, code) => {
    expect(await (await toolboxOn({ 'a.ts': '' })).call('execute_command', input)).toMatchObject({
      kind: 'failed',
      code,
    })
  })
})
