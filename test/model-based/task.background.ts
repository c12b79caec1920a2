/** What is different for a task in the background that is asked before it may complete. */
import type { TaskSpec } from '../../src/protocol/task.ts'
import { _, PLACES, type Row, SEALED, TABLE } from './task.table.ts'

// biome-ignore format: one line a row of places
export const PLACES_IN_BACKGROUND = [
  ...PLACES, 'running.concluding', 'running.returning', 'running.returning(intended)', 'pausing(leave)',
  'paused(ending)', 'queued(ending)', 'cancelling(leave)',
] as const

export type PlaceInBackground = (typeof PLACES_IN_BACKGROUND)[number]

// biome-ignore format: a table reads as a table
export const TABLE_IN_BACKGROUND = {
  ...TABLE,

  // Whoever has an answer asks for leave first.
  'running.thinking': { ...TABLE['running.thinking'], answers: 'running.concluding' },
  'pausing(reply)': { ...TABLE['pausing(reply)'], answers: 'paused(ending)' },
  'running.concluding': {
    ...SEALED, pause: 'pausing(leave)', parentPauses: 'pausing(leave)', cancel: 'cancelling(leave)',
    crash: 'paused(ending)', timeUp: 'cancelling(leave)', leaveGiven: 'completed',
    sentBack: 'running.thinking',
  },
  'pausing(leave)': {
    ...SEALED, cancel: 'cancelling(leave)', crash: 'paused(ending)', timeUp: 'cancelling(leave)',
    leaveGiven: 'completed', sentBack: 'paused',
  },
  'paused(ending)': { ...TABLE.paused, letGo: 'queued(ending)' },
  'queued(ending)': {
    ...TABLE.queued, start: 'running.concluding', resume: 'running.concluding', pause: 'paused(ending)',
    parentPauses: 'paused(ending)',
  },
  'cancelling(leave)': { ...SEALED, crash: 'cancelled', leaveGiven: 'cancelled', sentBack: 'cancelled' },

  // Whoever has waited has no slot, and begins nothing before it is given one again.
  'running.backingOff': { ...TABLE['running.backingOff'], retryDue: 'running.returning' },
  'running.asking(asking)': {
    ...TABLE['running.asking(asking)'], approved: 'running.returning(intended)',
    refused: 'running.returning', told: 'running.returning',
  },
  'running.delegating(delegating)': {
    ...TABLE['running.delegating(delegating)'], callEnds: 'running.returning', callFails: 'running.returning',
  },
  'running.returning': {
    ...SEALED, slotGiven: 'running.thinking', pause: 'paused', parentPauses: 'paused', cancel: 'cancelled',
    crash: 'paused',
  },
  'running.returning(intended)': {
    ...SEALED, slotGiven: 'running.acting(running)', pause: 'paused(intended)',
    parentPauses: 'paused(intended)', cancel: 'cancelled', crash: 'paused(intended)',
  },
} as const satisfies Readonly<Record<PlaceInBackground, Row<PlaceInBackground>>>

/** A kind of task: what tells it apart, and how it behaves. */
export interface Kind {
  readonly spec: Partial<TaskSpec>
  readonly places: readonly PlaceInBackground[]
  readonly table: Readonly<Record<string, Row<PlaceInBackground>>>
}

/** The two kinds of task, each with its table. */
export const KINDS = {
  'in front of somebody': { spec: {}, places: PLACES, table: TABLE },
  'in the background': {
    spec: { background: true, asksToStop: true },
    places: PLACES_IN_BACKGROUND,
    table: TABLE_IN_BACKGROUND,
  },
} as const satisfies Readonly<Record<string, Kind>>
