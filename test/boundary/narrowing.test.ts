import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, globsOf, pathsOf } from '../../src/boundary/decide.ts'
import { meet, parseLayer } from '../../src/boundary/layer.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import { MODES, type Action, type Boundary, type Layer, type Policy } from '../../src/protocol/boundary.ts'
import { edit, inner, list, other, patch, read, run, search, write } from './corpus/row.ts'
import { linksOnLinux, locateOnLinux, type Disk } from './corpus/world.ts'

const RUNS = 300
const RANK = { allow: 0, ask: 1, deny: 2 } as const
const HOSTED = '/home/ann/shop'

const names = fc.constantFrom('src', 'docs', 'lib', 'a.ts', 'b.md', '.env', '.git', 'hooks', 'x')
const way = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

/** A tree of files with links in it: up, down, out, to each other, in circles. */
const disks: fc.Arbitrary<Disk> = fc.record({
  root: fc.constant(HOSTED),
  files: fc.array(way, { maxLength: 8 }),
  links: fc.dictionary(
    fc.oneof(names, way),
    fc.oneof(way, fc.constantFrom('..', '../..', '/etc', '.', '../src', HOSTED, '.troupe/state', 'x')),
    { maxKeys: 3, noNullPrototype: true },
  ),
  hardLinked: fc.array(way, { maxLength: 2 }),
  others: fc.array(way, { maxLength: 1 }),
})

/** A path as a model may write it. */
const paths = fc
  .tuple(fc.constantFrom('', '', '', '', './', '../', `${HOSTED}/`, '/etc/', 'src/../', 'docs//'), way)
  .map(([start, end]) => start + end)

const programs = fc.constantFrom(
  'cat',
  'ls',
  'rm',
  'touch',
  'npm test',
  'git status',
  'git log -1 --',
  'echo',
  'node',
  'env cat',
  'find',
  'cp src/a.ts',
)
const lines = fc
  .tuple(
    fc.array(fc.tuple(programs, paths), { minLength: 1, maxLength: 3 }),
    fc.constantFrom(' && ', '; ', ' | ', ' & ', '\n'),
    fc.constantFrom('', ' > out.txt', ' > docs/x', ' $(rm x)', ' "', ' < a.ts', ' *', ' 2>&1'),
  )
  .map(([commands, joint, end]) => commands.map((words) => words.join(' ')).join(joint) + end)

const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(lines, fc.constantFrom('.', '.', '.', '.', 'src', '..'))
      .map(([line, cwd]) => run(line, cwd)),
  },
  paths.map((path) => read(path)),
  paths.map(write),
  paths.map(edit),
  paths.map(search),
  paths.map(list),
  fc.tuple(paths, paths).map((both) => patch(...both)),
  fc.constantFrom(inner('attempt_completion'), inner('new_task'), other('deploy'), other('weather', 'pure')),
)

const tools = [
  'read_file',
  'write_file',
  'edit_file',
  'execute_command',
  'search_files',
  'new_task',
  'deploy',
]
const globs = ['src/**', 'docs/**', '**', '**/*.ts', '*', '{lib,x}/**', 'out.txt']
/** What each key may hold: nothing at all, an empty list, or a full one. */
const some = (all: readonly string[]) =>
  fc.oneof(fc.constant<readonly string[]>([]), fc.subarray([...all], { minLength: 1 }))
const layers: fc.Arbitrary<Layer> = fc.record(
  {
    filePatterns: some(globs),
    writePatterns: some(globs),
    commandPatterns: some(['npm test*', 'git *', '*', 'cat *', 'ls:*', 'rm *']),
    allowedTools: fc.oneof(fc.constant(tools), some(tools)),
    deniedTools: some(tools),
    readOnly: fc.boolean(),
  },
  { requiredKeys: [] },
)
/** Most layers leave most keys out, or nothing would ever be allowed. */
const sparse = fc
  .tuple(layers, fc.subarray(['filePatterns', 'writePatterns', 'commandPatterns', 'deniedTools', 'readOnly']))
  .map(([layer, kept]) =>
    parseLayer(
      Object.fromEntries(Object.entries(layer).filter(([key]) => kept.includes(key as never))),
      'layer',
    ),
  )
/** Layers that let most things through. */
const wide: fc.Arbitrary<Layer> = fc.record(
  {
    filePatterns: fc.constant(['**', 'src/**']),
    writePatterns: fc.constant(['**']),
    commandPatterns: fc.constant(['*', 'git *']),
    allowedTools: fc.constant(tools),
    deniedTools: fc.constantFrom([], ['deploy']),
    readOnly: fc.constant(false),
  },
  { requiredKeys: [] },
)
const oneOf = fc.oneof(
  { weight: 1, arbitrary: layers },
  { weight: 2, arbitrary: sparse },
  { weight: 5, arbitrary: wide },
)
const chains = fc.array(oneOf, { minLength: 3, maxLength: 5 })

const rules = fc.subarray(
  [
    'execute_command',
    'execute_command(npm test:*)',
    'execute_command(git *)',
    'execute_command(*)',
    'write_file',
    'write_file(src/**)',
    'read_file(docs/**)',
    'deploy',
  ],
  { maxLength: 4 },
)
const policies: fc.Arbitrary<Policy> = fc
  .record(
    {
      mode: fc.constantFrom(...MODES, 'bypassPermissions', 'acceptEdits'),
      allow: rules,
      ask: rules,
      deny: rules,
    },
    { requiredKeys: [] },
  )
  .map((given) =>
    parsePolicy({ ...given, ask: given.ask?.slice(0, 1), deny: given.deny?.slice(0, 1) }, 'policy'),
  )

const calls = fc.record({ policy: policies, action: actions, disk: disks, isBackground: fc.boolean() })
type Call = typeof calls extends fc.Arbitrary<infer T> ? T : never

function verdictOf(boundary: Boundary, { policy, action, disk, isBackground }: Call) {
  const links = new Map(globsOf(action).map((path) => [path, linksOnLinux(disk, path)]))
  const places = new Map(pathsOf(action, links).map((path) => [path, locateOnLinux(disk, path)]))
  const own = { root: HOSTED, home: '/home/ann', directories: ['/home/ann/.troupe'] }
  return decide({ boundary, policy, action, places, links, repository: null, own, isBackground })
}

function rankOf(boundary: Boundary, call: Call): number {
  return RANK[verdictOf(boundary, call).verdict]
}

/** A chain as it grows: from nothing, by one layer a generation. */
const grown = (chain: readonly Layer[]): Boundary => chain.reduce<Boundary>(meet, [])

const holds = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void) =>
  fc.assert(
    fc.property(arbitrary, (value) => {
      check(value)
    }),
    { numRuns: RUNS },
  )

const both = fc.record({ chain: chains, call: calls })

describe('L5: a child is never wider than any ancestor', () => {
  it('each generation allows no more than the one above it', () => {
    const seen = { allow: 0, ask: 0, deny: 0 }
    holds(both, ({ chain, call }) => {
      let above = rankOf([], call)
      for (let length = 1; length <= chain.length; length += 1) {
        const verdict = verdictOf(grown(chain.slice(0, length)), call)
        seen[verdict.verdict] += 1
        expect(RANK[verdict.verdict]).toBeGreaterThanOrEqual(above)
        above = RANK[verdict.verdict]
      }
    })
    // A property that only ever met refusals would show nothing.
    expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(RUNS / 30)
  })

  it('a chain says what the strictest of its layers says by itself', () => {
    holds(both, ({ chain, call }) => {
      const alone = chain.map((layer) => rankOf(grown([layer]), call))
      expect(rankOf(grown(chain), call)).toBe(Math.max(rankOf([], call), ...alone))
    })
  })

  it('whoever is under two chains is under both, in any order, and once is as good as twice', () => {
    holds(fc.record({ left: chains, right: chains, call: calls }), ({ left, right, call }) => {
      const met = rankOf(grown([...left, ...right]), call)
      expect(met).toBe(Math.max(rankOf(grown(left), call), rankOf(grown(right), call)))
      expect(rankOf(grown([...right, ...left]), call)).toBe(met)
      expect(rankOf(grown([...left, ...right, ...left]), call)).toBe(met)
    })
  })

  it('a restart changes nothing: neither the verdict nor a word of it', () => {
    holds(both, ({ chain, call }) => {
      const stored = JSON.stringify({ boundary: grown(chain), policy: call.policy, action: call.action })
      const { boundary, policy, action } = JSON.parse(stored) as Pick<Call, 'policy' | 'action'> & {
        readonly boundary: Boundary
      }
      const restored = boundary.map((layer) => parseLayer(layer, 'a stored layer'))
      const before = verdictOf(grown(chain), call)
      expect(verdictOf(boundary, { ...call, policy, action })).toEqual(before)
      expect(verdictOf(restored, call)).toEqual(before)
    })
  })

  it('the order in which the keys of a layer stand means nothing', () => {
    holds(both, ({ chain, call }) => {
      const turned = chain.map((layer) => Object.fromEntries(Object.entries(layer).toReversed()))
      expect(verdictOf(grown(turned), call).verdict).toBe(verdictOf(grown(chain), call).verdict)
    })
  })

  it('an empty layer anywhere changes nothing', () => {
    holds(fc.record({ chain: chains, at: fc.nat(5), call: calls }), ({ chain, at, call }) => {
      const more = chain.toSpliced(at, 0, {})
      expect(rankOf(grown(more), call)).toBe(rankOf(grown(chain), call))
    })
  })
})

describe('S67: a path is where it leads', () => {
  const touches = [
    read,
    write,
    edit,
    search,
    (path: string) => run(`cat ${path}`),
    (path: string) => run(`touch ${path}`),
  ]
  const directory = fc.constantFrom('src', 'docs', 'lib')
  const target = fc.constantFrom('../src', '../docs', '../lib', '..', '../..', '/etc', 'x')
  /** Three directories, each with a link in it to somewhere else. */
  const linked: fc.Arbitrary<Disk> = fc.record({ src: target, docs: target, lib: target }).map((targets) => ({
    root: HOSTED,
    files: ['src/a.ts', 'docs/b.md', 'lib/c.ts'],
    links: Object.fromEntries(Object.entries(targets).map(([name, target]) => [`${name}/x`, target])),
  }))
  const through = fc
    .tuple(
      directory,
      fc.constantFrom('x', 'x/x', 'x/../x', './x', 'x/src', 'x/docs/x'),
      fc.constantFrom('a.ts', 'b.md', 'new'),
    )
    .map((parts) => parts.join('/'))
  const limit = fc
    .subarray(['src/**', 'docs/**', 'lib/**'], { minLength: 1, maxLength: 2 })
    .chain((filePatterns) => fc.constantFrom<Layer>({ filePatterns }, { writePatterns: filePatterns }))

  it('no link and no spelling is a way round a layer or a rule', () => {
    const shown = { inside: 0, outside: 0 }
    const given = fc.record({
      chain: fc.tuple(chains, limit).map(([chain, one]) => [...chain, one]),
      call: calls,
      disk: linked,
      path: through,
      touch: fc.constantFrom(...touches),
    })
    holds(given, ({ chain, call, disk, path, touch }) => {
      const place = locateOnLinux(disk, path)
      const verdict = (given: string) => rankOf(grown(chain), { ...call, disk, action: touch(given) })
      shown[place === 'outside' ? 'outside' : 'inside'] += 1
      expect(verdict(path)).toBeGreaterThanOrEqual(place === 'outside' ? 0 : verdict(place.path))
      if (place === 'outside')
        expect(verdictOf([], { ...call, disk, action: read(path) }).verdict).toBe('deny')
    })
    expect(Math.min(shown.inside, shown.outside)).toBeGreaterThan(RUNS / 30)
  })
})

describe('S70: an empty list is nothing, wherever in a chain it stands', () => {
  const emptied = (key: keyof Layer, action: fc.Arbitrary<Action>) =>
    fc
      .record({ chain: chains, at: fc.nat(5), call: calls, action })
      .map(({ chain, at, call, action: asked }) => ({
        boundary: grown(chain.toSpliced(at, 0, { [key]: [] })),
        call: { ...call, action: asked },
      }))

  it.each([
    [
      'filePatterns',
      fc.oneof(
        paths.map((path) => read(path)),
        paths.map(write),
      ),
    ],
    ['writePatterns', fc.oneof(paths.map(write), paths.map(edit))],
    ['commandPatterns', lines.map((line) => run(line))],
    [
      'allowedTools',
      fc.oneof(
        paths.map(list),
        lines.map((line) => run(line)),
        fc.constant(inner('new_task')),
      ),
    ],
  ] as const)('%s', (key, action) => {
    holds(emptied(key, action), ({ boundary, call }) => {
      expect(verdictOf(boundary, call).verdict).toBe('deny')
    })
  })

  it('deniedTools: nothing is denied by it', () => {
    holds(both, ({ chain, call }) => {
      expect(rankOf(grown([...chain, { deniedTools: [] }]), call)).toBe(rankOf(grown(chain), call))
    })
  })

  it('and a task can end and ask all the same', () => {
    const ends = fc.constantFrom(inner('attempt_completion'), inner('ask_followup_question'))
    holds(emptied('allowedTools', ends), ({ boundary, call }) => {
      expect(verdictOf(boundary, call).verdict).toBe('allow')
    })
  })
})
