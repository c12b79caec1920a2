/** L12: whatever git would run by itself, none of it runs while an agent looks at a repository unasked. */
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore } from '../../src/stores/memory.ts'
import { attack, run, standIn } from './attack.ts'
import { GIT_TRAPS, harmlessRepository } from './git-traps.ts'
import { openWorld, type World } from './world.ts'

const MINUTE = 60_000

/** Every way to look that an agent is allowed where nothing speaks against it, and some that it is not. */
const LOOKS = [
  'git status',
  'git status --short --branch',
  'git diff',
  'git diff HEAD --stat',
  'git log -p -3',
  'git log --oneline',
  'git -p log -1',
  'git show HEAD',
  'git blame README.md',
  'git ls-files -m',
  'git rev-parse HEAD',
  'git branch -a',
  'git describe --always --dirty',
  'git remote show origin',
  'git ls-remote origin',
  'git fetch',
  'git st',
  'git checkout -- README.md',
  'git checkout -b y',
  'git commit --allow-empty -m x',
  'git --no-pager log',
  'git -C . status',
  'git -C src status',
  'git grep answer',
  'git stash list',
  'git cat-file -p HEAD',
  '/usr/bin/git status',
  'command git status',
  'cd src && git status',
  'ls && git status',
]

async function worldOf(plant: (world: World) => Promise<unknown>): Promise<World> {
  const world = await openWorld()
  onTestFinished(() => world.end())
  await harmlessRepository(world)
  await plant(world)
  return world
}

describe('git, where the repository wants it to run', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it.each(GIT_TRAPS)('$wants: by hand it runs', { timeout: MINUTE }, async ({ plant, byHand }) => {
    const world = await worldOf(plant)
    const said = await world.byHand(byHand)
    expect(await world.ran(), said).toContain('trap')
  })

  it.each(GIT_TRAPS)('$wants: does not run', { timeout: MINUTE }, async ({ plant, byHand, cwd }) => {
    const world = await worldOf(plant)
    standIn(world)
    const lines = [...LOOKS, byHand]
    const tries = lines.flatMap((line) => [run(line), ...(cwd === undefined ? [] : [run(line, cwd)])])
    const { callsMin } = await attack(world, 'reviewer', false, tries, { store: memoryStore() })
    expect(callsMin).toBeGreaterThan(LOOKS.length)
    expect(await world.ran()).toEqual([])
  })

  it('where it wants nothing, agents may look: or all of the above would prove little', async () => {
    const world = await worldOf(async () => {})
    standIn(world)
    const tries = ['git status', 'git diff', 'git log -p -3'].map((line) => run(line))
    const { text } = await attack(world, 'reviewer', false, tries, { store: memoryStore() })
    expect(text.match(/exit code 0/g)?.length).toBeGreaterThanOrEqual(tries.length)
  })
})
