import type { ShellWord } from '../shell.ts'

/** What a wrapper runs, as far as its words say. */
export type Inner = {
  /** Where it runs, seen from where the wrapper stands. */
  readonly directories?: readonly string[]
  readonly flaw?: string | null
  readonly isHidden?: boolean
  readonly isOpen?: boolean
} & (
  | { readonly kind: 'words'; readonly words: readonly ShellWord[] }
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'hidden'; readonly why: string }
)

/** A command that runs others. */
export interface Unwrapped {
  /** Rules that allow must cover it, and it alone: what is inside matters to those that deny. */
  readonly isCarrier: boolean
  /** It does something itself as well, so that rules must cover both: `find`. */
  readonly countsItself?: boolean
  readonly right?: string
  readonly inner: readonly Inner[]
}

export function hidden(why: string): Inner {
  return { kind: 'hidden', why }
}

/** One that is nothing but what it runs. */
export function wraps(...inner: readonly Inner[]): Unwrapped {
  return { isCarrier: false, inner }
}

/** One that does something itself as well. */
export function runsToo(...inner: readonly Inner[]): Unwrapped {
  return { isCarrier: false, countsItself: true, inner }
}

/** A line that a shell reads, where its text is known. */
export function lineOf(words: readonly (ShellWord | undefined)[], name: string): Inner {
  const values = words.map((word) => word?.value ?? null)
  return values.includes(null)
    ? hidden(`${name} reads a text that is only known once it runs`)
    : { kind: 'line', text: values.join(' ') }
}

/** A word that the parser would read as it stands. */
export function plainWord(value: string): ShellWord {
  return { value, shape: value, isGlob: false }
}

/** The same words where a piece of text in them stands for another that nobody knows. */
export function withUnknown(words: readonly ShellWord[], text: string): readonly ShellWord[] {
  return words.map((word) =>
    word.shape.includes(text)
      ? { value: null, shape: word.shape.replaceAll(text, '*'), isGlob: false }
      : word,
  )
}
