/** What only the user's own settings file can say (L12). */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { OWN_SETTINGS, readOwnSettings, readSettings } from '../../../src/hosts/settings.ts'
import { grantTrust, trustOf } from '../../../src/hosts/trust.ts'
import { readWorkspace } from '../../../src/hosts/workspace.ts'

const SAYS = '{"retention": {"tasks": 5, "days": 2}, "autoResume": true, "environment": ["NPM_TOKEN"]}'

describe('readOwnSettings', () => {
  it('gives what was said, and the defaults for the rest', () => {
    expect(readOwnSettings(SAYS, 'own')).toMatchObject({
      retention: { tasks: 5, days: 2 },
      autoResume: true,
      environment: ['NPM_TOKEN'],
    })
    expect(readOwnSettings('{"retention": {"days": 2}}', 'own')).toMatchObject({
      retention: { tasks: 1_000, days: 2 },
      autoResume: false,
    })
    expect(readOwnSettings(null, 'own')).toMatchObject(OWN_SETTINGS)
  })

  it.each([
    ['{"retention": {"tasks": 0}}', /own: retention\.tasks/],
    ['{"retention": {"days": 1.5}}', /own: retention\.days/],
    ['{"retention": {"dys": 1}}', /no key "dys". Did you mean "days"/],
    ['{"autoresume": true}', /no key "autoresume". Did you mean "autoResume"/],
    ['{"autoResume": "yes"}', /own: autoResume/],
    ['{"environment": "NPM_TOKEN"}', /own: environment/],
    ['{"environment": ["NPM_*"]}', /own: environment\.0 names "NPM_\*", which is no name of a variable/],
    ['{"environment": ["LD_PRELOAD"]}', /names "LD_PRELOAD", which changes what a command does/],
    ['{"environment": ["bash_env"]}', /names "bash_env", which changes/],
    ['{"environment": ["GIT_EXTERNAL_DIFF"]}', /names "GIT_EXTERNAL_DIFF", which changes/],
    [JSON.stringify({ environment: Array.from({ length: 65 }, (_, at) => `V${at}`) }), /own: environment/],
  ])('refuses %s by its name', (text, words) => {
    expect(() => readOwnSettings(text, 'own')).toThrow(words)
    expect(() => readSettings(text, 'own', false)).toThrow(words)
  })
})

describe('a workspace', () => {
  async function found(isTrusted: boolean, own: string | null) {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'troupe-own-')))
    onTestFinished(() => rm(base, { recursive: true, force: true }))
    const [workspace, home] = [join(base, 'workspace'), join(base, 'home')]
    await mkdir(join(workspace, '.troupe'), { recursive: true })
    await mkdir(home)
    await writeFile(join(workspace, '.troupe/settings.json'), SAYS)
    if (own !== null) await writeFile(join(home, 'settings.json'), own)
    if (isTrusted) await grantTrust(await trustOf(workspace, home), home)
    return readWorkspace({ workspace, home, tools: [] })
  }

  it.each([false, true])('can’t say it, trusted (%s) or not, and that is told', async (isTrusted) => {
    const { own, trust, warnings } = await found(isTrusted, null)
    expect(own).toEqual(OWN_SETTINGS)
    const told = isTrusted ? warnings : trust.ignored
    for (const key of ['retention', 'autoResume', 'environment'])
      expect(told.join('\n')).toContain(`settings.json: ${key}, which only your own settings can say`)
  })

  it('has what the user says, whatever its own file says', async () => {
    const { own } = await found(true, '{"retention": {"tasks": 7}, "autoResume": false}')
    expect(own).toEqual({ retention: { tasks: 7, days: 30 }, autoResume: false, environment: [] })
  })
})
