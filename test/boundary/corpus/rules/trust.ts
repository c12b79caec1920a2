import { read, theme, under, write, type GivenSettings, type Row } from '../row.ts'

const folder = (permissions: unknown, isTrusted: boolean, user?: unknown): { settings: GivenSettings } => ({
  settings: {
    folder: JSON.stringify({ permissions }),
    isTrusted,
    ...(user === undefined ? {} : { user: JSON.stringify({ permissions: user }) }),
  },
})

/** What the settings of a workspace may say, before and after it is trusted (L12). */
export const TRUST: readonly Row[] = theme(
  'trust',
  under(folder({ allow: ['execute_command(npm test:*)', 'write_file'] }, false), [
    ['npm test', 'ask', 'default', 'L12: a folder that nobody trusts allows nothing'],
    [write('src/a.ts'), 'ask', 'default', 'L12: no tool either'],
  ]),
  under(folder({ allow: ['execute_command(npm test:*)', 'write_file'] }, true), [
    ['npm test', 'allow', 'npm test:*', 'L12: trusted, its rules count'],
    [write('src/a.ts'), 'allow', 'write_file', 'L12: of tools, too'],
    ['npm test && rm -rf dist', 'ask', 'default', 'S66: and only they'],
    [read('.env'), 'ask', 'environment files', 'L12: trust lifts nothing that no rule lifts'],
  ]),
  under(folder({ mode: 'acceptEdits' }, false), [
    [write('src/a.ts'), 'ask', 'default', 'L12: a mode that loosens does not count'],
  ]),
  under(folder({ mode: 'acceptEdits' }, true), [
    [write('src/a.ts'), 'allow', 'acceptEdits', 'L12: trusted, it does'],
  ]),
  under(folder({ mode: 'plan' }, false), [
    [write('src/a.ts'), 'deny', 'plan', 'L12: a mode that tightens counts'],
    [read('src/a.ts'), 'allow', 'only reads', 'L12: and no more than that'],
  ]),
  under(folder({ mode: 'dontAsk' }, false), [
    ['npm test', 'deny', 'dontAsk', 'L12: so does the one that asks nobody'],
  ]),
  under(folder({ mode: 'dontAsk' }, false, { mode: 'acceptEdits' }), [
    [write('src/a.ts'), 'deny', 'dontAsk', 'L12: it tightens what the user has'],
    ['npm test', 'deny', 'dontAsk', 'L12: what would be asked for is refused'],
  ]),
  under(folder({ mode: 'bypassPermissions' }, false), [
    ['npm test', 'ask', 'default', 'Claude Code CVE-2026-33068: a repository that wants to be asked nothing'],
  ]),
  under(folder({ mode: 'bypassPermissions' }, true), [
    ['npm test', 'refused', 'bypassPermissions', 'no file can say that, trusted or not'],
  ]),
  under(folder({ deny: ['execute_command(git push:*)'], ask: ['read_file(docs/**)'] }, false), [
    ['git push', 'deny', 'git push:*', 'L12: what denies counts'],
    [read('docs/guide.md'), 'ask', 'read_file(docs/**)', 'L12: what asks counts'],
    ['git status', 'allow', 'only reads', 'L12: the rest is as ever'],
  ]),
  under(
    folder({ deny: [], ask: [] }, false, {
      deny: ['execute_command(git push:*)'],
      allow: ['execute_command(git:*)'],
    }),
    [
      ['git push', 'deny', 'git push:*', 'L12: what the user denies stays denied'],
      ['git commit -m x', 'allow', 'git:*', 'L12: what the user allows stays allowed'],
    ],
  ),
  under(folder({ allow: ['execute_command(git push:*)'] }, true, { deny: ['execute_command(git push:*)'] }), [
    ['git push', 'deny', 'git push:*', 'L12: trusted, it still lifts no deny of the user'],
  ]),
  under(folder({ ask: ['execute_command(npm test:*)'] }, false, { allow: ['execute_command(npm test:*)'] }), [
    ['npm test', 'ask', 'npm test:*', 'L12: ask outweighs allow, whoever says it'],
  ]),
  under(folder({ mode: 'acceptEdits' }, true, { mode: 'plan' }), [
    [write('src/a.ts'), 'deny', 'plan', 'L12: of two modes the stricter one counts'],
  ]),
  under(folder({ allow: ['execute_command(rm *; x)'] }, true), [
    ['rm x', 'refused', 'allow', 'S54: a rule that can not be read'],
  ]),
  under(folder({ allow: ['execute_command(npm test:*)'], hooks: {} }, true), [
    ['npm test', 'refused', 'hooks', 'S54: a key that is none'],
  ]),
  under({ settings: { folder: '{ "permissions": { "allow": [', isTrusted: true } }, [
    ['npm test', 'refused', 'not JSON', 'S54: half a file'],
  ]),
  under(
    { settings: { folder: '{"permissions":{"deny":["read_file"]},"permissions":{}}', isTrusted: false } },
    [
      [
        read('src/a.ts'),
        'allow',
        'only reads',
        'attack: a key that stands there twice; the last one counts, as anywhere',
      ],
    ],
  ),
  under(
    { settings: { folder: '{"permissions":{"__proto__":{"allow":["execute_command"]}}}', isTrusted: true } },
    [['npm test', 'refused', '__proto__', 'attack: a key that every object has']],
  ),
)
