import { piecesOf } from '../../files/places.ts'
import { isFamiliar } from './known-reads.ts'

/** Programs that change what their words name, whatever their options. */
const CHANGING: ReadonlySet<string> = new Set([
  ...['cp', 'mv', 'install', 'rm', 'rmdir', 'unlink', 'shred'],
  ...['mkdir', 'touch', 'tee', 'truncate', 'chmod', 'chown', 'chgrp'],
])
/** Of these only the last word, and what an option says, is changed. */
const COPYING: ReadonlySet<string> = new Set(['cp', 'install'])

/** What may be a path in the words of a program that is known, with options that are not. */
export interface Strays {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/**
 * What a program may touch, by its words alone: an option that nobody knows makes it touch more, and never
 * less.
 * The words begin with its name.
 */
export function straysIn([name = '', ...words]: readonly string[]): Strays {
  if (!CHANGING.has(name)) return { reads: isFamiliar([name]) ? words.flatMap(pathsIn) : [], writes: [] }
  const isWritten = (word: string, at: number) =>
    !COPYING.has(name) || at === words.length - 1 || word.startsWith('-') || words[at - 1] === '-t'
  return {
    reads: words.flatMap((word, at) => (isWritten(word, at) ? [] : pathsIn(word))),
    writes: words.flatMap((word, at) => (isWritten(word, at) ? pathsIn(word) : [])),
  }
}

function pathsIn(word: string): readonly string[] {
  return piecesOf(word).filter((piece) => piece.includes('/') || piece === '..')
}
