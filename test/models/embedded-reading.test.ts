import { describe, expect, it } from 'vitest'
import { readGoal } from '../../src/models/embedded/goal.ts'
import {
  firstParagraph,
  headRemark,
  namedCommands,
  relativeLinks,
} from '../../src/models/embedded/reading/documents.ts'
import { importCounts } from '../../src/models/embedded/reading/imports.ts'
import { readManifest } from '../../src/models/embedded/reading/manifests.ts'
import { type Page, readHits, readListing, readPage } from '../../src/models/embedded/reading/outputs.ts'
import { kindOf } from '../../src/models/embedded/rules/kinds.ts'
import { isSecretFile } from '../../src/models/embedded/rules/listing-checks.ts'
import { SEARCH_RULES } from '../../src/models/embedded/rules/search-rules.ts'
import { standingAt } from '../../src/models/embedded/rules/syntax.ts'
import { embedded } from '../../src/models/embedded.ts'
import { converse, field, workspaceOf } from './embedded-drive.ts'

function pageOf(path: string, ...texts: readonly string[]): Page {
  const lines = texts.map((text, index) => ({ number: index + 1, text }))
  return { path, lines, linesTotal: lines.length, isWhole: true }
}

describe('what the tools answer', () => {
  it('a listing: paths with spaces, notes, and a cut in the middle of a line', () => {
    const text =
      'a b.ts  12\nsrc/c  d.ts  3\n4 files are hidden by the boundary.\nsrc/e.t\n… 900 bytes left out …\nz.ts  1'
    const { files, isCut, notes } = readListing(text)
    expect(files).toEqual([
      { path: 'a b.ts', bytes: 12 },
      { path: 'src/c  d.ts', bytes: 3 },
      { path: 'z.ts', bytes: 1 },
    ])
    expect(isCut).toBe(true)
    expect(notes[0]).toBe('4 files are hidden by the boundary.')
    expect(readListing('No files.')).toEqual({ files: [], notes: [], isCut: false })
  })

  it('a page: whole, in part, empty, with a shortened line, and no page at all', () => {
    expect(readPage('a', 'a (lines 1-2 of 2)\n     1\tx\ty\n     2\t')).toMatchObject({
      linesTotal: 2,
      isWhole: true,
      lines: [{ text: 'x\ty' }, { text: '' }],
    })
    expect(readPage('a', 'a (lines 1-1 of 3, latin1)\n     1\tx')).toMatchObject({
      linesTotal: 3,
      isWhole: false,
    })
    expect(readPage('a', 'a (empty)')).toMatchObject({ linesTotal: 0, lines: [], isWhole: true })
    expect(readPage('a', 'a (lines 1-1 of 1)\n     1\tx … (line cut; 9 more characters)')?.isWhole).toBe(
      false,
    )
    expect(readPage('a', 'nothing of the kind')).toBeNull()
  })

  it('hits: text with colons, fewer than were counted, a note on a cap', () => {
    expect(readHits('1 match in 1 file\nsrc/a.ts:12: a: 3: b').hits).toEqual([
      { path: 'src/a.ts', line: 12, text: 'a: 3: b' },
    ])
    expect(readHits('1 match in 1 file\nsrc/a.ts:12: a').isCut).toBe(false)
    expect(readHits('5 matches in 1 file\nsrc/a.ts:12: a').isCut).toBe(true)
    expect(readHits('1 match in 1 file\na:1: b\n… cut at 1 matches').isCut).toBe(true)
    expect(readHits('No matches.')).toEqual({ hits: [], notes: [], isCut: false })
  })
})

describe('a goal', () => {
  it.each([
    ['Survey it', true, 'troupe-report.md'],
    ['Write a report into docs/state.md', true, 'docs/state.md'],
    ['Summarise the repository, save as summary.txt', true, 'summary.txt'],
    ['Review it, then refactor it', false, 'troupe-report.md'],
    ['Without changing anything, review it', true, 'troupe-report.md'],
    ['Look at a.md and tell me about it', true, 'troupe-report.md'],
    ['What is the weather?', false, 'troupe-report.md'],
  ])('%s', (text, isSurvey, reportPath) => {
    expect(readGoal(text)).toEqual({ isSurvey, reportPath })
  })
})

describe('documents', () => {
  it('begin with the first paragraph that is prose', () => {
    const page = pageOf(
      'README.md',
      '# x',
      '',
      '<h1>Name</h1>',
      '',
      '[a](b) [c](d)',
      '',
      '<!-- no',
      'nor this',
      '-->',
      'It **does** [this](y)',
      'and `that`.',
      '',
      'More.',
    )
    expect(firstParagraph(page)).toEqual({ path: 'README.md', line: 10, text: 'It does this and that.' })
    expect(
      firstParagraph(pageOf('README.md', '# x', '```', 'code that is not a paragraph', '```')),
    ).toBeNull()
  })

  it('link from where they are, and only links that stay inside count', () => {
    const page = pageOf(
      'docs/a.md',
      '[a](../b.md#c) [d](e%20f.md) [g](#h) [i](https://j) [k](../../out) `[l](m)`',
      '```',
      '[n](o)',
      '```',
      '<img src="/p.png">',
      '[q]: r.md',
    )
    expect(relativeLinks(page).map(({ target, line }) => `${line} ${target}`)).toEqual([
      '1 b.md',
      '1 docs/e f.md',
      '5 p.png',
      '6 docs/r.md',
    ])
  })

  it('name commands in code alone, because people also make sure', () => {
    const page = pageOf(
      'README.md',
      'make sure; `make it`, `npm run a:b`, npm run prose',
      '```',
      '$ make all',
      'npm test && yarn run lint',
      '# npm run remark',
      '```',
    )
    const commands = namedCommands(page).map(({ runner, text }) => `${runner} ${text}`)
    expect(commands).toEqual(['make it', 'npm a:b', 'make all', 'npm test', 'npm lint'])
  })

  it.each([
    [['#!/usr/bin/env node', "import 'x'", '/** Does it. */'], 'Does it.'],
    [['/**', ' * Does one thing', ' * and another.', ' */'], 'Does one thing and another.'],
    [['"""Does it all.', '', 'More."""'], 'Does it all.'],
    [['// Copyright someone', '// ------', '// Does it.'], 'Does it.'],
    [['#![allow(x)]', '//! Does it.'], 'Does it.'],
    [['  // an indented detail', 'x()'], null],
    [
      ['x()', '/** A detail inside. */', 'const y = 1', '/** What it', ' * offers. */', 'export const z = y'],
      'What it offers.',
    ],
  ])('%j explain themselves', (lines, text) => {
    expect(headRemark(pageOf('a.ts', ...lines))?.text ?? null).toBe(text)
  })
})

describe('manifests', () => {
  it('package.json: scripts, entries through conditions, and the lines they are on', () => {
    const page = pageOf(
      'package.json',
      '{',
      '"scripts": {',
      '"test": "node a.js" },',
      '"exports": { ".": {',
      '"import": "./b.js" } }',
      '}',
    )
    expect(readManifest(page)).toMatchObject({
      scripts: [{ name: 'test', text: 'node a.js', line: 3 }],
      entries: [{ name: '.', text: './b.js', line: 5 }],
      isBroken: false,
    })
    expect(readManifest(pageOf('package.json', '{ "name": '))).toMatchObject({ isBroken: true })
    expect(readManifest({ ...pageOf('package.json', '{ "name": '), isWhole: false })).toMatchObject({
      isBroken: false,
    })
  })

  it('Cargo.toml, go.mod and makefiles', () => {
    expect(
      readManifest(pageOf('Cargo.toml', '[package]', 'name = "x"', '[dependencies]', 'y = "1"')),
    ).toMatchObject({
      facts: [{ name: 'name', text: 'x', line: 2 }],
      hasDependencies: true,
    })
    expect(readManifest(pageOf('go.mod', 'module a.b/c', 'go 1.22'))?.facts.map(({ text }) => text)).toEqual([
      'a.b/c',
      '1.22',
    ])
    const make = readManifest(pageOf('Makefile', 'X := 1', '.PHONY: a', 'a: b', '\tgo', 'b:'))
    expect(make?.scripts).toEqual([
      { name: 'a', text: 'go', line: 3 },
      { name: 'b', text: '', line: 5 },
    ])
    expect(readManifest(pageOf('notes.toml', 'x = 1'))).toBeNull()
  })
})

it.each([
  ['x // any', 5, 'a.ts', 'comment'],
  ["f('any')", 3, 'a.ts', 'text'],
  ["'it\\'s' + any", 10, 'a.ts', 'code'],
  ['x = 1 # any', 8, 'a.py', 'comment'],
  ['x = 4 // any', 9, 'a.py', 'code'],
  [' * any', 3, 'a.ts', 'comment'],
] as const)('in %j, what stands at %i of %s is %s', (line, index, path, standing) => {
  expect(standingAt(line, index, path)).toBe(standing)
})

it.each([
  ['src/a.ts', 'source'],
  ['src/a.test.ts', 'test'],
  ['tests/a.py', 'test'],
  ['test/fixtures/a.ts', 'fixture'],
  ['node_modules/a/test/b.js', 'vendored'],
  ['dist/a.js', 'generated'],
  ['a.min.js', 'generated'],
  ['sub/yarn.lock', 'lock'],
  ['README.md', 'document'],
  ['a.yaml', 'setting'],
  ['a.png', 'other'],
])('%s is a %s file', (path, kind) => {
  expect(kindOf(path)).toBe(kind)
})

it.each([
  ['.env', true],
  ['a/.env.local', true],
  ['.env.example', false],
  ['id_rsa', true],
  ['a/server.key', true],
  ['src/key.ts', false],
])('%s holds secrets by its name: %s', (path, isSecret) => {
  expect(isSecretFile(path)).toBe(isSecret)
})

it('every pattern is understood by the search tool and by us', async () => {
  const extensions = [...new Set(SEARCH_RULES.flatMap(({ extensions: all }) => all ?? []))]
  const kinds = extensions.flatMap((end) => [`src/a.${end}`, `test/a.test.${end}`])
  const run = await converse(
    embedded(),
    await workspaceOf(Object.fromEntries(kinds.map((path) => [path, 'x\n']))),
    'Survey it',
  )
  const searched = run.turns.flatMap(({ calls }) => calls.map((call) => field(call, 'pattern')))
  for (const { pattern, ignoresCase } of SEARCH_RULES) {
    expect(searched).toContain(pattern)
    expect(() => new RegExp(pattern, ignoresCase === true ? 'i' : '')).not.toThrow()
  }
  const failures = run.lines.filter((line) => line.role === 'tool' && line.result.kind !== 'ok')
  expect(failures).toEqual([])
})

describe('imports', () => {
  it('lead to files in either language, and each importer counts once', () => {
    const hits = [
      { path: 'a/x.ts', line: 1, text: "import { y } from './y.js'" },
      { path: 'a/x.ts', line: 2, text: "import './y.ts'" },
      { path: 'b.ts', line: 1, text: "const y = require('./a/y')" },
      { path: 'p/q.py', line: 1, text: 'from .r import s' },
      { path: 't.py', line: 1, text: 'import p.r' },
      { path: 'b.ts', line: 2, text: "import './nowhere'" },
    ]
    const paths = new Set(['a/x.ts', 'a/y.ts', 'b.ts', 'p/q.py', 'p/r.py', 't.py'])
    expect(importCounts(hits, paths)).toEqual([
      { path: 'a/y.ts', importers: 2 },
      { path: 'p/r.py', importers: 2 },
    ])
  })

  it('are counted also where one search would be cut', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `src/d${index % 6}/f${index}.ts`,
        "import '../core.ts'\n".repeat(10),
      ]),
    )
    const { report } = await converse(
      embedded(),
      await workspaceOf({ ...files, 'src/core.ts': 'x\n' }),
      'Survey it',
    )
    expect(report).toContain('| `src/core.ts` | 60 |')
  })
})
