/**
 * A set of ids that is never changed, only made anew, and of which a change copies a small part: it holds
 * fifty thousand, and is asked and changed on each wish for a slot.
 */
export type IdSet = readonly (readonly string[])[]

const BUCKETS = 512

export const NO_IDS: IdSet = Array.from({ length: BUCKETS }, () => [])

export function hasId(ids: IdSet, id: string): boolean {
  return ids[bucketOf(id)]?.includes(id) ?? false
}

export function withId(ids: IdSet, id: string): IdSet {
  const bucket = bucketOf(id)
  return ids.with(bucket, [...(ids[bucket] ?? []), id])
}

export function withoutId(ids: IdSet, id: string): IdSet {
  const bucket = bucketOf(id)
  return ids.with(
    bucket,
    (ids[bucket] ?? []).filter((other) => other !== id),
  )
}

function bucketOf(id: string): number {
  let sum = 0
  for (let index = 0; index < id.length; index++) sum = (sum * 31 + id.charCodeAt(index)) | 0
  return Math.abs(sum) % BUCKETS
}
