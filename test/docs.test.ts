/** What the documents promise exists: failures are explained, links lead somewhere, examples compile. */
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/cli/command-table.ts'
import { FAILURES } from '../src/errors.ts'
import { DEFAULTS } from '../src/protocol/defaults.ts'
import { ourFiles } from './tidy/source.ts'

const root = new URL('..', import.meta.url).pathname
const files = ourFiles(root)
const documents = files.filter(({ path }) => path.endsWith('.md'))
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? ''

describe('docs/reference/errors.md', () => {
  const sections = sectionsOf(textOf('docs/reference/errors.md'))

  it('has a section for every failure, and none for what cannot happen', () => {
    expect(sections.map(({ title }) => title).toSorted()).toEqual(Object.keys(FAILURES).toSorted())
  })

  it('is in the order of the table', () => {
    expect(sections.map(({ title }) => title)).toEqual(Object.keys(FAILURES))
  })

  it.each(sections)('$title: says what it means, who sees it and what to do next', ({ body }) => {
    expect(body).toMatch(/^[A-Z`“"][^\n]{20,}/)
    expect(body).toMatch(/\*\*Seen by\*\* \S+/)
    expect(body).toMatch(/\*\*Do\*\* \S+/)
  })

  it.each(sections)('$title: says whether trying again may help, as the table does', ({ title, body }) => {
    const row = Object.entries(FAILURES).find(([code]) => code === title)
    expect(/\*\*Again later\*\* may\s+help/.test(body)).toBe(row?.[1].retry === 'later')
  })
})

describe('docs/reference/defaults.md', () => {
  it('is the table of the code', () => {
    const rows = textOf('docs/reference/defaults.md').matchAll(/^\| `(\w+)` \| `([^`]+)` \| [A-Z].+ \|$/gm)
    const table = [...rows].map(([, name, value]) => [name, value])
    expect(table).toEqual(Object.entries(DEFAULTS).map(([name, value]) => [name, String(value)]))
  })
})

describe('the documents', () => {
  it('link to nothing that does not exist', () => {
    expect(documents.flatMap(({ path, text }) => deadLinks(path, text, isThere))).toEqual([])
  })

  it('name no file that does not exist, where they say what proves what', () => {
    const named = ['README.md', 'docs/proofs.md'].flatMap((path) =>
      filesNamedIn(textOf(path)).map((it) => [path, it]),
    )
    expect(named.filter(([, it]) => !isThere(it ?? ''))).toEqual([])
  })

  it('bite: a dead link, a dead anchor and a file that is not there are found', () => {
    const has = (path: string) => path === 'docs/a.md'
    expect(deadLinks('docs/x.md', '[a](a.md) [b](../b.md) [c](https://c.example) [d](#d)', has)).toEqual([
      'docs/x.md links to ../b.md',
      'docs/x.md links to #d',
    ])
    expect(deadLinks('docs/x.md', '# Well — done!\n[d](#well--done) `[no](link.md)`', has)).toEqual([])
    expect(filesNamedIn('See `test/x.test.ts` and `npm test` and `src/`.')).toEqual([
      'test/x.test.ts',
      'src/',
    ])
  })
})

describe('the changelog', () => {
  it('tells of the version in package.json, the newest first', () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string }
    const told = [...textOf('CHANGELOG.md').matchAll(/^## (\d.*)$/gm)].map(([, title]) => title)
    expect(told[0]).toBe(version)
  })
})

describe('the examples', () => {
  it('are compiled with everything else', () => {
    const config = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path))
    const { fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
    const compiled = fileNames.map((name) => posix.relative(root, name))
    const examples = files.map(({ path }) => path).filter((path) => /^docs\/examples\/.*\.ts$/.test(path))
    expect(examples.length).toBeGreaterThan(0)
    expect(examples.filter((path) => !compiled.includes(path))).toEqual([])
  })
})

interface Section {
  readonly title: string
  readonly body: string
}

function sectionsOf(text: string): readonly Section[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...body] = section.split('\n')
      return { title: title.trim(), body: body.join('\n').split(/^## /m)[0]?.trim() ?? '' }
    })
}

function isThere(path: string): boolean {
  return existsSync(`${root}${path}`)
}

function deadLinks(path: string, text: string, has: (path: string) => boolean): readonly string[] {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, to = '']) => to)
  return links
    .filter((to) => !/^[a-z]+:/.test(to))
    .filter((to) => {
      const [file = '', anchor] = to.split('#')
      if (file === '') return !anchorsOf(text).includes(anchor ?? '')
      return !has(posix.normalize(posix.join(posix.dirname(path), decodeURI(file))))
    })
    .map((to) => `${path} links to ${to}`)
}

/** How GitHub names a heading: lower case, no punctuation, `-` for a space. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Paths in backquotes that begin in one of our folders. */
function filesNamedIn(text: string): readonly string[] {
  return [...text.matchAll(/`((?:src|test|docs|bench|scripts)\/[\w./-]*)`/g)].map(([, path = '']) => path)
}

it('no document sends anyone to a command that is not there', () => {
  const there = COMMANDS.map(({ name }) => name)
  const told = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`(?:npx )?troupe ([a-z]+)/g)].map(([, name = '']) => ({ path, name })),
  )
  expect(told.length).toBeGreaterThan(0)
  expect(told.filter(({ name }) => !there.includes(name))).toEqual([])
})
