/**
 * A line in the making. What it becomes is read off a tape of numbers, so that fast-check, which knows how to
 * make a tape shorter and its numbers smaller, also knows how to make a line simpler.
 */
export interface Draft {
  /** A number below a limit; 0, which always means the simplest, once the tape is used up. */
  readonly below: (limit: number) => number
  /** What was made, by name: the coverage of the generators. */
  readonly made: string[]
  /** Only programs that no rule denies. */
  readonly isBenign: boolean
  /** The directory of the logging programs, as an absolute path. */
  readonly bin: string
  /** A whole line, for what stands inside something else. */
  readonly inner: () => string
  /** How far inside something else this stands. */
  readonly depth: number
}

export type Production = (draft: Draft) => string

/** One of several ways to go on. */
export interface Choice {
  readonly draw: Production
  /** The names under which `made` counts them. */
  readonly names: readonly string[]
}

type Row = string | Production | readonly [weight: number, made: string | Production]

/** Deeper than this, everything is as simple as can be. */
const DEPTH_MAX = 3

/** The first row is the simplest: what a line shrinks to, and what stands where it is deep enough. */
export function choice(group: string, given: Readonly<Record<string, Row>>): Choice {
  const rows = Object.entries(given).map(([name, row]) => {
    const [weight, made] = Array.isArray(row) ? (row as readonly [number, string | Production]) : [1, row]
    return { name: `${group}: ${name}`, weight, made: made as string | Production }
  })
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  return {
    names: rows.map(({ name }) => name),
    draw: (draft) => {
      let left = draft.depth > DEPTH_MAX ? 0 : draft.below(total)
      const row = rows.find(({ weight }) => (left -= weight) < 0) ?? rows[0]
      if (row === undefined) return ''
      draft.made.push(row.name)
      return typeof row.made === 'string' ? row.made : row.made(draft)
    },
  }
}

/** One of some texts, uncounted: what differs between them is no production of its own. */
export function oneOf(draft: Draft, texts: readonly string[]): string {
  return texts[draft.below(texts.length)] ?? ''
}

export function isOneIn(draft: Draft, count: number): boolean {
  return draft.below(count) === count - 1
}
