const LINE_CHARACTERS_MAX = 200
const LINES_COMPARED_MAX = 20_000

/** The line most like `text`, counting from 1, or `null` when none has half of it. For bad memories. */
export function nearestLine(text: string, lines: readonly string[]): { line: number; text: string } | null {
  const wanted = pairs(text)
  let best: { line: number; text: string } | null = null
  let most = 0.5
  for (const [index, line] of lines.slice(0, LINES_COMPARED_MAX).entries()) {
    const likeness = likenessOf(wanted, pairs(line))
    if (likeness > most) [best, most] = [{ line: index + 1, text: line }, likeness]
  }
  return best
}

/** Two letters at a time, without the indentation: enough to tell alike from unlike, and quick. */
function pairs(line: string): ReadonlySet<string> {
  const text = line.trim().slice(0, LINE_CHARACTERS_MAX)
  const found = new Set<string>()
  for (let index = 0; index < text.length - 1; index += 1) found.add(text.slice(index, index + 2))
  return found.size > 0 || text === '' ? found : found.add(text)
}

function likenessOf(wanted: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let shared = 0
  for (const pair of wanted) if (other.has(pair)) shared += 1
  return (2 * shared) / Math.max(1, wanted.size + other.size)
}
