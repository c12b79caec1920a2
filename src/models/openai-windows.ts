const CONTEXT_WINDOW_TOKENS = 128_000

/** How much conversation a model can read, by the beginning of its name; the first that fits counts. */
const KNOWN_WINDOWS: readonly (readonly [prefix: string, tokens: number])[] = [
  ['gpt-5-chat', 128_000],
  // 400,000 in all, of which 128,000 are kept for the answer.
  ['gpt-5', 272_000],
  ['gpt-4.1', 1_047_576],
  ['gpt-4o', 128_000],
  ['gpt-4-turbo', 128_000],
  ['gpt-4', 8_192],
  ['gpt-3.5', 16_385],
  ['o1', 200_000],
  ['o3', 200_000],
  ['o4-mini', 200_000],
]

/** In tokens. A provider's prefix, as in `openai/gpt-4o`, is left aside. */
export function contextWindowOf(name: string): number {
  const bare = name.slice(name.lastIndexOf('/') + 1)
  const known = KNOWN_WINDOWS.find(
    ([prefix]) => bare === prefix || (/^[-.]/.test(bare.slice(prefix.length)) && bare.startsWith(prefix)),
  )
  return known?.[1] ?? CONTEXT_WINDOW_TOKENS
}
