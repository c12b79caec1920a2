/**
 * What the task's chart promises beyond its tables, each as a sentence and a check that throws. They are
 * functions of the machine, so that the same claims can be put to a chart that was broken on purpose.
 */
import { APPROVALS } from './claims/approvals.ts'
import { CALLS } from './claims/calls.ts'
import { ENDS } from './claims/ends.ts'
import { NEWS } from './claims/news.ts'
import { SLOTS } from './claims/slots.ts'
import type { Claims } from './claims/telling.ts'
import { TIME } from './claims/time.ts'
import { TURNS } from './claims/turns.ts'

export const CLAIMS: Claims = { ...TURNS, ...CALLS, ...NEWS, ...ENDS, ...SLOTS, ...TIME, ...APPROVALS }
