/**
 * Every place a task can rest in × everything that can happen there. `_` is: it stays. Leave a cell out and
 * it does not compile; a place that the search finds and the table lacks, or the other way round, is red.
 */
import type { Happening } from './facts.ts'

const _ = 'stays'

// biome-ignore format: one line a row of places
export const PLACES = [
  'queued', 'running.thinking', 'running.summarising', 'running.backingOff', 'running.acting(checking)',
  'running.acting(running)', 'running.acting(reconciling)', 'running.asking(asking)', 'pausing(reply)',
  'pausing(checking)', 'pausing(summary)', 'pausing(running)', 'pausing(reconciling)', 'paused',
  'paused(waiting)', 'paused(intended)', 'paused(asking)', 'paused(doubtful)', 'cancelling(reply)',
  'cancelling(checking)', 'cancelling(summary)', 'cancelling(running)', 'cancelling(reconciling)',
  'completed', 'failed', 'timedOut', 'cancelled',
] as const

export type Place = (typeof PLACES)[number]
type Row = Readonly<Record<Happening, Place | typeof _>>

/** An end is an end: nothing that happens afterwards changes it (T3). */
// biome-ignore format: a table reads as a table
const SEALED: Row = {
  start: _, resume: _, pause: _, cancel: _, crash: _, timeUp: _, falseAlarm: _, graceOver: _, retryDue: _,
  answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _,
  repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _, allowed: _, asked: _,
  denied: _, approved: _, refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: _,
  notReconciled: _,
}

// biome-ignore format: a table reads as a table
export const TABLE: Readonly<Record<Place, Row>> = {
  queued: {
    start: 'running.thinking', resume: _, pause: 'paused', cancel: 'cancelled', crash: _, timeUp: _,
    falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _,
    callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _,
    overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _, refused: _, told: _,
    callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'running.thinking': {
    start: _, resume: _, pause: 'pausing(reply)', cancel: 'cancelling(reply)', crash: 'paused',
    timeUp: 'cancelling(reply)', falseAlarm: _, graceOver: _, retryDue: _, answers: 'completed',
    saysNothing: _, refuses: 'failed', isSilenced: 'failed', callsTool: 'running.acting(checking)',
    callsReader: 'running.acting(checking)', completes: 'running.acting(checking)', repliesLate: _,
    failsForNow: 'running.backingOff', failsForGood: 'failed', overflows: 'failed', isSummarised: _,
    allowed: _, asked: _, denied: _, approved: _, refused: _, told: _, callEnds: _, callFails: _,
    strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'running.summarising': {
    start: _, resume: _, pause: 'pausing(summary)', cancel: 'cancelling(summary)', crash: 'paused',
    timeUp: 'cancelling(summary)', falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _,
    refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _,
    failsForGood: _, overflows: _, isSummarised: 'running.thinking', allowed: _, asked: _, denied: _,
    approved: _, refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: _,
    notReconciled: _,
  },
  'running.backingOff': {
    start: _, resume: _, pause: 'paused', cancel: 'cancelled', crash: 'paused', timeUp: 'timedOut',
    falseAlarm: _, graceOver: _, retryDue: 'running.thinking', answers: _, saysNothing: _, refuses: _,
    isSilenced: _, callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _,
    failsForGood: _, overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _,
    refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'running.acting(checking)': {
    start: _, resume: _, pause: 'pausing(checking)', cancel: 'cancelling(checking)',
    crash: 'paused(waiting)', timeUp: 'cancelling(checking)', falseAlarm: _, graceOver: _, retryDue: _,
    answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _,
    repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _,
    allowed: 'running.acting(running)', asked: 'running.asking(asking)', denied: 'running.thinking',
    approved: _, refused: _, told: _, callEnds: 'running.thinking', callFails: 'running.thinking',
    strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'running.acting(running)': {
    start: _, resume: _, pause: 'pausing(running)', cancel: 'cancelling(running)',
    crash: 'paused(doubtful)', timeUp: 'cancelling(running)', falseAlarm: _, graceOver: _, retryDue: _,
    answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _,
    repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _, allowed: _, asked: _,
    denied: _, approved: _, refused: _, told: _, callEnds: 'running.thinking',
    callFails: 'running.thinking', strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'running.acting(reconciling)': {
    start: _, resume: _, pause: 'pausing(reconciling)', cancel: 'cancelling(reconciling)',
    crash: 'paused(doubtful)', timeUp: 'cancelling(reconciling)', falseAlarm: _, graceOver: _, retryDue: _,
    answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _,
    repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _, allowed: _, asked: _,
    denied: _, approved: _, refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _,
    reconciled: 'running.thinking', notReconciled: 'running.thinking',
  },
  'running.asking(asking)': {
    start: _, resume: _, pause: 'paused(asking)', cancel: 'cancelled', crash: 'paused(asking)', timeUp: _,
    falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _,
    callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _,
    overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: 'running.acting(running)',
    refused: 'running.thinking', told: 'running.thinking', callEnds: _, callFails: _, strangerEnds: _,
    reconciled: _, notReconciled: _,
  },
  'pausing(reply)': {
    start: _, resume: _, pause: _, cancel: 'cancelling(reply)', crash: 'paused',
    timeUp: 'cancelling(reply)', falseAlarm: _, graceOver: _, retryDue: _, answers: 'completed',
    saysNothing: 'paused', refuses: 'failed', isSilenced: 'failed', callsTool: 'paused',
    callsReader: 'paused', completes: 'paused', repliesLate: _, failsForNow: 'paused',
    failsForGood: 'failed', overflows: 'failed', isSummarised: _, allowed: _, asked: _, denied: _,
    approved: _, refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: _,
    notReconciled: _,
  },
  'pausing(checking)': {
    start: _, resume: _, pause: _, cancel: 'cancelling(checking)', crash: 'paused(waiting)',
    timeUp: 'cancelling(checking)', falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _,
    refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _,
    failsForGood: _, overflows: _, isSummarised: _, allowed: 'paused(intended)', asked: 'paused(asking)',
    denied: 'paused', approved: _, refused: _, told: _, callEnds: 'paused', callFails: 'paused',
    strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'pausing(summary)': {
    start: _, resume: _, pause: _, cancel: 'cancelling(summary)', crash: 'paused',
    timeUp: 'cancelling(summary)', falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _,
    refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _,
    failsForGood: _, overflows: _, isSummarised: 'paused', allowed: _, asked: _, denied: _, approved: _,
    refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'pausing(running)': {
    start: _, resume: _, pause: _, cancel: 'cancelling(running)', crash: 'paused(doubtful)',
    timeUp: 'cancelling(running)', falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _,
    refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _,
    failsForGood: _, overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _,
    refused: _, told: _, callEnds: 'paused', callFails: 'paused', strangerEnds: _, reconciled: _,
    notReconciled: _,
  },
  'pausing(reconciling)': {
    start: _, resume: _, pause: _, cancel: 'cancelling(reconciling)', crash: 'paused(doubtful)',
    timeUp: 'cancelling(reconciling)', falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _,
    refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _,
    failsForGood: _, overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _,
    refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: 'paused',
    notReconciled: 'paused',
  },
  paused: {
    start: _, resume: 'running.thinking', pause: _, cancel: 'cancelled', crash: _, timeUp: _, falseAlarm: _,
    graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _,
    callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _, overflows: _,
    isSummarised: _, allowed: _, asked: _, denied: _, approved: _, refused: _, told: _, callEnds: _,
    callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'paused(waiting)': {
    start: _, resume: 'running.acting(checking)', pause: _, cancel: 'cancelled', crash: _, timeUp: _,
    falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _,
    callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _,
    overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _, refused: _, told: _,
    callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'paused(intended)': {
    start: _, resume: 'running.acting(running)', pause: _, cancel: 'cancelled', crash: _, timeUp: _,
    falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _,
    callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _,
    overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _, refused: _, told: _,
    callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'paused(asking)': {
    start: _, resume: 'running.asking(asking)', pause: _, cancel: 'cancelled', crash: _, timeUp: _,
    falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _,
    callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _,
    overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: 'paused(intended)',
    refused: 'paused', told: 'paused', callEnds: _, callFails: _, strangerEnds: _, reconciled: _,
    notReconciled: _,
  },
  'paused(doubtful)': {
    start: _, resume: 'running.acting(reconciling)', pause: _, cancel: 'cancelled', crash: _, timeUp: _,
    falseAlarm: _, graceOver: _, retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _,
    callsTool: _, callsReader: _, completes: _, repliesLate: _, failsForNow: _, failsForGood: _,
    overflows: _, isSummarised: _, allowed: _, asked: _, denied: _, approved: _, refused: _, told: _,
    callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'cancelling(reply)': {
    start: _, resume: _, pause: _, cancel: _, crash: 'cancelled', timeUp: _, falseAlarm: _, graceOver: _,
    retryDue: _, answers: 'cancelled', saysNothing: 'cancelled', refuses: 'cancelled',
    isSilenced: 'cancelled', callsTool: 'cancelled', callsReader: 'cancelled', completes: 'cancelled',
    repliesLate: _, failsForNow: 'cancelled', failsForGood: 'cancelled', overflows: 'cancelled',
    isSummarised: _, allowed: _, asked: _, denied: _, approved: _, refused: _, told: _, callEnds: _,
    callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'cancelling(checking)': {
    start: _, resume: _, pause: _, cancel: _, crash: 'cancelled', timeUp: _, falseAlarm: _, graceOver: _,
    retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _,
    completes: _, repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _,
    allowed: 'cancelled', asked: 'cancelled', denied: 'cancelled', approved: _, refused: _, told: _,
    callEnds: 'cancelled', callFails: 'cancelled', strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'cancelling(summary)': {
    start: _, resume: _, pause: _, cancel: _, crash: 'cancelled', timeUp: _, falseAlarm: _, graceOver: _,
    retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _,
    completes: _, repliesLate: _, failsForNow: 'cancelled', failsForGood: 'cancelled',
    overflows: 'cancelled', isSummarised: 'cancelled', allowed: _, asked: _, denied: _, approved: _,
    refused: _, told: _, callEnds: _, callFails: _, strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'cancelling(running)': {
    start: _, resume: _, pause: _, cancel: _, crash: 'cancelled', timeUp: _, falseAlarm: _, graceOver: _,
    retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _,
    completes: _, repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _,
    allowed: _, asked: _, denied: _, approved: _, refused: _, told: _, callEnds: 'cancelled',
    callFails: 'cancelled', strangerEnds: _, reconciled: _, notReconciled: _,
  },
  'cancelling(reconciling)': {
    start: _, resume: _, pause: _, cancel: _, crash: 'cancelled', timeUp: _, falseAlarm: _, graceOver: _,
    retryDue: _, answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _,
    completes: _, repliesLate: _, failsForNow: _, failsForGood: _, overflows: _, isSummarised: _,
    allowed: _, asked: _, denied: _, approved: _, refused: _, told: _, callEnds: _, callFails: _,
    strangerEnds: _, reconciled: 'cancelled', notReconciled: 'cancelled',
  },
  completed: SEALED,
  failed: SEALED,
  timedOut: SEALED,
  cancelled: SEALED,
}
