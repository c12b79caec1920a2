/** What the user has said of folders, as it is kept in their own directory (L12). */
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import {
  grantTrust,
  ignoredInWords,
  refuseTrust,
  revokeTrust,
  tooWide,
  trustOf,
} from '../../src/hosts/trust.ts'
import { directoryOf } from '../hosts/workspace.ts'

const ALLOWS = '{"permissions": {"allow": ["execute_command"]}}'

async function shop(settings = ALLOWS) {
  const base = await directoryOf({ 'shop/.troupe/settings.json': settings })
  const workspace = join(base, 'shop')
  const home = join(base, 'ann')
  const put = (text: string) => writeFile(join(workspace, '.troupe/settings.json'), text)
  return { base, workspace, home, put, now: () => trustOf(workspace, home) }
}

describe('an answer', () => {
  it('of no is remembered for exactly what was shown, and can be changed', async () => {
    const { home, put, now } = await shop()
    await refuseTrust(await now(), home)
    expect(await now()).toMatchObject({ isTrusted: false, why: 'refused' })
    await put('{"permissions": {"allow": ["write_file"]}}')
    expect(await now()).toMatchObject({ isTrusted: false, why: 'none' })
    await put(ALLOWS)
    await grantTrust(await now(), home)
    expect(await now()).toMatchObject({ isTrusted: true, why: 'granted' })
  })

  it('of yes can be taken back, also once the settings can’t be read any more', async () => {
    const { base, workspace, home, now } = await shop()
    expect(await revokeTrust(workspace, home)).toBe(false)
    await grantTrust(await now(), home)
    expect(await revokeTrust(workspace, home)).toBe(true)
    expect(await now()).toMatchObject({ isTrusted: false, why: 'refused' })
    await grantTrust(await now(), home)
    const settings = join(workspace, '.troupe/settings.json')
    await rm(settings)
    await symlink(join(base, 'elsewhere.json'), settings)
    await writeFile(join(base, 'elsewhere.json'), ALLOWS)
    expect(await revokeTrust(workspace, home)).toBe(true)
    await rm(settings)
    await writeFile(settings, ALLOWS)
    expect((await now()).isTrusted).toBe(false)
  })

  it('of an earlier version counts, until another one is given', async () => {
    const { workspace, home, now } = await shop()
    await mkdir(home)
    await writeFile(join(home, 'trusted.json'), JSON.stringify({ [workspace]: (await now()).files.hash }))
    expect(await now()).toMatchObject({ isTrusted: true, why: 'granted' })
    await revokeTrust(workspace, home)
    expect((await now()).isTrusted).toBe(false)
  })

  it.each([
    ['no JSON', '{'],
    ['another form', '{"isTrusted": true}'],
    ['the word of another folder', JSON.stringify({ folder: '/elsewhere', hash: 'x', isTrusted: true })],
    ['more than an answer', JSON.stringify({ folder: '/x', hash: 'x', isTrusted: true, all: true })],
  ])('that is %s trusts nothing', async (_, text) => {
    const { home, now } = await shop()
    await grantTrust(await now(), home)
    const [name = ''] = await readdir(join(home, 'trust'))
    await writeFile(join(home, 'trust', name), text)
    expect(await now()).toMatchObject({ isTrusted: false, why: 'none' })
  })

  it('for a folder is none for the folders in it, nor for the one it is in', async () => {
    const { workspace, base, home, now } = await shop()
    for (const folder of ['shop/inner', 'shop/..', 'shopper']) {
      await mkdir(join(base, folder, '.troupe'), { recursive: true })
      await writeFile(join(base, folder, '.troupe/settings.json'), ALLOWS)
    }
    await grantTrust(await now(), home)
    for (const folder of [join(workspace, 'inner'), base, join(base, 'shopper')])
      expect((await trustOf(folder, home)).isTrusted, folder).toBe(false)
  })

  it('of eight processes at the same time is kept for each of eight folders', async () => {
    const base = await directoryOf()
    const script = join(base, 'grant.mjs')
    const trust = new URL('../../src/hosts/trust.ts', import.meta.url).pathname
    await build({
      stdin: {
        contents: `import { grantTrust, trustOf } from ${JSON.stringify(trust)}
          const [, , workspace, home] = process.argv
          await grantTrust(await trustOf(workspace, home), home)`,
        resolveDir: base,
      },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
      },
    })
    const folders = Array.from({ length: 8 }, (_, at) => join(base, `folder-${at}`))
    for (const folder of folders) {
      await mkdir(join(folder, '.troupe'), { recursive: true })
      await writeFile(join(folder, '.troupe/settings.json'), ALLOWS)
    }
    const home = join(base, 'ann')
    await Promise.all(folders.map((it) => promisify(execFile)(process.execPath, [script, it, home])))
    const trusts = await Promise.all(folders.map((it) => trustOf(it, home)))
    expect(trusts.filter(({ isTrusted }) => isTrusted)).toHaveLength(8)
    expect(await readdir(join(home, 'trust'))).toHaveLength(8)
  })
})

describe('what is told', () => {
  it('is what would count, apart from what never would', async () => {
    const { now } = await shop(
      '{"autoResume": true, "permissions": {"allow": ["write_file"], "mode": "plan"}}',
    )
    expect(await now()).toMatchObject({
      wants: ['.troupe/settings.json: the rule that allows write_file'],
      ignored: [
        '.troupe/settings.json: the rule that allows write_file',
        '.troupe/settings.json: autoResume, which only your own settings can say',
      ],
    })
  })

  it('is why settings can’t be used, instead of a failure', async () => {
    expect((await (await shop('{"permissions": {"alow": []}}')).now()).flaw).toContain(
      'there is no key "alow"',
    )
    const bypass = await (await shop('{"permissions": {"mode": "bypassPermissions"}}')).now()
    expect(bypass.flaw).toContain("can't be set in a file")
    expect(bypass.ignored).toEqual(['.troupe/settings.json: the mode bypassPermissions'])
  })

  it('fits on a line, however much is ignored', () => {
    const ignored = Array.from({ length: 500 }, (_, at) => `rule ${at}`)
    const line = ignoredInWords({ ignored, why: 'none' })
    expect(line).toContain('troupe trust')
    expect(line).toContain('and 494 more')
    expect(line.length).toBeLessThan(200)
  })
})

it('a folder is too wide that is the home directory, holds it, or is the file system', async () => {
  expect(await tooWide('/')).toContain('file system')
  expect(await tooWide(homedir())).toMatch(/home directory/)
  expect(await tooWide(await directoryOf())).toBe(null)
})
