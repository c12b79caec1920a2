import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { installationOf } from '../../../src/hosts/keeping/installation.ts'

describe('the key of an installation', () => {
  it('is made once, for its user alone, and is the same from then on', async () => {
    const directory = join(await scratch(), 'mine')
    const first = await installationOf(directory)
    expect(first.key).toMatch(/^[0-9a-f]{64}$/)
    expect(await installationOf(directory)).toEqual(first)
    const path = join(directory, 'installation.key')
    expect([statSync(directory).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600])
    expect(await installationOf(await scratch())).not.toEqual(first)
  })

  it('is the same for all that make it at once, and nothing else is left', async () => {
    const directory = await scratch()
    const keys = await Promise.all(Array.from({ length: 20 }, () => installationOf(directory)))
    expect(new Set(keys.map(({ key }) => key)).size).toBe(1)
    expect(await readdir(directory)).toEqual(['installation.key'])
  })

  it('is not made anew over something else that has its place', async () => {
    const directory = await scratch()
    const path = join(directory, 'installation.key')
    writeFileSync(path, 'half')
    await expect(installationOf(directory)).rejects.toMatchObject({
      code: 'store/unavailable',
      message: expect.stringContaining('troupe doctor --adopt'),
    })
    expect(readFileSync(path, 'utf8')).toBe('half')
  })

  it('says where it can not be kept', async () => {
    const directory = await scratch()
    writeFileSync(join(directory, 'file'), '')
    chmodSync(join(directory, 'file'), 0o600)
    const place = join(directory, 'file', 'home')
    await expect(installationOf(place)).rejects.toMatchObject({
      code: 'store/unavailable',
      message: expect.stringContaining(place),
    })
  })
})

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-installation-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
