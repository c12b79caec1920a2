/**
 * What the supervisor's chart promises, each as a sentence and a check that throws, put to the live actor:
 * what counts is what it says.
 */
import { createActor, createMachine, type SnapshotFrom } from 'xstate'
import { expect } from 'vitest'
import { inOrder } from '../../src/machines/steps/slot-queue.ts'
import type { Refusal, Wish } from '../../src/machines/slot-desk.ts'
import type { SupervisorEvent, supervisorMachine } from '../../src/machines/supervisor.ts'
import { type Concurrency, type Elsewhere, NOBODY_ELSEWHERE } from '../../src/protocol/concurrency.ts'

export type SupervisorMachine = typeof supervisorMachine

/** A supervisor, and all it has said. */
export interface Desk {
  readonly actor: ReturnType<typeof createActor<SupervisorMachine>>
  readonly said: readonly string[]
  /** What was said since the last time. */
  heard(): readonly string[]
  send(event: SupervisorEvent): void
  desk(): SnapshotFrom<SupervisorMachine>['context']
}

const LIMITS: Concurrency = { background: 1, perAgent: {}, perModel: {}, queue: 2, atCap: 'queue' }

/** A wish, by its task's id. */
export function wish(taskId: string, given: Partial<Wish> = {}): Wish {
  return { taskId, how: 'start', agent: 'coder', model: 'big', isAhead: false, ...given }
}

/** What other processes do. */
export function elsewhere(given: Partial<Elsewhere>): Elsewhere {
  return { ...NOBODY_ELSEWHERE, ...given }
}

/** A slot that another process holds. */
export function other(taskId: string, agent = 'coder', model = 'big'): Elsewhere['held'][number] {
  return { taskId, agent, model }
}

export function opened(machine: SupervisorMachine, limits: Partial<Concurrency> = {}): Desk {
  const actor = createActor(machine, { input: { ...LIMITS, ...limits } })
  // A broken chart is what some tests are about: its error is theirs to see, not the process's.
  actor.subscribe({ error: () => {} })
  const said: string[] = []
  let told = 0
  actor.on('slot.given', ({ wish: { taskId } }) => said.push(`given ${taskId}`))
  actor.on('slot.refused', ({ wish: { taskId }, why }) => said.push(`refused ${taskId}: ${why}`))
  actor.start()
  return {
    actor,
    said,
    heard() {
      const news = said.slice(told)
      told = said.length
      return news
    },
    send: (event) => actor.send(event),
    desk: () => actor.getSnapshot().context,
  }
}

const wishing = ({ send, heard }: Desk, ...wishes: readonly (string | Wish)[]) => {
  send({ type: 'slots.wished', wishes: wishes.map((it) => (typeof it === 'string' ? wish(it) : it)) })
  return heard()
}
const freeing = ({ send, heard }: Desk, taskId: string) => {
  send({ type: 'slot.freed', taskId })
  return heard()
}
const unwishing = ({ send, heard }: Desk, taskId: string) => {
  send({ type: 'slot.unwished', taskId })
  return heard()
}
const seeing = ({ send, heard }: Desk, given: Partial<Elsewhere>) => {
  send({ type: 'slots.elsewhere', elsewhere: elsewhere(given) })
  return heard()
}
const denying = ({ send, heard }: Desk, taskId: string, given: Partial<Elsewhere>) => {
  send({ type: 'slot.denied', taskId, elsewhere: elsewhere(given) })
  return heard()
}
const queued = ({ desk }: Desk) => inOrder(desk().queue).map(({ taskId }) => taskId)
const held = ({ desk }: Desk) => desk().held.map(({ taskId }) => taskId)
const returning = (taskId: string) => wish(taskId, { how: 'return', isAhead: true })

function refusal(
  machine: SupervisorMachine,
  limits: Partial<Concurrency>,
  ...wishes: readonly Wish[]
): string {
  return wishing(opened(machine, limits), ...wishes).join('; ')
}

export const SUPERVISOR_CLAIMS: Readonly<Record<string, (machine: SupervisorMachine) => void>> = {
  'S1: never more slots held than there are': (machine) => {
    const it = opened(machine, { background: 2 })
    expect(wishing(it, 'a')).toEqual(['given a'])
    expect(wishing(it, 'b', 'c')).toEqual(['given b'])
    expect(wishing(it, returning('d'))).toEqual([])
    expect([held(it), queued(it)]).toEqual([
      ['a', 'b'],
      ['d', 'c'],
    ])
  },

  'S1: nor more than there are of each agent and model': (machine) => {
    const it = opened(machine, { background: 9, perAgent: { coder: 1 }, perModel: { small: 1 } })
    expect(wishing(it, wish('a'), wish('b'))).toEqual(['given a'])
    const small = { agent: 'explorer', model: 'small' }
    expect(wishing(it, wish('c', small), wish('d', small), wish('e', { agent: 'toString' }))).toEqual([
      'given c',
      'given e',
    ])
    expect([queued(it), freeing(it, 'a'), freeing(it, 'c')]).toEqual([['b', 'd'], ['given b'], ['given d']])
  },

  'S1: no slots at all means that none is given': (machine) => {
    const it = opened(machine, { background: 0 })
    expect([wishing(it, 'a', returning('b')), queued(it)]).toEqual([[], ['b', 'a']])
  },

  'S1: it is checked and taken in one transition': (machine) => {
    const it = opened(machine)
    const seen: unknown[] = []
    it.actor.on('slot.given', () => seen.push(held(it)))
    wishing(it, 'a')
    expect(seen).toEqual([['a']])
    // Who asks for more while it is being told gets no more than there is.
    it.actor.on('slot.given', () => it.send({ type: 'slots.wished', wishes: [wish('c')] }))
    wishing(it, 'b')
    freeing(it, 'a')
    expect([held(it), queued(it)]).toEqual([['b'], ['c']])
  },

  'S1: what other processes hold counts, and the smallest cap of all': (machine) => {
    const it = opened(machine, { background: 4, queue: 9 })
    expect(seeing(it, { held: [other('x')], cap: 3 })).toEqual([])
    expect([wishing(it, 'a', 'b', 'c'), held(it)]).toEqual([
      ['given a', 'given b'],
      ['a', 'b'],
    ])
    expect(seeing(it, { held: [other('x')], cap: 2 })).toEqual([])
    expect([freeing(it, 'a'), queued(it)]).toEqual([[], ['c']])
    expect([freeing(it, 'b'), freeing(it, 'c')]).toEqual([['given c'], []])
    // A larger cap elsewhere is no more than our own.
    expect([seeing(it, { cap: 9 }), wishing(it, 'd', 'e', 'f', 'g', 'h')]).toEqual([
      [],
      ['d', 'e', 'f', 'g'].map((id) => `given ${id}`),
    ])
  },

  'S1: what they hold counts for its agent and its model, too': (machine) => {
    for (const limits of [{ perAgent: { coder: 1 } }, { perModel: { big: 1 } }]) {
      const it = opened(machine, { background: 9, queue: 9, ...limits })
      seeing(it, { held: [other('x')] })
      expect(wishing(it, 'a', wish('b', { agent: 'explorer', model: 'small' }))).toEqual(['given b'])
      expect(seeing(it, { held: [other('x', 'explorer', 'small')] })).toEqual(['given a'])
    }
  },

  'S1: what becomes free elsewhere is given at once, to the first': (machine) => {
    const it = opened(machine, { background: 2, queue: 9 })
    seeing(it, { held: [other('x'), other('y')] })
    expect([wishing(it, 'a', 'b', 'c'), wishing(it, returning('d'))]).toEqual([[], []])
    expect(seeing(it, { held: [other('y')] })).toEqual(['given d'])
    expect(seeing(it, {})).toEqual(['given a'])
    expect([held(it), queued(it)]).toEqual([
      ['d', 'a'],
      ['b', 'c'],
    ])
  },

  'S2: a slot comes back when it is said to be free, and only then': (machine) => {
    const it = opened(machine)
    wishing(it, 'a', 'b')
    expect([unwishing(it, 'a'), freeing(it, 'c'), freeing(it, 'b')]).toEqual([[], [], []])
    expect([held(it), queued(it)]).toEqual([['a'], ['b']])
    expect(freeing(it, 'a')).toEqual(['given b'])
    expect([freeing(it, 'a'), held(it)]).toEqual([[], ['b']])
  },

  'S3: a task is held or queued at most once': (machine) => {
    const it = opened(machine)
    wishing(it, 'a', 'b')
    expect(wishing(it, 'a')).toEqual(['refused a: known'])
    expect(wishing(it, returning('b'))).toEqual(['refused b: known'])
    expect([held(it), queued(it), it.desk().reasons]).toEqual([['a'], ['b'], {}])
    expect(wishing(opened(machine, { background: 9 }), 'x', 'x')).toEqual([
      'refused x: known',
      'refused x: known',
    ])
  },

  'S4: wishes that came together are admitted together or not at all': (machine) => {
    const queue = opened(machine)
    expect(wishing(queue, 'a', 'b', 'c', 'd')).toEqual(
      ['a', 'b', 'c', 'd'].map((id) => `refused ${id}: queue`),
    )
    expect([held(queue), queued(queue)]).toEqual([[], []])
    expect([wishing(queue, 'a', 'b', 'c'), queued(queue)]).toEqual([['given a'], ['b', 'c']])
    const reject = opened(machine, { background: 2, atCap: 'reject' })
    expect(wishing(reject, 'a', 'b', 'c')).toEqual(['a', 'b', 'c'].map((id) => `refused ${id}: background`))
    expect(wishing(reject, 'a', 'b')).toEqual(['given a', 'given b'])
    expect(wishing(queue, 'a', 'e')).toEqual(['refused a: known', 'refused e: known'])
    expect(queued(queue)).toEqual(['b', 'c'])
  },

  'S5: whoever has waited for others comes before whoever has not begun, in the order of coming': (
    machine,
  ) => {
    const it = opened(machine, { queue: 9 })
    wishing(it, 'a', 'b')
    wishing(it, returning('c'))
    wishing(it, 'd', returning('e'))
    expect(queued(it)).toEqual(['c', 'e', 'b', 'd'])
    expect(['a', 'c', 'e', 'b'].flatMap((id) => freeing(it, id))).toEqual(
      ['c', 'e', 'b', 'd'].map((id) => `given ${id}`),
    )
  },

  'S5: a wish that its own agent or model holds up does not hold up the next': (machine) => {
    for (const limits of [{ perAgent: { coder: 1 } }, { perModel: { big: 1 } }]) {
      const it = opened(machine, { background: 3, ...limits })
      const other = { agent: 'explorer', model: 'small' }
      expect(wishing(it, 'a', 'b')).toEqual(['given a'])
      expect(wishing(it, wish('c', other))).toEqual(['given c'])
      expect([queued(it), freeing(it, 'c'), freeing(it, 'a')]).toEqual([['b'], [], ['given b']])
    }
  },

  'S6: whoever has waited is never refused, however full it is': (machine) => {
    for (const atCap of ['queue', 'reject'] as const) {
      const it = opened(machine, { queue: 0, atCap })
      wishing(it, 'a')
      expect(wishing(it, 'b')).toEqual([`refused b: ${atCap === 'queue' ? 'queue' : 'background'}`])
      for (const id of ['c', 'd', 'e']) expect(wishing(it, returning(id))).toEqual([])
      expect(queued(it)).toEqual(['c', 'd', 'e'])
    }
  },

  'S7: whoever is denied what was given here waits again, before all that came later': (machine) => {
    const it = opened(machine, { background: 3, queue: 9 })
    expect(wishing(it, 'a', 'b')).toEqual(['given a', 'given b'])
    expect(wishing(it, 'c', 'd')).toEqual(['given c'])
    const full = { held: [other('x'), other('y'), other('z')] }
    expect([denying(it, 'b', full), denying(it, 'a', full), denying(it, 'c', full)]).toEqual([[], [], []])
    expect([held(it), queued(it)]).toEqual([[], ['a', 'b', 'c', 'd']])
    expect(wishing(it, returning('e'))).toEqual([])
    expect(seeing(it, { held: full.held.slice(1) })).toEqual(['given e'])
    expect(denying(it, 'e', full)).toEqual([])
    wishing(it, returning('f'))
    expect(queued(it)).toEqual(['e', 'f', 'a', 'b', 'c', 'd'])
    expect(seeing(it, {})).toEqual(['given e', 'given f', 'given a'])
  },

  'S7: also among others that the same caps hold up, and those that others hold up': (machine) => {
    const it = opened(machine, { background: 9, queue: 9, perAgent: { coder: 1 } })
    const small = { agent: 'explorer' }
    expect(wishing(it, 'a', 'b', wish('c', small))).toEqual(['given a', 'given c'])
    wishing(it, 'd')
    expect(denying(it, 'c', { cap: 1 })).toEqual([])
    expect(denying(it, 'a', { cap: 0 })).toEqual([])
    expect(queued(it)).toEqual(['a', 'b', 'c', 'd'])
    expect([seeing(it, {}), freeing(it, 'a')]).toEqual([['given a', 'given c'], ['given b']])
  },

  'S7: whoever is denied is still known once, and may leave': (machine) => {
    const it = opened(machine)
    wishing(it, 'a', 'b')
    expect(denying(it, 'a', { held: [other('x')] })).toEqual([])
    expect(wishing(it, 'a')).toEqual(['refused a: known'])
    expect([freeing(it, 'a'), queued(it)]).toEqual([[], ['a', 'b']])
    expect([unwishing(it, 'a'), queued(it)]).toEqual([[], ['b']])
    expect(seeing(it, {})).toEqual(['given b'])
    expect([freeing(it, 'b'), wishing(it, 'a')]).toEqual([[], ['given a']])
  },

  'a denial brings the view with it: what that allows is given, and nothing else': (machine) => {
    const it = opened(machine, { background: 2, queue: 9, perAgent: { coder: 1 } })
    wishing(it, 'a', wish('b', { agent: 'explorer' }), wish('c', { agent: 'lead' }))
    expect([held(it), queued(it)]).toEqual([['a', 'b'], ['c']])
    expect(denying(it, 'a', { held: [other('x')] })).toEqual([])
    expect(denying(it, 'b', { held: [other('x')], cap: 2 })).toEqual(['given b'])
    expect(freeing(it, 'b')).toEqual(['given c'])
    // Of one that has left meanwhile only the news is heard.
    expect(denying(it, 'b', {})).toEqual(['given a'])
    expect([held(it), queued(it), it.desk().elsewhere]).toEqual([['c', 'a'], [], NOBODY_ELSEWHERE])
  },

  'a denied start waits, also where launches at the cap are rejected and where the queue is full': (
    machine,
  ) => {
    for (const limits of [{ atCap: 'reject' }, { queue: 0 }] as const) {
      const it = opened(machine, limits)
      expect(wishing(it, 'a')).toEqual(['given a'])
      expect([denying(it, 'a', { held: [other('x')] }), queued(it)]).toEqual([[], ['a']])
      expect(wishing(it, 'b')).toEqual([`refused b: ${'queue' in limits ? 'queue' : 'background'}`])
      expect(seeing(it, {})).toEqual(['given a'])
    }
  },

  'who waits elsewhere takes room in the queue': (machine) => {
    const it = opened(machine)
    wishing(it, 'a')
    seeing(it, { waiting: 1 })
    expect([wishing(it, 'b'), wishing(it, 'c')]).toEqual([[], ['refused c: queue']])
    expect([seeing(it, { waiting: 9 }), wishing(it, returning('d')), queued(it)]).toEqual([
      [],
      [],
      ['d', 'b'],
    ])
    expect([seeing(it, {}), wishing(it, 'c')]).toEqual([[], []])
  },

  'the queue is as long as the limit says, besides those that have waited': (machine) => {
    const it = opened(machine)
    wishing(it, 'a')
    wishing(it, returning('x'), returning('y'))
    expect([wishing(it, 'b'), wishing(it, 'c'), wishing(it, 'd')]).toEqual([[], [], ['refused d: queue']])
    expect([unwishing(it, 'b'), wishing(it, 'd'), queued(it)]).toEqual([[], [], ['x', 'y', 'c', 'd']])
  },

  'who no longer wants a slot is not given one, and who waits behind it is': (machine) => {
    const it = opened(machine)
    wishing(it, 'a', 'b', 'c')
    expect([unwishing(it, 'b'), freeing(it, 'a'), freeing(it, 'c')]).toEqual([[], ['given c'], []])
    expect(wishing(it, 'b')).toEqual(['given b'])
  },

  'a refusal names the limit that stands in the way': (machine) => {
    const reject = { atCap: 'reject', background: 2 } as const
    const [a, b, c] = ['a', 'b', 'c'].map((id) => wish(id)) as [Wish, Wish, Wish]
    const all = (why: Refusal, ...ids: readonly string[]) =>
      ids.map((id) => `refused ${id}: ${why}`).join('; ')
    expect(refusal(machine, reject, a, b, c)).toBe(all('background', 'a', 'b', 'c'))
    expect(refusal(machine, { ...reject, perAgent: { coder: 1 } }, a, b)).toBe(all('agent', 'a', 'b'))
    expect(refusal(machine, { ...reject, perModel: { big: 1 } }, a, b)).toBe(all('model', 'a', 'b'))
    expect(refusal(machine, { ...reject, perModel: { big: 0 } }, a)).toBe(all('model', 'a'))
    const shared = (given: Partial<Elsewhere>, limits: Partial<Concurrency> = {}) => {
      const it = opened(machine, { ...reject, ...limits })
      seeing(it, given)
      return wishing(it, a).join('; ')
    }
    expect(shared({ cap: 0 }, { perAgent: { coder: 0 } })).toBe(all('background', 'a'))
    expect(shared({ held: [other('x')] }, { perAgent: { coder: 1 } })).toBe(all('agent', 'a'))
    expect(shared({ held: [other('x')] }, { perModel: { big: 1 } })).toBe(all('model', 'a'))
  },

  'a task that was there already knows why it got no slot, until it gets one or is forgotten': (machine) => {
    const it = opened(machine, { queue: 0 })
    wishing(it, 'a')
    expect(wishing(it, wish('b', { how: 'resume' }))).toEqual(['refused b: queue'])
    wishing(it, wish('c', { how: 'resume' }), 'd')
    expect(it.desk().reasons).toEqual({ b: 'queue', c: 'queue' })
    it.send({ type: 'task.forgotten', taskId: 'c' })
    it.send({ type: 'task.forgotten', taskId: 'a' })
    expect(it.desk().reasons).toEqual({ b: 'queue' })
    freeing(it, 'a')
    expect(wishing(it, wish('b', { how: 'resume' }))).toEqual(['given b'])
    expect(it.desk().reasons).toEqual({})
  },

  'who drains gives no more slots, forgets who waits, takes back what is free, and closes': (machine) => {
    const it = opened(machine)
    wishing(it, 'a', 'b')
    it.send({ type: 'supervisor.close' })
    expect(it.actor.getSnapshot().status).toBe('active')
    it.send({ type: 'supervisor.drain' })
    expect([wishing(it, 'c', returning('d')), queued(it)]).toEqual([
      ['refused c: closing', 'refused d: closing'],
      [],
    ])
    expect([freeing(it, 'a'), held(it)]).toEqual([[], []])
    const denied = opened(machine)
    wishing(denied, 'a')
    denied.send({ type: 'supervisor.drain' })
    expect([denying(denied, 'a', {}), held(denied), queued(denied)]).toEqual([[], [], []])
    expect(denied.desk().known).toEqual(opened(machine).desk().known)
    it.send({ type: 'supervisor.close' })
    expect(it.actor.getSnapshot()).toMatchObject({ status: 'done', value: 'closed' })
  },

  'an adopted task that leaves is stopped, and one that breaks is named and takes nobody along': (
    machine,
  ) => {
    const it = opened(machine)
    const task = createMachine({ on: { break: { actions: () => raise() } } })
    const adopt = (id: string) => createActor(task, { id, parent: it.actor })
    const [left, broken] = [adopt('left'), adopt('broken')]
    const broke: string[] = []
    it.actor.on('task.broke', ({ taskId }) => broke.push(taskId))
    for (const actor of [left, broken]) {
      actor.subscribe({ error: () => {} })
      actor.start()
    }
    it.send({ type: 'task.left', ref: left })
    expect(left.getSnapshot().status).toBe('stopped')
    broken.send({ type: 'break' })
    expect([broken.getSnapshot().status, it.actor.getSnapshot().status]).toEqual(['error', 'active'])
    expect(broke).toEqual(['broken'])
    expect(wishing(it, 'a')).toEqual(['given a'])
  },
}

function raise(): never {
  throw new Error('It broke.')
}
