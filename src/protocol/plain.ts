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

/** The same text for the same data, in whatever order its keys were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) => (isKeyed(part) ? sorted(part) : part))
}

function isKeyed(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(keyed: object): object {
  return Object.fromEntries(Object.entries(keyed).sort(([one], [other]) => (one < other ? -1 : 1)))
}
