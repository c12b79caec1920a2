import { mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { joinPolicies, readSettings } from '../../src/hosts/settings.ts'
import { grantTrust, trustOf, userDirectory } from '../../src/hosts/trust.ts'

let base: string
let workspace: string
let directory: string

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'troupe-trust-')))
  workspace = join(base, 'shop')
  directory = join(base, 'ann/.troupe')
  await put(
    '.troupe/settings.json',
    '{"permissions": {"allow": ["execute_command"], "deny": ["deploy"], "mode": "bypassPermissions"}}',
  )
})
afterEach(() => rm(base, { recursive: true, force: true }))

const put = async (path: string, text: string) => {
  await mkdir(dirname(join(workspace, path)), { recursive: true })
  await writeFile(join(workspace, path), text)
}

describe('L12: trust', () => {
  it('a folder is untrusted until its user says otherwise, and what it loses is listed', async () => {
    await put('.troupe/agents/lead.md', '---\nname: lead\n---\nObey.')
    const trust = await trustOf(workspace, directory, { reservedNames: ['lead'] })
    expect(trust).toMatchObject({ isTrusted: false, why: 'none' })
    expect(trust.ignored).toEqual([
      '.troupe/settings.json: the rule that allows execute_command',
      '.troupe/settings.json: the mode bypassPermissions',
      '.troupe/agents/lead.md: the whole agent, because "lead" is a name of Troupe\'s own',
    ])
    await grantTrust(trust, directory)
    expect(await trustOf(workspace, directory)).toMatchObject({
      isTrusted: true,
      why: 'granted',
      ignored: [],
    })
  })

  it.each([
    ['the settings', () => put('.troupe/settings.json', '{}')],
    ['an agent', () => put('.troupe/agents/a.md', '---\nname: a\n---\nDo else.')],
    ['another agent', () => put('.troupe/agents/b.md', '---\nname: b\n---\nDo.')],
    [
      'the name of an agent file',
      () =>
        rm(join(workspace, '.troupe/agents/a.md')).then(() =>
          put('.troupe/agents/c.md', '---\nname: a\n---\nDo.'),
        ),
    ],
  ])('a change of %s takes it back', async (_, change) => {
    await put('.troupe/agents/a.md', '---\nname: a\n---\nDo.')
    await grantTrust(await trustOf(workspace, directory), directory)
    await change()
    expect(await trustOf(workspace, directory)).toMatchObject({ isTrusted: false, why: 'changed' })
  })

  it('what was seen is what is trusted, not what lies there by then', async () => {
    const seen = await trustOf(workspace, directory)
    await put('.troupe/settings.json', '{"permissions": {"allow": ["deploy"]}}')
    await grantTrust(seen, directory)
    expect((await trustOf(workspace, directory)).isTrusted).toBe(false)
  })

  it('holds for the real path: by any name of the folder, and not for a copy', async () => {
    await grantTrust(await trustOf(workspace, directory), directory)
    await symlink(workspace, join(base, 'alias'))
    expect((await trustOf(join(base, 'alias'), directory)).isTrusted).toBe(true)
    await mkdir(join(base, 'copy/.troupe'), { recursive: true })
    await writeFile(
      join(base, 'copy/.troupe/settings.json'),
      (await trustOf(workspace, directory)).files.settings ?? '',
    )
    expect((await trustOf(join(base, 'copy'), directory)).isTrusted).toBe(false)
  })

  it('is kept where only the user reads and writes, and nothing else is left there', async () => {
    await grantTrust(await trustOf(workspace, directory), directory)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect(await readdir(directory)).toEqual(['trust'])
    expect((await stat(join(directory, 'trust'))).mode & 0o777).toBe(0o700)
    const [name = '', ...more] = await readdir(join(directory, 'trust'))
    expect(more).toEqual([])
    expect((await stat(join(directory, 'trust', name))).mode & 0o777).toBe(0o600)
  })

  it('two folders are trusted side by side, and a file that cannot be read trusts none', async () => {
    await mkdir(join(base, 'other'))
    await grantTrust(await trustOf(workspace, directory), directory)
    await grantTrust(await trustOf(join(base, 'other'), directory), directory)
    expect((await trustOf(workspace, directory)).isTrusted).toBe(true)
    for (const name of await readdir(join(directory, 'trust')))
      await writeFile(join(directory, 'trust', name), '{"broken')
    expect((await trustOf(workspace, directory)).isTrusted).toBe(false)
  })

  it('a workspace cannot say that it is trusted', async () => {
    const own = join(workspace, '.home')
    const seen = await trustOf(workspace, directory)
    await mkdir(own)
    await writeFile(join(own, 'trusted.json'), JSON.stringify({ [workspace]: seen.files.hash }))
    expect((await trustOf(workspace, own)).isTrusted).toBe(false)
    await expect(grantTrust(seen, own)).rejects.toThrow(/lies in the workspace/)
  })

  it('settings that are a link are refused, not passed over', async () => {
    await writeFile(join(base, 'settings.json'), '{"permissions": {"allow": ["deploy"]}}')
    await rm(join(workspace, '.troupe/settings.json'))
    await symlink(join(base, 'settings.json'), join(workspace, '.troupe/settings.json'))
    await expect(trustOf(workspace, directory)).rejects.toThrow(/settings\.json was not read: it is a link/)
    await rm(join(workspace, '.troupe/settings.json'))
    await put('secret.txt', 'KEY=hunter2')
    await symlink('../secret.txt', join(workspace, '.troupe/settings.json'))
    const told = await trustOf(workspace, directory).catch(String)
    expect(told).toContain('it is a link')
    expect(told).not.toContain('hunter2')
  })
})

describe('settings', () => {
  const text =
    '{"permissions": {"allow": ["write_file(src/**)"], "ask": ["b"], "deny": ["c"], "mode": "acceptEdits"}}'
  const rule = (text: string) => ({ text, tool: text, spec: null })
  const allow = [{ text: 'write_file(src/**)', tool: 'write_file', spec: 'src/**' }]
  const strict = { ask: [rule('b')], deny: [rule('c')] }

  it('L12: from an untrusted folder only ask and deny count', () => {
    const { policy, ignored } = readSettings(text, 'settings.json', false)
    expect(policy).toEqual({ mode: undefined, allow: [], ...strict })
    expect(ignored).toEqual([
      'settings.json: the rule that allows write_file(src/**)',
      'settings.json: the mode acceptEdits',
    ])
    expect(readSettings(text, 'settings.json', true).policy).toEqual({
      mode: 'acceptEdits',
      allow,
      ...strict,
    })
    expect(readSettings(null, 'settings.json', false)).toEqual({
      policy: { mode: undefined, allow: [], ask: [], deny: [] },
      ignored: [],
      notTheirs: [],
    })
  })

  it.each([
    ['{"permissions": {', 'settings.json is not JSON'],
    ['{"permission": {}}', 'settings.json: there is no key "permission". Did you mean "permissions"?'],
    [
      '{"permissions": {"alow": []}}',
      'settings.json: permissions: there is no key "alow". Did you mean "allow"?',
    ],
    ['{"permissions": {"deny": ["write file"]}}', 'settings.json: permissions: deny'],
    [
      '{"permissions": {"allow": [{"rule": "execute_command(git status:*)", "match": ["git push"]}]}}',
      'settings.json: permissions: allow',
    ],
    ['{"permissions": {"mode": "yolo"}}', 'settings.json: permissions: mode is wrong'],
    ['{"permissions": []}', 'settings.json: permissions: it is wrong'],
    ['{"hooks": {"TaskQueued": "curl evil"}}', 'settings.json: there is no key "hooks"'],
    ['[]', 'settings.json: it is wrong'],
  ])('refuses %s, naming file and key', (broken, words) => {
    for (const isTrusted of [true, false]) {
      expect(() => readSettings(broken, 'settings.json', isTrusted)).toThrow(UsageError)
      expect(() => readSettings(broken, 'settings.json', isTrusted)).toThrow(words)
    }
  })

  it('rules of the user and the project add up', () => {
    const user = readSettings('{"permissions": {"mode": "acceptEdits", "deny": ["x"]}}', 'user', true).policy
    const project = readSettings(text, 'project', false).policy
    const deny = [rule('x'), rule('c')]
    expect(joinPolicies(user, project)).toEqual({ mode: 'acceptEdits', allow: [], ask: [rule('b')], deny })
  })
})

describe('the mode', () => {
  const saying = (mode: string, isTrusted = true) =>
    readSettings(JSON.stringify({ permissions: { mode } }), 'settings.json', isTrusted)
  const silent = readSettings('{}', 'settings.json', true)

  it('bypassPermissions is refused by name: a flag or the host says it, never a file', () => {
    expect(() => saying('bypassPermissions')).toThrow(
      /settings\.json: .*bypassPermissions can't be set in a file/,
    )
    expect(saying('bypassPermissions', false).ignored).toEqual(['settings.json: the mode bypassPermissions'])
  })

  it.each([
    ['acceptEdits', 'default', 'default'],
    ['default', 'acceptEdits', 'default'],
    ['acceptEdits', 'acceptEdits', 'acceptEdits'],
    ['dontAsk', 'default', 'dontAsk'],
    ['acceptEdits', 'plan', 'plan'],
    ['plan', 'dontAsk', 'plan'],
  ])('user %s and project %s: the stricter, %s', (user, project, mode) => {
    expect(joinPolicies(saying(user).policy, saying(project).policy).mode).toBe(mode)
  })

  it('that one of them did not say is the one that the other said', () => {
    expect(joinPolicies(saying('acceptEdits').policy, silent.policy).mode).toBe('acceptEdits')
    expect(joinPolicies(silent.policy, saying('acceptEdits').policy).mode).toBe('acceptEdits')
    expect(joinPolicies(silent.policy, silent.policy).mode).toBe('default')
  })

  it.each([
    ['acceptEdits', 'default', 'default'],
    ['acceptEdits', 'plan', 'plan'],
    ['default', 'dontAsk', 'dontAsk'],
    ['default', 'acceptEdits', 'default'],
    ['plan', 'default', 'plan'],
    ['dontAsk', 'default', 'dontAsk'],
    ['dontAsk', 'bypassPermissions', 'dontAsk'],
  ])('L12: of a user’s %s and an untrusted %s it is %s', (user, project, mode) => {
    expect(joinPolicies(saying(user).policy, saying(project, false).policy).mode).toBe(mode)
  })

  it.each([
    ['plan', 'dontAsk'],
    ['dontAsk', 'plan'],
  ])('where %s and %s are said, nothing that would be refused becomes a question', (user, project) => {
    const joined = joinPolicies(saying(user).policy, saying(project, false).policy)
    expect(joined).toMatchObject({ mode: 'plan', neverAsks: true })
    expect(joinPolicies(joined, silent.policy)).toMatchObject({ mode: 'plan', neverAsks: true })
    expect(joinPolicies(saying('plan').policy, silent.policy)).not.toHaveProperty('neverAsks')
  })
})

it('a text that is no JSON is told by its line, and by nothing that stands there', () => {
  for (const text of ['KEY=hunter2', '{\n  "a": hunter2\n}']) {
    const told = (() => {
      try {
        return JSON.stringify(readSettings(text, 'settings.json', true))
      } catch (error) {
        return `${String(error)} ${String((error as Error).cause)}`
      }
    })()
    expect(told).toContain('settings.json is not JSON')
    expect(told).not.toContain('hunter')
    expect(told).not.toContain('KEY')
  }
})

describe('the directory of the user', () => {
  it('is TROUPE_HOME, or .troupe at home', () => {
    expect(userDirectory({ TROUPE_HOME: '/srv/troupe' })).toBe('/srv/troupe')
    expect(userDirectory({})).toMatch(/[/\\]\.troupe$/)
    expect(() => userDirectory({ TROUPE_HOME: 'here' })).toThrow(/absolute/)
  })
})
