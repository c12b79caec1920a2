import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embedded } from '../../src/models/embedded.ts'
import { SEARCH_RULES } from '../../src/models/embedded/rules/search-rules.ts'
import { harbour, loom, type Repository } from '../fixtures/repositories.ts'
import { converse, workspaceOf } from './embedded-drive.ts'

const GOAL = 'Survey this repository and write a report'
const LATER = `${'TO'}${'DO'}`

async function surveyed(repository: Repository) {
  const root = await workspaceOf(repository)
  return { root, ...(await converse(embedded(), root, GOAL)) }
}

const surveyOfHarbour = surveyed(harbour)
const surveyOfLoom = surveyed(loom)

/** The places under one finding, as the report gives them. */
function placesUnder(report: string, title: string): readonly string[] {
  const section = report.split(/^### \d+\. /m).find((part) => part.startsWith(title)) ?? ''
  return [...section.split('\n## ')[0]!.matchAll(/^- `([^`]+)`/gm)].map(([, place = '']) => place)
}

/** Every path the report gives as a place, in lists and in the first and last cells of its tables. */
function placesIn(report: string): readonly { path: string; line: number | null }[] {
  const code = [
    ...report.matchAll(/^- (?:[^`\n]*: )?`([^`\s]+)`/gm),
    ...report.matchAll(/^\| `([^`\s]+\.\w+)` \|/gm),
    ...report.matchAll(/`([^`\s]+:\d+)` \|$/gm),
    ...report.matchAll(/^`([^`\s]+:\d+)` says/gm),
  ]
  return code.map(([, place = '']) => {
    const [, path = place, line] = /^(.*?)(?::(\d+))?$/.exec(place) ?? []
    return { path, line: line === undefined ? null : Number(line) }
  })
}

describe.each([
  ['a Python package', harbour, surveyOfHarbour],
  ['a TypeScript monorepo', loom, surveyOfLoom],
])('the report on %s', (_, repository, survey) => {
  it('names only files that are there, and lines that they have', async () => {
    const { root, report } = await survey
    const places = placesIn(report)
    expect(places.length).toBeGreaterThan(12)
    for (const { path, line } of places) {
      expect([path, existsSync(join(root, path))]).toEqual([path, true])
      const lines = statSync(join(root, path)).isFile()
        ? readFileSync(join(root, path), 'utf8').split('\n').length
        : 1
      expect(line ?? 1, `${path}:${line}`).toBeLessThanOrEqual(lines)
    }
  })

  it('counts what is there', async () => {
    const { report } = await survey
    const files = Object.entries(repository)
    const bytes = files.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0)
    expect(report).toContain(`- ${files.length} files, ${bytes.toLocaleString('en-US')} bytes; code:`)
    for (const [ending, language] of [
      ['py', 'Python'],
      ['ts', 'TypeScript'],
      ['js', 'JavaScript'],
    ] as const) {
      const own = files.filter(([path]) => path.endsWith(`.${ending}`))
      const size = own.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0)
      if (own.length === 0) expect(report).not.toContain(`| ${language} |`)
      else expect(report).toContain(`| ${language} | ${own.length} | ${size} |`)
    }
    const top = files.filter(([path]) => !path.includes('/')).length
    expect(report).toMatch(new RegExp(`^\\| \`\\.\` \\| ${top} \\|`, 'm'))
  })

  it('is labelled, is a page or two, and has no finding without a place', async () => {
    const { report, result } = await survey
    for (const text of [report, result]) expect(text).toContain('rules, not a language model')
    expect(report.split('\n').length).toBeLessThan(180)
    const findings =
      report.split('## Findings, heaviest first')[1]?.split('\n## ')[0]?.split('\n### ').slice(1) ?? []
    expect(findings.length).toBeGreaterThan(4)
    for (const finding of findings) expect(finding).toMatch(/^- `/m)
    expect(report).not.toMatch(/^0 places/m)
  })

  it('ends with the three to five heaviest findings, each with a place, and says where the report is', async () => {
    const { result, root } = await survey
    const lines = result.split('\n').filter((line) => /^\d\. /.test(line))
    expect(lines.length).toBeGreaterThanOrEqual(3)
    expect(lines.length).toBeLessThanOrEqual(5)
    for (const line of lines) expect(line).toMatch(/: `[^`]+` \(/)
    expect(result).toContain('The report is in `troupe-report.md`.')
    expect(readdirSync(root)).toContain('troupe-report.md')
  })
})

describe('two unlike repositories', () => {
  it('share no line but what is the same for every workspace', async () => {
    const [one, other, none] = await Promise.all([surveyOfHarbour, surveyOfLoom, surveyed({})])
    const fixed = new Set([
      ...none.report.split('\n'),
      ...SEARCH_RULES.flatMap(({ why, advice }) => `${why} ${advice}`),
    ])
    const lines = new Set(other.report.split('\n'))
    const shared = one.report.split('\n').filter((line) => lines.has(line) && !fixed.has(line))
    const heads =
      /^(## |### \d+\. [^`]*$|\|[-|: ]+\|$|\| (Language|Folder|Imported most|Command|File) \|[^`\d]*$|1 place\. [^`\d]*$)/
    expect(shared.filter((line) => !heads.test(line))).toEqual([])
  })

  it('are told in the words of their own files', async () => {
    const [one, other] = await Promise.all([surveyOfHarbour, surveyOfLoom])
    expect(one.report).toContain('> Predicts tides for small harbours')
    expect(one.report).toContain('| `make check` | `python -m pytest` | `Makefile:2` |')
    expect(one.report).toContain('| `src/harbour/tides.py` | 2 |')
    expect(other.report).toContain('> Loom turns a drawing into a plan')
    expect(other.report).toContain('| `npm test` | `vitest run` | `package.json:8` |')
    for (const word of ['loom', 'weav', 'npm']) expect(one.report).not.toContain(word)
    for (const word of ['tide', 'harbour', 'pytest', 'make ']) expect(other.report).not.toContain(word)
  })

  it.each([
    [surveyOfHarbour, 'Values that may be secrets', ['src/harbour/waves.py:3']],
    [surveyOfHarbour, 'Exceptions caught without a name', ['src/harbour/tides.py:8']],
    [surveyOfHarbour, 'Lists or dictionaries as default', ['src/harbour/tides.py:5']],
    [surveyOfHarbour, 'Commands in documents', ['README.md:12']],
    [surveyOfHarbour, 'Links in documents', ['README.md:8']],
    [surveyOfHarbour, 'Tests that are switched off', ['tests/test_tides.py:4']],
    [surveyOfHarbour, 'Work the authors marked', ['src/harbour/tides.py:4']],
    [surveyOfHarbour, 'Print calls', ['src/harbour/waves.py:5']],
    [surveyOfLoom, 'Lines shaped like a secret key', ['packages/web/src/main.ts:2']],
    [surveyOfLoom, 'Files that hold secrets', ['.env']],
    [surveyOfLoom, 'Tests that switch all others off', ['packages/core/test/weave.test.ts:2']],
    [surveyOfLoom, 'Errors that are caught and dropped', ['packages/core/src/weave.ts:7']],
    [surveyOfLoom, 'Manifests that name files', ['package.json:9', 'packages/web/package.json:3']],
    [surveyOfLoom, 'Commands in documents', ['readme.md:5']],
    [surveyOfLoom, 'Lock files of several', ['package-lock.json', 'yarn.lock']],
    [
      surveyOfLoom,
      'Places where the type checker',
      ['packages/core/src/weave.ts:4', 'packages/core/src/weave.ts:5'],
    ],
    [surveyOfLoom, 'Addresses of the local machine', ['packages/web/src/main.ts:3']],
    [surveyOfLoom, 'Work the authors marked', ['packages/web/src/main.ts:2']],
  ] as const)('finds exactly what was planted (%#)', async (survey, title, places) => {
    const { report } = await survey
    expect(placesUnder(report, title)).toEqual(places)
  })
})

it('a count is the number of places, whatever their number and order', async () => {
  const markers = fc.array(fc.array(fc.boolean(), { maxLength: 8 }), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(markers, async (files) => {
      const texts = files.map((lines) =>
        lines.map((isMarked) => (isMarked ? `// ${LATER}: it` : 'run()')).join('\n'),
      )
      const { report } = await surveyed(
        Object.fromEntries(texts.map((text, index) => [`src/f${index}.ts`, text])),
      )
      const expected = texts.flatMap((text, index) =>
        text.split('\n').flatMap((line, at) => (line.includes(LATER) ? [`src/f${index}.ts:${at + 1}`] : [])),
      )
      const inFiles = new Set(expected.map((place) => place.split(':')[0])).size
      expect(placesUnder(report, 'Work the authors marked')).toEqual(expected.slice(0, 5))
      if (expected.length === 0) expect(report).not.toContain('### 1. Work the authors')
      if (expected.length > 1) {
        const amount = `${expected.length} places in ${inFiles} ${inFiles === 1 ? 'file' : 'files'}. Each is a promise`
        expect(report).toContain(amount)
      }
    }),
    { numRuns: 12 },
  )
})

it('no false alarm: words in text, foreign code, fixtures, earlier reports and files that may print', async () => {
  const { report } = await surveyed({
    'src/words.ts': `export const WORDS = ['${LATER}:', '@ts-ignore', ': any', 'eval(', 'http://localhost.example']\n`,
    'src/talk.ts': `// It looks for ${LATER} and other marks.\n// catch {} is bad; so is eval(x) and debugger\n`,
    'src/cli/main.ts': 'console.log(1)\n',
    'scripts/print.py': 'print(1)\n',
    'test/words.test.ts': 'it(1)\n',
    'vendor/a.ts': `// ${LATER}: x\neval(x)\n`,
    'test/fixtures/b.ts': `// ${LATER}: y\n`,
    'troupe-report.md': `# old\n// ${LATER}: z\n[lost](nowhere.md)\n`,
    'package-lock.json': `{"a": "http://localhost:80/"}`,
    'src/config.ts': `export const password = process.env.PASSWORD ?? 'change-me-now'\n`,
    'README.md':
      'A library that makes sure of things.\n\n[here](src/) and [there](#x) and [out](https://a.invalid/x.md)\n',
    LICENSE: 'MIT',
  })
  expect(report.split('## Findings')[1]).toContain('The rules found nothing to report.')
  expect(report).toContain('1 fixture')
})
