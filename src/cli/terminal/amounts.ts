/** 0:42, 12:05, 1:03:20. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** 0.4 s, 12 s, 3 min 5 s. */
export function durationOf(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** 980, 12.3k, 1.2M. */
export function shortCount(count: number): string {
  if (count < 1_000) return String(count)
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** How many tasks work in the background, how many may, and how many wait to. */
export interface Slots {
  readonly running: number
  readonly cap: number
  readonly queued: number
}

export function slotsText({ running, cap, queued }: Slots): string {
  return `Background (${running}/${cap}${queued > 0 ? `, queued ${queued}` : ''})`
}
