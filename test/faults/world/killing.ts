/** A process that dies by its own hand, at exactly the point it was told. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Killed, type LifePlan, NOTES } from './plan.ts'

export interface Killing {
  /** Dies if this is where it is to die, and stands still where it is to be stopped. */
  at(point: string): void
  isPlanned(point: string): boolean
  note(file: keyof typeof NOTES, line: string): void
}

export function killingBy({ directory, life, kills, stops = [] }: LifePlan): Killing {
  const note: Killing['note'] = (file, line) => appendFileSync(join(directory, NOTES[file]), `${line}\n`)
  return {
    note,
    isPlanned: (point) => kills.includes(point) || stops.includes(point),
    at(point) {
      const isDeath = kills.includes(point)
      if (!isDeath && !stops.includes(point)) return
      note('killed', JSON.stringify({ life, point, at: Date.now() } satisfies Killed))
      process.kill(process.pid, isDeath ? 'SIGKILL' : 'SIGSTOP')
    },
  }
}
