import type { Word, WordPart } from 'unbash'
import type { ShellWord } from '../shell.ts'

/** A word as it was parsed. */
export function wordOf(word: Word): ShellWord {
  // A tilde that begins a word is a home directory, and one after a colon or an equals sign may be.
  const isHome = /(^|[:=])~/.test(word.text)
  const parts = word.parts ?? []
  const isStatic = !isHome && parts.every(isStaticPart)
  return {
    value: isStatic ? word.value : null,
    shape: parts.length === 0 ? word.value : parts.map(shapeOf).join(''),
    isGlob: !isStatic && !isHome && parts.every(isGlobPart),
    ...(parts.some(({ type }) => type === 'BraceExpansion') && { ways: waysOf(parts) }),
  }
}

/** Ways a word with braces may come out, at most. */
export const ALTERNATIVES_MAX = 32

/** One shape for each choice that its braces offer. None: nobody knows. */
function waysOf(parts: readonly WordPart[]): readonly string[] {
  let ways: readonly string[] = ['']
  for (const part of parts) {
    const choices = part.type === 'BraceExpansion' ? choicesOf(part.text) : [shapeOf(part)]
    if (ways.length * choices.length > ALTERNATIVES_MAX) return []
    ways = ways.flatMap((way) => choices.map((choice) => way + choice))
  }
  return ways
}

/** What braces offer. Those with more than plain choices in them come out as some name, if as no path. */
function choicesOf(text: string): readonly string[] {
  const inside = text.slice(1, -1)
  if (!/[{}'"\\[\]]|\.\./.test(inside)) return inside.split(',')
  return inside.includes('/') ? [] : ['*']
}

/** The ways a word may come out: one for each choice that its braces offer. */
export function shapesOf(parts: readonly WordPart[]): readonly string[] {
  let shapes: readonly string[] = parts.length === 0 ? [] : ['']
  for (const part of parts) {
    const choices =
      part.type === 'BraceExpansion' ? part.text.replace(/[{}'"\\]/g, '').split(/,|\.\./) : [shapeOf(part)]
    if (shapes.length * choices.length > ALTERNATIVES_MAX)
      return Array.from({ length: ALTERNATIVES_MAX + 1 }, () => '')
    shapes = shapes.flatMap((shape) => choices.map((choice) => shape + choice))
  }
  return shapes
}

/** What comes out as names of files, or as the words that are written there. */
function isGlobPart(part: WordPart): boolean {
  if (part.type === 'BraceExpansion') return (part.parts ?? []).every(isGlobPart) && !/[$`<>]/.test(part.text)
  return part.type === 'Glob' || isStaticPart(part)
}

/** Whether bash has nothing to put in place of a part. */
export function isStaticPart(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted') return part.parts.every((child) => child.type === 'Literal')
  return part.type === 'Literal' || part.type === 'SingleQuoted'
}

/** A part, or a wildcard where bash puts something else in its place. */
export function shapeOf(part: WordPart): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.map(shapeOf).join('')
    case 'Glob':
      return part.kind === 'star' ? '*' : '?'
    default:
      return '*'
  }
}
