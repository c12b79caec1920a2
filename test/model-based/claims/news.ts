import { expect } from 'vitest'
import { call, LIMITS, report } from '../facts.ts'
import { type Live, type Machine, played } from '../fold.ts'
import {
  calls,
  check,
  type Claims,
  contextOf,
  END,
  expectPlace,
  finish,
  objection,
  outcomeOf,
  READ,
  run,
  tell,
} from './telling.ts'

const LAST_TURN = { limits: { ...LIMITS, maxTurns: 1 } }
const BOTH = ['messaged', 'childEnds'] as const

/** A reply with a call that waits, and the end. */
function waitsAndEnds(machine: Machine): Live {
  const actor = played(['start'], { machine })
  calls(actor, call(0), call(1, END))
  check(actor, '1.0')
  tell(actor, { type: 'child.ended', report: report('c1') })
  return actor
}

export const NEWS: Claims = {
  'T10: what it is told during its last reply makes it think on': (machine) => {
    for (const news of BOTH) {
      const actor = played(['start', news, 'answers'], { machine })
      expectPlace(actor, 'running.thinking')
      expect(contextOf(actor)).toMatchObject({ turn: 2, news: 0, ending: null, tries: { nudges: 0 } })
      tell(actor, { type: 'model.replied', turn: 2, reply: REPLY })
      expect(outcomeOf(actor)).toEqual({ status: 'completed', result: 'Done.' })
    }
  },

  'T10: what it was told before it was asked makes no difference': (machine) => {
    for (const news of BOTH) {
      expect(outcomeOf(played([news, 'start', 'answers'], { machine }))?.status).toBe('completed')
    }
  },

  'T10: a task that is out of turns ends with what it has': (machine) => {
    for (const news of BOTH) {
      const inWords = played(['start', news, 'answers'], { machine, spec: LAST_TURN })
      expect(outcomeOf(inWords)).toEqual({ status: 'completed', result: 'Done.' })
      const byCall = played(['start', 'completes', 'allowed', news, 'callEnds'], { machine, spec: LAST_TURN })
      expect(outcomeOf(byCall)).toEqual({ status: 'completed', result: 'All done.' })
      const asked = { ...LAST_TURN, asksToStop: true }
      const byLeave = played(['start', 'answers', news, 'leaveGiven'], { machine, spec: asked })
      expect(outcomeOf(byLeave)).toEqual({ status: 'completed', result: 'Done.' })
    }
  },

  'T10: what it is told before it ends by a call is objected to': (machine) => {
    for (const news of BOTH) {
      const actor = played(['start', news, 'completes'], { machine })
      expect(objection(actor, '1.0')).toContain('came in')
      run(actor, '1.0', { ok: false, code: 'task/not-done' })
      expectPlace(actor, 'running.thinking')
      expect(contextOf(actor).news).toBe(0)
    }
  },

  'T10: what it is told while the call that ends it is under way makes it think on': (machine) => {
    for (const news of BOTH) {
      const actor = played(['start', 'completes', 'allowed', news, 'callEnds'], { machine })
      expectPlace(actor, 'running.thinking')
      expect(contextOf(actor)).toMatchObject({ turn: 2, news: 0, ending: null })
    }
  },

  'T10: nobody is asked whether it may complete before it has read what came in while it was paused': (
    machine,
  ) => {
    for (const news of BOTH) {
      const way = ['start', 'pause', 'answers', news, 'letGo', 'resume'] as const
      const actor = played(way, { machine, spec: { asksToStop: true } })
      expectPlace(actor, 'running.thinking')
      expect(contextOf(actor)).toMatchObject({ turn: 2, news: 0, ending: null })
    }
  },

  'T10: what it is told while it asks for leave makes it think on, allowed or not': (machine) => {
    for (const news of BOTH) {
      const way = ['start', 'answers', news, 'leaveGiven'] as const
      const actor = played(way, { machine, spec: { asksToStop: true } })
      expectPlace(actor, 'running.thinking')
      expect(contextOf(actor)).toMatchObject({ turn: 2, news: 0, ending: null, tries: { sentBack: 0 } })
    }
  },

  'T10: what it is told while it is brought to rest, or is held, is read when it goes on': (machine) => {
    for (const news of BOTH) {
      const bringing = played(['start', 'pause', news, 'answers'], { machine })
      expectPlace(bringing, 'paused')
      expect(contextOf(bringing)).toMatchObject({ news: 1, ending: null })
      const held = played(['start', 'pause', 'callsTool', news], { machine })
      expect(contextOf(held).news).toBe(1)
    }
  },

  'T10: what the result of a call tells of is no news any more': (machine) => {
    const told = waitsAndEnds(machine)
    finish(told, '1.0', { told: ['c1'] })
    expect(objection(told, '1.1')).toBeNull()
    expect(contextOf(told)).toMatchObject({ news: 0, children: { c1: 'told' } })
    run(told, '1.1')
    expect(outcomeOf(told)?.status).toBe('completed')

    const untold = waitsAndEnds(machine)
    finish(untold, '1.0', { told: ['c9'] })
    expect(objection(untold, '1.1')).toContain('came in')
    expect(contextOf(untold)).toMatchObject({ news: 1, children: { c1: 'untold' } })
  },

  'T10: what is told of twice, or was never heard of, takes nothing away from other news': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ), call(1, READ), call(2))
    for (const id of ['1.0', '1.1']) check(actor, id)
    tell(actor, { type: 'task.messaged', text: 'By the way.' })
    tell(actor, { type: 'child.ended', report: report('c1') })
    finish(actor, '1.0', { told: ['c1', 'c9'] })
    expect(contextOf(actor).news).toBe(1)
    finish(actor, '1.1', { told: ['c1'] })
    expect(contextOf(actor)).toMatchObject({ news: 1, children: { c1: 'told' } })
  },

  'T10: a task that ends twice is told of once': (machine) => {
    const actor = played(['start', 'childEnds', 'childEnds'], { machine })
    expect(contextOf(actor)).toMatchObject({ news: 1, children: { c1: 'untold' } })
    calls(actor, call(0))
    run(actor, '1.0')
    expect(contextOf(actor)).toMatchObject({ news: 0, children: { c1: 'told' } })
    tell(actor, { type: 'child.ended', report: report('c1') })
    expect(contextOf(actor)).toMatchObject({ news: 0, children: { c1: 'told' } })
  },

  'T10: every message counts, and a task at rest hears them too': (machine) => {
    expect(contextOf(played(['messaged', 'messaged'], { machine })).news).toBe(2)
    expect(contextOf(played(['start', 'messaged', 'messaged'], { machine })).news).toBe(2)
  },
}

const REPLY = {
  text: 'Done.',
  calls: [],
  stop: 'done',
  usage: { inputTokens: 1, outputTokens: 1 },
} as const
