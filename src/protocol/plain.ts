/** How deep data may be nested that comes from outside. */
const DEPTH_MAX = 100

/** A copy that nobody else holds, as JSON keeps it. Throws, in words, on what JSON cannot keep. */
export function plainCopy(value: unknown): unknown {
  const text = JSON.stringify(value ?? null)
  const copy: unknown = text === undefined ? null : JSON.parse(text)
  if (isDeeper(copy, DEPTH_MAX)) throw new RangeError(`it is nested more than ${DEPTH_MAX} deep`)
  return copy
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1))
}
