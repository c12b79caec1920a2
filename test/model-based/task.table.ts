/**
 * Every place a task can rest in × everything that can happen there. `_` is: it stays. Leave a cell out and
 * it does not compile; a place that the search finds and the table lacks, or the other way round, is red.
 *
 * A task somebody waits in front of. One in the background, which is asked before it may complete, differs
 * as task.background.ts says.
 */
import type { Happening } from './facts.ts'

/** It stays where it is. */
export const _ = 'stays'

// biome-ignore format: one line a row of places
export const PLACES = [
  'queued', 'queued(waiting)', 'queued(intended)', 'queued(asking)', 'queued(doubtful)', 'queued(delegating)',
  'running.thinking', 'running.summarising', 'running.backingOff', 'running.acting(checking)',
  'running.acting(running)', 'running.acting(reconciling)', 'running.asking(asking)',
  'running.delegating(delegating)', 'pausing(reply)', 'pausing(summary)', 'pausing(checking)',
  'pausing(running)', 'pausing(reconciling)', 'paused', 'paused(waiting)', 'paused(intended)',
  'paused(asking)', 'paused(doubtful)', 'paused(delegating)', 'cancelling(reply)', 'cancelling(summary)',
  'cancelling(checking)', 'cancelling(running)', 'cancelling(reconciling)', 'completed', 'failed', 'timedOut',
  'cancelled',
] as const

export type Place = (typeof PLACES)[number]
export type Row<P extends string = Place> = Readonly<Record<Happening, P | typeof _>>

/** It is known from now on and moves nothing at once, or it is wrong and means nothing at all. */
// biome-ignore format: a table reads as a table
const ALWAYS = {
  turned: _, messaged: _, childEnds: _, falseAlarm: _, repliesLate: _, strangerEnds: _,
} as const

// What comes to a task that does not wait for it.
const NO_BEGIN = { start: _, resume: _ } as const
const NO_SLOT = { slotGiven: _ } as const
const NO_HOLDER = { pause: _, parentPauses: _, letGo: _, parentLetsGo: _ } as const
const NO_ALARM = { timeUp: _, idle: _, graceOver: _, retryDue: _ } as const
// biome-ignore format: a table reads as a table
const NO_REPLY = {
  answers: _, saysNothing: _, refuses: _, isSilenced: _, callsTool: _, callsReader: _, completes: _,
  failsForNow: _, failsForGood: _, overflows: _,
} as const
const NO_SUMMARY = { isSummarised: _ } as const
const NO_LEAVE = { leaveGiven: _, sentBack: _ } as const
const NO_VERDICT = { allowed: _, asked: _, denied: _ } as const
const NO_ANSWER = { approved: _, refused: _, told: _ } as const
const NO_CALL_END = { callWaits: _, callEnds: _, callFails: _ } as const
const NO_INQUIRY = { reconciled: _, notReconciled: _ } as const
const NO_CALL = { ...NO_VERDICT, ...NO_ANSWER, ...NO_CALL_END, ...NO_INQUIRY } as const
const NO_MODEL = { ...NO_REPLY, ...NO_SUMMARY } as const

/** An end is an end: nothing that happens afterwards changes it (T3). */
export const SEALED = {
  ...ALWAYS,
  ...NO_BEGIN,
  ...NO_SLOT,
  ...NO_HOLDER,
  ...NO_ALARM,
  ...NO_MODEL,
  ...NO_LEAVE,
  ...NO_CALL,
  cancel: _,
  crash: _,
} as const satisfies Row

/** It wants to run, and nothing of it may. */
const IN_LINE = {
  ...ALWAYS,
  ...NO_SLOT,
  ...NO_ALARM,
  ...NO_MODEL,
  ...NO_LEAVE,
  ...NO_CALL,
  letGo: _,
  parentLetsGo: _,
  cancel: 'cancelled',
  crash: _,
} as const

/** It works, or waits for what it works with. */
const AT_WORK = { ...ALWAYS, ...NO_BEGIN, ...NO_SLOT, letGo: _, parentLetsGo: _, ...NO_LEAVE } as const

/** It rests once nothing of it lives. Somebody holds it: the user. */
const COMING_TO_REST = { ...ALWAYS, ...NO_BEGIN, ...NO_SLOT, ...NO_HOLDER, ...NO_LEAVE } as const

/** The user holds it still, or did and the process died. The parent has nothing to let go of. */
const AT_REST = {
  ...ALWAYS,
  ...NO_BEGIN,
  ...NO_SLOT,
  ...NO_ALARM,
  ...NO_MODEL,
  ...NO_LEAVE,
  ...NO_CALL,
  pause: _,
  parentPauses: _,
  parentLetsGo: _,
  cancel: 'cancelled',
  crash: _,
} as const

/** It ends once nothing of it lives, with what was decided. */
const COMING_TO_ITS_END = {
  ...ALWAYS,
  ...NO_BEGIN,
  ...NO_SLOT,
  ...NO_HOLDER,
  ...NO_ALARM,
  ...NO_LEAVE,
  cancel: _,
  crash: 'cancelled',
} as const

// biome-ignore format: a table reads as a table
export const TABLE = {
  queued: {
    ...IN_LINE, start: 'running.thinking', resume: 'running.thinking', pause: 'paused',
    parentPauses: 'paused',
  },
  'queued(waiting)': {
    ...IN_LINE, start: 'running.acting(checking)', resume: 'running.acting(checking)',
    pause: 'paused(waiting)', parentPauses: 'paused(waiting)',
  },
  'queued(intended)': {
    ...IN_LINE, start: 'running.acting(running)', resume: 'running.acting(running)',
    pause: 'paused(intended)', parentPauses: 'paused(intended)',
  },
  'queued(asking)': {
    ...IN_LINE, start: 'running.asking(asking)', resume: 'running.asking(asking)', pause: 'paused(asking)',
    parentPauses: 'paused(asking)', approved: 'queued(intended)', refused: 'queued', told: 'queued',
  },
  'queued(doubtful)': {
    ...IN_LINE, start: 'running.acting(reconciling)', resume: 'running.acting(reconciling)',
    pause: 'paused(doubtful)', parentPauses: 'paused(doubtful)',
  },
  'queued(delegating)': {
    ...IN_LINE, start: 'running.delegating(delegating)', resume: 'running.delegating(delegating)',
    pause: 'paused(delegating)', parentPauses: 'paused(delegating)', callEnds: 'queued', callFails: 'queued',
  },

  'running.thinking': {
    ...AT_WORK, ...NO_SUMMARY, ...NO_CALL, pause: 'pausing(reply)', parentPauses: 'pausing(reply)',
    cancel: 'cancelling(reply)', crash: 'paused', timeUp: 'cancelling(reply)', idle: 'cancelling(reply)',
    graceOver: _, retryDue: _, answers: 'completed', saysNothing: _, refuses: 'failed', isSilenced: 'failed',
    callsTool: 'running.acting(checking)', callsReader: 'running.acting(checking)',
    completes: 'running.acting(checking)', failsForNow: 'running.backingOff', failsForGood: 'failed',
    overflows: 'failed',
  },
  'running.summarising': {
    ...AT_WORK, ...NO_REPLY, ...NO_CALL, pause: 'pausing(summary)', parentPauses: 'pausing(summary)',
    cancel: 'cancelling(summary)', crash: 'paused', timeUp: 'cancelling(summary)',
    idle: 'cancelling(summary)', graceOver: _, retryDue: _, isSummarised: 'running.thinking',
  },
  'running.backingOff': {
    ...AT_WORK, ...NO_MODEL, ...NO_CALL, pause: 'paused', parentPauses: 'paused', cancel: 'cancelled',
    crash: 'paused', timeUp: 'timedOut', idle: _, graceOver: _, retryDue: 'running.thinking',
  },
  'running.acting(checking)': {
    ...AT_WORK, ...NO_MODEL, ...NO_ANSWER, ...NO_INQUIRY, pause: 'pausing(checking)',
    parentPauses: 'pausing(checking)', cancel: 'cancelling(checking)', crash: 'paused(waiting)',
    timeUp: 'cancelling(checking)', idle: _, graceOver: _, retryDue: _, allowed: 'running.acting(running)',
    asked: 'running.asking(asking)', denied: 'running.thinking', callWaits: _, callEnds: 'running.thinking',
    callFails: 'running.thinking',
  },
  'running.acting(running)': {
    ...AT_WORK, ...NO_MODEL, ...NO_VERDICT, ...NO_ANSWER, ...NO_INQUIRY, pause: 'pausing(running)',
    parentPauses: 'pausing(running)', cancel: 'cancelling(running)', crash: 'paused(doubtful)',
    timeUp: 'cancelling(running)', idle: _, graceOver: _, retryDue: _,
    callWaits: 'running.delegating(delegating)', callEnds: 'running.thinking', callFails: 'running.thinking',
  },
  'running.acting(reconciling)': {
    ...AT_WORK, ...NO_MODEL, ...NO_VERDICT, ...NO_ANSWER, pause: 'pausing(reconciling)',
    parentPauses: 'pausing(reconciling)', cancel: 'cancelling(reconciling)', crash: 'paused(doubtful)',
    timeUp: 'cancelling(reconciling)', idle: _, graceOver: _, retryDue: _,
    callWaits: 'running.delegating(delegating)', callEnds: _, callFails: _, reconciled: 'running.thinking',
    notReconciled: 'running.thinking',
  },
  'running.asking(asking)': {
    ...AT_WORK, ...NO_ALARM, ...NO_MODEL, ...NO_VERDICT, ...NO_CALL_END, ...NO_INQUIRY,
    pause: 'paused(asking)', parentPauses: 'paused(asking)', cancel: 'cancelled', crash: 'paused(asking)',
    approved: 'running.acting(running)', refused: 'running.thinking', told: 'running.thinking',
  },
  'running.delegating(delegating)': {
    ...AT_WORK, ...NO_ALARM, ...NO_MODEL, ...NO_VERDICT, ...NO_ANSWER, ...NO_INQUIRY,
    pause: 'paused(delegating)', parentPauses: 'paused(delegating)', cancel: 'cancelled',
    crash: 'paused(delegating)', callWaits: _, callEnds: 'running.thinking', callFails: 'running.thinking',
  },

  'pausing(reply)': {
    ...COMING_TO_REST, ...NO_SUMMARY, ...NO_CALL, cancel: 'cancelling(reply)', crash: 'paused',
    timeUp: 'cancelling(reply)', idle: 'cancelling(reply)', graceOver: _, retryDue: _, answers: 'completed',
    saysNothing: 'paused', refuses: 'failed', isSilenced: 'failed', callsTool: 'paused',
    callsReader: 'paused', completes: 'paused', failsForNow: 'paused', failsForGood: 'failed',
    overflows: 'failed',
  },
  'pausing(summary)': {
    ...COMING_TO_REST, ...NO_REPLY, ...NO_CALL, cancel: 'cancelling(summary)', crash: 'paused',
    timeUp: 'cancelling(summary)', idle: 'cancelling(summary)', graceOver: _, retryDue: _,
    isSummarised: 'paused',
  },
  'pausing(checking)': {
    ...COMING_TO_REST, ...NO_MODEL, ...NO_ANSWER, ...NO_INQUIRY, cancel: 'cancelling(checking)',
    crash: 'paused(waiting)', timeUp: 'cancelling(checking)', idle: _, graceOver: _, retryDue: _,
    allowed: 'paused(intended)', asked: 'paused(asking)', denied: 'paused', callWaits: _, callEnds: 'paused',
    callFails: 'paused',
  },
  'pausing(running)': {
    ...COMING_TO_REST, ...NO_MODEL, ...NO_VERDICT, ...NO_ANSWER, ...NO_INQUIRY, cancel: 'cancelling(running)',
    crash: 'paused(doubtful)', timeUp: 'cancelling(running)', idle: _, graceOver: _, retryDue: _,
    callWaits: 'paused(delegating)', callEnds: 'paused', callFails: 'paused',
  },
  'pausing(reconciling)': {
    ...COMING_TO_REST, ...NO_MODEL, ...NO_VERDICT, ...NO_ANSWER, cancel: 'cancelling(reconciling)',
    crash: 'paused(doubtful)', timeUp: 'cancelling(reconciling)', idle: _, graceOver: _, retryDue: _,
    callWaits: 'paused(delegating)', callEnds: _, callFails: _, reconciled: 'paused', notReconciled: 'paused',
  },

  paused: { ...AT_REST, letGo: 'queued' },
  'paused(waiting)': { ...AT_REST, letGo: 'queued(waiting)' },
  'paused(intended)': { ...AT_REST, letGo: 'queued(intended)' },
  'paused(asking)': {
    ...AT_REST, letGo: 'queued(asking)', approved: 'paused(intended)', refused: 'paused', told: 'paused',
  },
  'paused(doubtful)': { ...AT_REST, letGo: 'queued(doubtful)' },
  'paused(delegating)': {
    ...AT_REST, letGo: 'queued(delegating)', callEnds: 'paused', callFails: 'paused',
  },

  'cancelling(reply)': {
    ...COMING_TO_ITS_END, ...NO_SUMMARY, ...NO_CALL, answers: 'cancelled', saysNothing: 'cancelled',
    refuses: 'cancelled', isSilenced: 'cancelled', callsTool: 'cancelled', callsReader: 'cancelled',
    completes: 'cancelled', failsForNow: 'cancelled', failsForGood: 'cancelled', overflows: 'cancelled',
  },
  'cancelling(summary)': {
    ...COMING_TO_ITS_END, ...NO_REPLY, ...NO_CALL, failsForNow: 'cancelled', failsForGood: 'cancelled',
    overflows: 'cancelled', isSummarised: 'cancelled',
  },
  'cancelling(checking)': {
    ...COMING_TO_ITS_END, ...NO_MODEL, ...NO_CALL, allowed: 'cancelled', asked: 'cancelled',
    denied: 'cancelled', callEnds: 'cancelled', callFails: 'cancelled',
  },
  'cancelling(running)': {
    ...COMING_TO_ITS_END, ...NO_MODEL, ...NO_CALL, callWaits: 'cancelled', callEnds: 'cancelled',
    callFails: 'cancelled',
  },
  'cancelling(reconciling)': {
    ...COMING_TO_ITS_END, ...NO_MODEL, ...NO_CALL, callWaits: 'cancelled', reconciled: 'cancelled',
    notReconciled: 'cancelled',
  },

  completed: SEALED, failed: SEALED, timedOut: SEALED, cancelled: SEALED,
} as const satisfies Readonly<Record<Place, Row>>
