/**
 * Reads what people wrote about the project: its first words, its links, and the commands it tells one to
 * type.
 */
import { folderOf } from '../rules/kinds.ts'
import type { Page } from './outputs.ts'

/** Something a document says, with its place. */
export interface Mention {
  readonly path: string
  readonly line: number
  readonly text: string
}

const QUOTED_LINES_MAX = 4
/** Fewer are a title, a slogan or a row of links. */
const QUOTED_WORDS_MIN = 4

/** The first paragraph that is prose: no headings, badges, tables or code. `null` when there is none. */
export function firstParagraph(page: Page): Mention | null {
  const words: string[] = []
  let line = 0
  for (const row of prose(page)) {
    const text = row.isCode ? '' : withoutMarkup(row.text)
    if (text === '' || !/\p{L}{2}/u.test(text)) {
      if (wordCount(words) >= QUOTED_WORDS_MIN) break
      words.length = 0
      continue
    }
    if (words.length === 0) line = row.number
    words.push(text)
    if (words.length === QUOTED_LINES_MAX) break
  }
  return wordCount(words) < QUOTED_WORDS_MIN ? null : { path: page.path, line, text: words.join(' ') }
}

function wordCount(texts: readonly string[]): number {
  return texts.join(' ').split(/\s+/).filter(Boolean).length
}

function withoutMarkup(text: string): string {
  if (/^\s*(#|\||={3}|-{3}|\.\. |>\s*\[!)/.test(text)) return ''
  return text
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/<[^>]*>?/g, '')
    .replace(/[*`]+/g, '')
    .replace(/^\s*>?\s*/, '')
    .trim()
}

/** The first words of the first remark that explains: on top of the file, or above what it exports. */
export function headRemark({ path, lines }: Page): Mention | null {
  let isOnTop = true
  for (const [index, { number, text }] of lines.entries()) {
    const [, begun] = REMARK.exec(text) ?? []
    if (begun === undefined) {
      if (text.trim() !== '' && !PREAMBLE.test(text)) isOnTop = false
      continue
    }
    // A remark that opens on a line of its own begins on the next.
    const start = begun === '' ? index + 1 : index
    const first = begun === '' ? remarkIn(lines[start]?.text ?? '') : begun
    if (!/\p{L}{2}\S*\s+\S/u.test(first) || NO_EXPLANATION.test(first)) continue
    if (!isOnTop && !PUBLIC.test(lines[remarkEnd(lines, index) + 1]?.text ?? '')) continue
    const isOver = /[.!?:]$/.test(first) || /\*\/|"""|'''/.test(text.slice(3))
    const rest = isOver ? '' : remarkIn(lines[start + 1]?.text ?? '')
    return { path, line: number + start - index, text: `${first} ${rest}`.trim() }
  }
  return null
}

/**
 * Where the remark that begins at `start` ends: at its closing sign, or before the next line that is none.
 */
function remarkEnd(lines: Page['lines'], start: number): number {
  const isBlock = lines[start]?.text.startsWith('/*') === true
  const end = lines.findIndex(({ text }, index) =>
    isBlock ? index >= start && text.includes('*/') : index > start && !/^(\/\/|#|--|;;)/.test(text),
  )
  return isBlock ? end : end - 1
}

const PREAMBLE = /^(import|from|use|using|package|require|#!|["']use strict)\b|^#!/
const PUBLIC = /^(export|pub|public|class|def|async def|func|type|module|package)\b/

/** Remarks at the margin alone: what is indented explains a detail. */
const REMARK = /^(?:\/\*\*?|\/\/[/!]?|#(?![![])|"""|'''|--|;;)[ \t]*(.*?)\s*(?:\*\/|"""|''')?\s*$/
const NO_EXPLANATION =
  /copyright|rights reserved|licen[cs]e|eslint|@ts-|@file\b|coding[:=]|spdx|-\*-|[-=*#/~_]{4}/i

function remarkIn(text: string): string {
  const remark = /^\s*(?:\*(?!\/)|\/\/+|#)?\s*(.*?)\s*(?:\*\/|"""|''')?\s*$/.exec(text)?.[1] ?? ''
  return remark === '*/' ? '' : remark
}

/** Relative links, each with the path it leads to, seen from the root of the workspace. */
export function relativeLinks(page: Page): readonly (Mention & { readonly target: string })[] {
  return prose(page).flatMap(({ number: line, text, isCode }) => {
    if (isCode) return []
    const links = text
      .replace(/`[^`]*`/g, '')
      .matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|\b(?:src|href)="([^"]+)"|^\s*\[[^\]^]+\]:\s+(\S+)/g)
    return [...links].flatMap(([, inline, attribute, reference]) => {
      const link = inline ?? attribute ?? reference ?? ''
      const target = resolved(folderOf(page.path), link)
      return target === null ? [] : [{ path: page.path, line, text: link, target }]
    })
  })
}

/** `null` for what is no path of this workspace: another site, a place in the page, a way out. */
function resolved(folder: string, link: string): string | null {
  if (/^([a-z][a-z0-9+.-]*:|\/\/|#|\{|<|\$)/i.test(link)) return null
  const path = decoded(link.replace(/[?#].*$/, ''))
  return path === null || path === '' ? null : joinPath(path.startsWith('/') ? '' : folder, path)
}

/** Joins two paths without leaving the workspace; `null` when it would. */
export function joinPath(folder: string, path: string): string | null {
  const parts: string[] = []
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return parts.join('/')
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray percent sign: whatever it names, we cannot say.
    return null
  }
}

/** Commands that the document tells one to type: scripts of a package manifest, or targets of a makefile. */
export function namedCommands(page: Page): readonly (Mention & { readonly runner: 'npm' | 'make' })[] {
  return prose(page).flatMap(({ number: line, text, isCode }) => {
    const spans = isCode
      ? [text.replace(/#.*$/, '')]
      : [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span)
    return spans.flatMap((span) => {
      const npm = [
        ...span.matchAll(
          /\b(?:npm|pnpm|yarn) run(?:-script)? ([A-Za-z][\w:.-]*)(?!\S)|\bnpm (test|start)\b/g,
        ),
      ]
      const make = [...span.matchAll(/(?:^|&&|;)\s*\$?\s*make ([A-Za-z][\w.-]*)(?!\S)/g)]
      return [
        ...npm.map(([, run, own]) => ({
          path: page.path,
          line,
          text: run ?? own ?? '',
          runner: 'npm' as const,
        })),
        ...make.map(([, target = '']) => ({ path: page.path, line, text: target, runner: 'make' as const })),
      ]
    })
  })
}

interface Row {
  readonly number: number
  readonly text: string
  readonly isCode: boolean
}

/** The document's lines, told apart into prose and fenced code; remarks in HTML are left out. */
function prose(page: Page): readonly Row[] {
  let fence: string | null = null
  let isRemark = false
  return page.lines.flatMap(({ number, text }) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1]?.slice(0, 3)
    if (mark !== undefined && (fence === null || fence === mark)) {
      fence = fence === null ? mark : null
      return []
    }
    if (fence === null && text.includes('<!--')) isRemark = true
    const isHidden = isRemark
    if (text.includes('-->')) isRemark = false
    return isHidden ? [] : [{ number, text, isCode: fence !== null }]
  })
}
