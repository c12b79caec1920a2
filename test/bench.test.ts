import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const SECOND_MS = 1_000
const root = new URL('..', import.meta.url).pathname

interface Sample {
  readonly wallMs: number
  readonly foreignCores: number
}
interface Pair {
  readonly floor: Sample
  readonly troupe: Sample
}
interface Numbers {
  median(numbers: readonly number[]): number
  readable(pairs: readonly Pair[]): readonly Pair[]
  compared(
    pairs: readonly Pair[],
    field: keyof Sample,
    sides: readonly [keyof Pair, keyof Pair],
  ): { base: number; other: number; ratio: number }
}

it('runs, and tells what it saw without naming the machine', { timeout: 90 * SECOND_MS }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-bench-'))
  const file = join(directory, 'page.md')
  const argv = ['bench/run.mjs', '--quick', '--pairs', '1', '--write', file]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: root, timeout: 80 * SECOND_MS })
  const page = await readFile(file, 'utf8')
  await rm(directory, { recursive: true })

  const rows = stdout.split('\n').filter((line) => /^\| [a-z]/.test(line))
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual([
    ...Array.from({ length: 2 }, () => 'turns, in one piece'),
    ...Array.from({ length: 2 }, () => 'turns, streamed'),
    ...Array.from({ length: 3 }, () => 'cold start'),
    ...Array.from({ length: 3 }, () => 'turns, durable'),
  ])
  const compared = rows.filter((row) => !row.includes('facts per sync'))
  for (const row of compared) expect(row).toMatch(/(\| [\d.]+ ){3}\| -?[\d.]+ \|$/)
  expect(page).toContain(stdout.trim())
  expect(page.split(hostname())).toHaveLength(1)
  expect(page.split(root)).toHaveLength(1)
})

it('compares within each pair, and reads the quiet ones where there are enough', async () => {
  const { median, readable, compared } = (await import(`${root}bench/numbers.mjs`)) as Numbers
  const pair = (floor: number, troupe: number, foreignCores = 0): Pair => ({
    floor: { wallMs: floor, foreignCores },
    troupe: { wallMs: troupe, foreignCores },
  })
  expect([median([3, 1, 2]), median([4, 1]), median([])]).toEqual([2, 2.5, Number.NaN])
  const pairs = [pair(1, 2), pair(10, 30), pair(2, 8), pair(1, 90, 0.6)]
  const sides = ['floor', 'troupe'] as const
  expect(compared(readable(pairs), 'wallMs', sides)).toEqual({ base: 2, other: 8, ratio: 3 })
  expect(readable(pairs.slice(1))).toHaveLength(3)
})
