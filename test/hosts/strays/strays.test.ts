/** L6: what still lives of a dead run is ended, and nothing else. */
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isGroupNumber } from '../../../src/hosts/node/processes/stray.ts'
import { nodeProcesses } from '../../../src/hosts/node-processes.ts'
import type { ProcessMark } from '../../../src/protocol/journal.ts'
import {
  birthOf,
  directoryWithPipes,
  groupRuns,
  isKnown,
  isThere,
  killQuietly,
  numberIn,
  ownersOf,
  runs,
  until,
} from './stage.ts'

const ownerOf = ownersOf('strays')
const { endStray } = nodeProcesses()

/** Waits at a pipe, and writes at once when somebody opens it. */
const LATE = 'echo $$ > at; read word < gate; echo x >> side'

/** Lets whoever waits at the pipe go on. `ENXIO`: nobody waits there. */
async function goOn(directory: string): Promise<unknown> {
  try {
    const pipe = await open(join(directory, 'gate'), constants.O_WRONLY | constants.O_NONBLOCK)
    await pipe.write('\n')
    await pipe.close()
    return 'somebody waited'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code
  }
}

/** A group that somebody else has started. */
function foreignGroup(line = 'exec sleep 600', variables: NodeJS.ProcessEnv = {}): number {
  const env = { ...process.env, ...variables }
  const child = spawn('bash', ['-c', line], { detached: true, stdio: 'ignore', env })
  const { pid = 0 } = child
  onTestFinished(() => killQuietly(-pid))
  return pid
}

const isLinux = process.platform === 'linux'
const POLL_MS_MAX = 15_000
const SOME_MARK = '11111111-2222-3333-4444-555555555555'

// Only Linux shows its processes as files.
describe.runIf(isLinux)('what a dead process left behind', () => {
  it('would write late: nothing ends it by itself', async () => {
    const directory = await directoryWithPipes('gate')
    const owner = await ownerOf(LATE, directory)
    await numberIn(directory, 'at')
    await owner.kill()
    // Somebody reads the pipe only once the shell has come to it.
    await expect.poll(() => goOn(directory), { timeout: POLL_MS_MAX }).toBe('somebody waited')
    await until(() => isThere(directory, 'side'))
    expect(isThere(directory, 'side')).toBe(true)
  })

  it('L6: is ended by the next, and no late x is written', async () => {
    const directory = await directoryWithPipes('gate')
    const owner = await ownerOf(LATE, directory)
    await numberIn(directory, 'at')
    await owner.kill()
    expect(await endStray(owner.stray)).toBe(true)
    expect(groupRuns(owner.stray.group)).toBe(false)
    expect([await goOn(directory), isThere(directory, 'side')]).toEqual(['ENXIO', false])
  })

  it('is ended also when it will not hear', async () => {
    const directory = await directoryWithPipes('gate')
    const owner = await ownerOf(`trap '' TERM; env -u TROUPE_COMMAND bash -c '${LATE}' & wait`, directory)
    await numberIn(directory, 'at')
    await owner.kill()
    expect(await endStray(owner.stray)).toBe(true)
    expect([groupRuns(owner.stray.group), await goOn(directory)]).toEqual([false, 'ENXIO'])
  })

  it('is ended also where it left the group', async () => {
    const directory = await directoryWithPipes('gate')
    const owner = await ownerOf(`setsid bash -c '${LATE}' & wait`, directory)
    const at = await numberIn(directory, 'at')
    await owner.kill()
    expect(await endStray(owner.stray)).toBe(true)
    expect([runs(at), groupRuns(owner.stray.group), await goOn(directory)]).toEqual([false, false, 'ENXIO'])
  })

  it.each([
    ['in the group', `bash -c '${LATE}' & read < other`],
    ['out of the group', `setsid bash -c '${LATE}' & read < other`],
  ])('is ended also when its leader is gone: %s', async (_, line) => {
    const directory = await directoryWithPipes('gate', 'other')
    const owner = await ownerOf(line, directory)
    const at = await numberIn(directory, 'at')
    await owner.kill()
    killQuietly(owner.stray.group)
    await until(() => !runs(owner.stray.group))
    expect(runs(at)).toBe(true)
    expect(await endStray(owner.stray)).toBe(true)
    expect([runs(at), await goOn(directory)]).toEqual([false, 'ENXIO'])
  })

  it('is ended as a whole when its leader is gone, by the mark of one of it', async () => {
    const directory = await directoryWithPipes()
    const line = `env -u TROUPE_COMMAND sleep 600 & echo $! > ${directory}/at; sleep 600 & exit`
    const group = foreignGroup(line, { TROUPE_COMMAND: SOME_MARK })
    const member = await numberIn(directory, 'at')
    // Its parent is this process, which asks how it ended: it is gone for good.
    await until(() => !isKnown(group))
    const [boot] = birthOf(process.pid).split(':')
    expect(await endStray({ group, startedAt: `${boot}:1`, mark: SOME_MARK })).toBe(true)
    expect([runs(member), groupRuns(group)]).toEqual([false, false])
  })

  it('may be gone already', async () => {
    const directory = await directoryWithPipes('gate')
    const owner = await ownerOf(LATE, directory)
    await owner.kill()
    killQuietly(-owner.stray.group)
    await until(() => !groupRuns(owner.stray.group))
    expect(await endStray(owner.stray)).toBe(true)
  })
})

// Only Linux shows its processes as files.
describe.runIf(isLinux)('a group that only has the same number', () => {
  const strayOf = (group: number, startedAt: string): ProcessMark => ({ group, startedAt, mark: SOME_MARK })

  it('is told by when it began', async () => {
    const group = foreignGroup()
    const [boot, ticks] = birthOf(group).split(':')
    expect(await endStray(strayOf(group, `${boot}:${Number(ticks) - 1}`))).toBe(true)
    expect(runs(group)).toBe(true)
    expect(await endStray(strayOf(group, `${boot}:${ticks}`))).toBe(true)
    expect(runs(group)).toBe(false)
  })

  it('is told by the boot in which it began', async () => {
    const group = foreignGroup()
    const [, ticks] = birthOf(group).split(':')
    expect(await endStray(strayOf(group, `00000000-0000-0000-0000-000000000000:${ticks}`))).toBe(true)
    expect(await endStray(strayOf(group, 'Fri Nov 20 16:00:00 2026'))).toBe(true)
    expect(runs(group)).toBe(true)
  })

  it('is told by its marks when its leader is gone', async () => {
    const directory = await directoryWithPipes('gate')
    const group = foreignGroup(`sleep 600 & echo $! > ${directory}/at; exit`)
    const member = await numberIn(directory, 'at')
    await until(() => !isKnown(group))
    const [boot] = birthOf(process.pid).split(':')
    expect(await endStray(strayOf(group, `${boot}:1`))).toBe(true)
    expect(runs(member)).toBe(true)
  })

  it('is never everybody', () => {
    expect([2, 1, 0, -1, -5, 2.5, Number.NaN].map(isGroupNumber)).toEqual([
      true,
      ...Array.from({ length: 6 }, () => false),
    ])
  })
})

// Only Linux shows its processes as files.
describe.runIf(isLinux)('a group that can not be ended', () => {
  it('is the one that Troupe itself was started by', async () => {
    const group = foreignGroup()
    const stray: ProcessMark = { group, startedAt: birthOf(group), mark: SOME_MARK }
    const inside = nodeProcesses({ environment: { ...process.env, TROUPE_COMMAND: SOME_MARK } })
    expect(await inside.endStray(stray)).toBe(false)
    expect(runs(group)).toBe(true)
  })
})
