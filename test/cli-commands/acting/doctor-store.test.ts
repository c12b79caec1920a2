/** `doctor` looks at what is kept, and `doctor --adopt` shows what another installation has made. */
import { existsSync } from 'node:fs'
import { chmod, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBinary, type Surroundings, workspaceOf } from '../../cli/binary.ts'
import { inTerminal, withoutLooks } from '../../cli/pseudo-terminal.ts'
import { calls, scriptedServer } from '../../cli/scripted-server.ts'
import { killedCommand, liveCommand } from './live-run.ts'

const troupe = builtBinary()
const HOSTILE = 'Do \x1b[2Jit \u202enow.'

interface Doctor {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly state: string; readonly what: string }[]
  readonly store: { readonly tasks: object; readonly madeBy: string } | null
}

async function doctor(surroundings: Surroundings) {
  const { code, stdout } = await troupe.run(['doctor', '--json'], surroundings)
  const told = JSON.parse(stdout) as Doctor
  return { code, ...told, of: (name: string) => told.checks.filter((it) => it.name === name) }
}

/** A workspace in which one task has ended and one waits, for a person with a home of their own. */
async function kept() {
  const server = await scriptedServer([calls('write_file', { path: 'a', content: '' })])
  const cwd = await workspaceOf()
  const environment = { ...server.environment, TROUPE_HOME: await workspaceOf() }
  const surroundings = { cwd, environment }
  expect((await troupe.run(['run', 'First.'], surroundings)).code).toBe(0)
  expect((await troupe.run(['run', HOSTILE, '--on-ask', 'park'], surroundings)).code).toBe(3)
  return { cwd, surroundings, state: join(cwd, '.troupe/state') }
}

describe('troupe doctor', () => {
  it('says that nothing is kept yet, and makes nothing', async () => {
    const cwd = await workspaceOf()
    const { code, of, store } = await doctor({ cwd })
    expect({ code, store }).toEqual({ code: 0, store: null })
    expect(of('store')).toEqual([expect.objectContaining({ state: 'ok', what: 'nothing is kept here yet' })])
    expect(existsSync(join(cwd, '.troupe'))).toBe(false)
  })

  it('counts what is there, and says how to go on with what nobody works on', async () => {
    const { surroundings, state } = await kept()
    const { code, of, store } = await doctor(surroundings)
    expect(code).toBe(0)
    expect(of('store')).toEqual([
      expect.objectContaining({
        state: 'ok',
        what: expect.stringMatching(/store\.sqlite, \d+ KB, \d+ entries, form \d, yours/),
      }),
    ])
    expect(of('rights')).toEqual([expect.objectContaining({ state: 'ok' })])
    expect(of('tasks')).toEqual([
      expect.objectContaining({ state: 'warn', what: '0 at work, 1 that no process works on, 1 done' }),
    ])
    expect(store).toMatchObject({ madeBy: 'ours', tasks: { held: 0, unheld: 1, ended: { completed: 1 } } })
    const text = (await troupe.run(['doctor'], surroundings)).stdout
    expect(text).toMatch(/→ See them: troupe tasks\. Go on: troupe resume --all/)
    expect((await stat(join(state, 'store.sqlite'))).mode & 0o777).toBe(0o600)
  })

  it('shows the processes that work on tasks, and none that is gone', async () => {
    const live = await liveCommand(troupe)
    const { of } = await doctor({ cwd: live.cwd })
    const process = expect.stringMatching(
      new RegExp(`^${live.run.child.pid} works on 1 task, seen just now$`),
    )
    expect(of('process')).toEqual([expect.objectContaining({ state: 'ok', what: process })])
    expect(of('tasks')).toEqual([
      expect.objectContaining({ state: 'ok', what: '1 at work, 0 that no process works on' }),
    ])
    await live.stop()
    await live.run.ended

    const killed = await killedCommand(troupe)
    const after = await doctor({ cwd: killed.cwd })
    expect(after.of('process')).toEqual([])
    expect(after.of('tasks')).toEqual([expect.objectContaining({ state: 'warn' })])
  })

  it('sees what others could look into', async () => {
    const { surroundings, state } = await kept()
    await chmod(join(state, 'store.sqlite'), 0o644)
    const { code, of } = await doctor(surroundings)
    expect(code).toBe(0)
    expect(of('rights')).toEqual([
      expect.objectContaining({ state: 'warn', what: expect.stringContaining(join(state, 'store.sqlite')) }),
    ])
  })

  it('finds damage, names the file, and ends with 1', async () => {
    const { surroundings, state } = await kept()
    const path = join(state, 'store.sqlite')
    const file = await open(path, 'r+')
    try {
      const { size } = await file.stat()
      await file.write(Buffer.alloc(size, 0x5a), 0, size - 100, 100)
    } finally {
      await file.close()
    }
    const { code, checks } = await doctor(surroundings)
    expect(code).toBe(1)
    const bad = checks.filter((it) => it.state === 'missing')
    expect(bad.length).toBeGreaterThan(0)
    expect(bad.map(({ what }) => what).join('\n')).toContain('store.sqlite')
  })
})

describe('a store that another installation has made', () => {
  async function foreign() {
    const { cwd, surroundings, state } = await kept()
    const environment = { ...surroundings.environment, TROUPE_HOME: await workspaceOf() }
    return { cwd, state, theirs: surroundings, mine: { cwd, environment } }
  }

  it('is opened by nothing, and doctor says how to decide', async () => {
    const { mine } = await foreign()
    for (const args of [['run', 'x'], ['tasks'], ['resume', '--all'], ['pause', 'xx']]) {
      const { code, stdout, stderr } = await troupe.run(args, mine)
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' })
      expect(stderr).toMatch(/not made by your installation[\s\S]*troupe doctor --adopt[\s\S]*store\/foreign/)
    }
    const { code, of } = await doctor(mine)
    expect(code).toBe(1)
    expect(of('store')).toEqual([
      expect.objectContaining({ state: 'missing', mend: expect.stringContaining('troupe doctor --adopt') }),
    ])
  })

  it('--adopt shows agents, boundaries and every byte of what was asked, and changes nothing without a yes', async () => {
    const { mine, state } = await foreign()
    const { code, stdout, stderr } = await troupe.run(['doctor', '--adopt'], mine)
    expect(code).toBe(1)
    expect(stdout).toContain('Do \\x1b[2Jit \\u202enow.')
    expect(stdout).toMatch(/1 unfinished task, 1 ended/)
    expect(stdout).toMatch(/agent +lead, with the model/)
    expect(stdout).toMatch(/boundary +\S/)
    expect(stdout).toContain('write_file')
    expect(stdout).not.toContain('\x1b')
    expect(stderr).toMatch(/Nothing was changed\.[\s\S]*--yes/)
    expect((await troupe.run(['tasks'], mine)).code).toBe(1)
    expect((await readdir(state)).filter((name) => /copy|adopt/.test(name))).toEqual([])
  })

  it('--adopt shows what was allowed there, and never does it', async () => {
    const { mine, theirs } = await foreign()
    await troupe.run(['run', 'Another.', '--on-ask', 'park'], theirs)
    const { stdout: listed } = await troupe.run(['approvals', '--json'], theirs)
    const [request] = JSON.parse(listed) as readonly { readonly id: string }[]
    const before = await troupe.run(['doctor', '--adopt'], mine)
    expect(before.stdout).not.toContain('was allowed there')
    expect(before.stdout).toMatch(/^instructed +in exactly the words of t_\w+, above$/m)
    expect((await troupe.run(['approve', request?.id ?? '', '--yes'], theirs)).code).toBe(0)

    const { stdout } = await troupe.run(['doctor', '--adopt'], mine)
    expect(stdout).toMatch(/! write_file was allowed there, and is not done yet/)
    expect(stdout).toContain('"path": "a"')
    const told = JSON.parse((await troupe.run(['doctor', '--adopt', '--json'], mine)).stdout) as {
      readonly tasks: readonly { readonly allowed?: readonly unknown[] }[]
    }
    expect(told.tasks.flatMap(({ allowed = [] }) => allowed)).toEqual([
      { tool: 'write_file', input: { path: 'a', content: '' } },
    ])
    expect((await doctor(mine)).of('tasks')).toEqual([expect.objectContaining({ mend: '' })])

    expect((await troupe.run(['doctor', '--adopt', '--yes'], mine)).code).toBe(0)
    const taskId = (request?.id ?? '').split('/')[0] ?? ''
    const { stdout: shown } = await troupe.run(['show', taskId, '--json'], mine)
    expect(JSON.parse(shown)).toMatchObject({ status: 'cancelled' })
    expect((await troupe.run(['resume', taskId], mine)).code).not.toBe(0)
    expect(await readdir(mine.cwd)).not.toContain('a')
  })

  it('--adopt --yes takes it over; then it is nobody else’s', async () => {
    const { mine, theirs } = await foreign()
    const { code, stdout } = await troupe.run(['doctor', '--adopt', '--yes', '--json'], mine)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      adopted: true,
      tasks: [
        { hasEnded: true, message: 'First.' },
        { hasEnded: false, agent: 'lead', boundary: expect.any(Array) },
      ],
    })
    expect((await troupe.run(['tasks'], mine)).code).toBe(0)
    expect((await troupe.run(['tasks'], theirs)).code).toBe(1)
    const again = await troupe.run(['doctor', '--adopt'], mine)
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('yours already') })
  })

  it('in a terminal it asks: y takes it over, any other key does not', async () => {
    const { cwd, mine } = await foreign()
    for (const [key, code] of [
      ['x', 1],
      ['y', 0],
    ] as const) {
      const terminal = inTerminal(troupe, ['doctor', '--adopt'], { cwd, environment: mine.environment })
      await terminal.shows('y yes')
      expect(withoutLooks(terminal.screen())).toContain('Do \\x1b[2Jit')
      terminal.press(key)
      expect((await terminal.ended).code).toBe(code)
      expect((await troupe.run(['tasks'], mine)).code).toBe(code)
    }
  })

  it('where there is no store, there is nothing to adopt', async () => {
    const cwd = await workspaceOf()
    expect(await troupe.run(['doctor', '--adopt', '--json'], { cwd })).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ adopted: false, store: null })}\n`,
    })
    expect((await troupe.run(['doctor', '--yes'], { cwd })).code).toBe(2)
  })
})
