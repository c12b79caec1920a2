import { clockOf, counted } from '../terminal/amounts.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const two = (value: number) => String(value).padStart(2, '0')

/** The time of day here: 14:03:07. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

/** The day here: 2026-03-01. */
export function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The day and the time here, to the minute. */
export function dayAndTime(at: number): string {
  return `${dayOf(at)} ${timeOfDay(at).slice(0, 5)}`
}

/** How long ago something was, roughly: 3 minutes ago. */
export function agoWords(at: number, now: number): string {
  const ms = now - at
  if (ms < MINUTE_MS) return 'just now'
  if (ms < HOUR_MS) return `${counted(Math.floor(ms / MINUTE_MS), 'minute')} ago`
  return ms < DAY_MS
    ? `${counted(Math.floor(ms / HOUR_MS), 'hour')} ago`
    : `${counted(Math.floor(ms / DAY_MS), 'day')} ago`
}

/** How much is left of something, roughly, or that nothing is. */
export function leftWords(ms: number): string {
  return ms <= 0 ? 'nothing left' : `${clockOf(ms)} left`
}
