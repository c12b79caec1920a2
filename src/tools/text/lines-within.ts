/** As many of the lines, from the first on, as fit into so many bytes. */
export function linesWithin(lines: readonly string[], bytesMax: number): readonly string[] {
  const encoder = new TextEncoder()
  let bytes = 0
  const end = lines.findIndex((line) => {
    bytes += encoder.encode(line).length + 1
    return bytes > bytesMax
  })
  return end === -1 ? lines : lines.slice(0, end)
}
