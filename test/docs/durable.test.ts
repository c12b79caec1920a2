/** docs/examples/durable.ts, run as it says: begun, killed in the middle, and run again. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { programOf, runProgram } from './example-process.ts'

const PERMISSIONS = 0o777

async function surroundings() {
  const base = await mkdtemp(join(tmpdir(), 'troupe-durable-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const workspace = join(base, 'shop')
  const program = await programOf('durable.ts')
  const run = () => runProgram(program, [workspace], { TROUPE_HOME: join(base, 'home') })
  const booked = async () => {
    const lines = await readFile(join(workspace, 'ledger.txt'), 'utf8').catch(() => '')
    return lines.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')[1]]))
  }
  return { workspace, run, booked }
}

it('goes on where the killed process was, and books nothing twice', async () => {
  const { workspace, run, booked } = await surroundings()
  const first = run()
  const printed = createInterface({ input: first.stdout })
  // Its first call is over; the second has done its work, and its process dies before that is kept.
  await once(printed, 'line')
  await once(printed, 'line')
  while (!(await booked()).includes('table')) await new Promise((resolve) => setImmediate(resolve))
  first.kill('SIGKILL')
  await once(first, 'exit')
  expect(await booked()).toEqual(['lamp', 'table'])

  const second = run()
  const lines: string[] = []
  for await (const line of createInterface({ input: second.stdout })) lines.push(line)
  expect(lines).toEqual([
    'It goes on.',
    '1.0 ok',
    '2.0 was cut off: ok',
    '3.0 ok',
    '4.0 ok',
    'completed: Lamp, table and chair are booked.',
  ])
  expect(await booked()).toEqual(['lamp', 'table', 'chair'])
  const permissionsOf = async (path: string) => (await stat(join(workspace, path))).mode & PERMISSIONS
  expect(await permissionsOf('.troupe/state')).toBe(0o700)
  expect(await permissionsOf('.troupe/state/store.sqlite')).toBe(0o600)
  expect(await readFile(join(workspace, '.troupe/state/.gitignore'), 'utf8')).toBe('*\n')
})
