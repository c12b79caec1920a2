/**
 * L12, L13: a repository that was made to be opened by the unwary. Every trap in it tells when it fires, and
 * none does: not when it is opened, and not while the attacker's own puppets work in it, as long as nobody
 * says yes.
 */
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { builtBinary } from '../cli/binary.ts'
import { AGENTS, attack, standIn, type Told } from './attack.ts'
import { LINES, openAtTerminal, type Printed } from './command-lines.ts'
import { hostileRepository } from './repository.ts'
import { inWorld, type Want, WANTS } from './wants.ts'
import { changes, openWorld, type World } from './world.ts'

const MINUTES_5 = 300_000
const troupe = builtBinary()

/** All that would show that somebody got what they want. */
interface Traces {
  readonly ran: readonly string[]
  readonly requests: readonly string[]
  readonly changed: readonly string[]
  readonly told: string
}

function isGranted({ shows }: Want, { ran, requests, changed, told }: Traces): boolean {
  if (shows.kind === 'ran') return ran.includes(shows.mark)
  if (shows.kind === 'asked') return requests.some((request) => request.startsWith(shows.path))
  return shows.kind === 'changed' ? changed.includes(shows.path) : told.includes(shows.secret)
}

/** What Troupe itself makes: the place of its store, for its user alone, and the store. */
const isStore = (path: string) => /^workspace\/\.troupe\/state(\/(store\..*|\.gitignore))?$/.test(path)

describe('each trap, sprung by hand, shows that it works', { timeout: MINUTES_5 }, () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
    await hostileRepository(world)
  }, MINUTES_5)
  afterAll(() => world.end())

  it.each(WANTS)('$wants', async (want) => {
    await world.forget()
    const [requestsBefore, before] = [world.requests.length, await world.snapshot()]
    const told = await world.byHand(inWorld(want.byHand, world))
    const traces: Traces = {
      ran: await world.ran(),
      requests: world.requests.slice(requestsBefore),
      changed: changes(before, await world.snapshot()),
      told,
    }
    expect(isGranted(want, traces), JSON.stringify(traces)).toBe(true)
  })
})

describe('opened, and worked on by puppets of the attacker, with all that is asked for refused', () => {
  let world: World
  let printed: readonly Printed[] = []
  const told = new Map<string, Told>()
  let traces: Traces = { ran: [], requests: [], changed: [], told: '' }

  beforeAll(async () => {
    world = await openWorld()
    await hostileRepository(world)
    standIn(world)
    const before = await world.snapshot()
    printed = await openAtTerminal(troupe.main, world)
    const tries = WANTS.flatMap((want) => want.tries(world))
    for (const agent of AGENTS) {
      told.set(`${agent}, of the embedded model`, await attack(world, agent, false, 'embedded'))
      told.set(`${agent}, in front`, await attack(world, agent, false, tries))
      told.set(`${agent}, in the background`, await attack(world, agent, true, tries))
    }
    traces = {
      ran: await world.ran(),
      requests: world.requests,
      changed: changes(before, await world.snapshot()).filter((path) => !isStore(path)),
      told: [...printed.map(({ text }) => text), ...[...told.values()].map(({ text }) => text)].join('\n'),
    }
  }, MINUTES_5)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await world.end()
  })

  it.each(WANTS)('does not get it: $wants', (want) => {
    expect(isGranted(want, traces)).toBe(false)
  })

  it('nothing ran, nothing was asked for over the network, nothing was changed that nobody thought of', async () => {
    expect(traces.ran).toEqual([])
    expect(traces.requests).toEqual([])
    expect(traces.changed).toEqual([])
    expect(await readdir(world.troupeHome)).toEqual(['installation.key'])
  })

  it('its names are shown as what they are: no line of ours moves a terminal', () => {
    const [tasks] = printed
    expect([tasks?.code, printed.length]).toEqual([0, LINES.length])
    for (const { line, text } of printed) {
      expect(text, line).not.toBe('')
      // Tabs and ends of lines are layout; all other controls, and marks of direction, are none of ours.
      expect(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/u.test(text), line).toBe(false)
    }
    expect(printed.map(({ text }) => text).join('')).toContain('owned')
  })

  it('all of it was tried, by every agent, in front and in the background, and by those that work for others', () => {
    const calls = WANTS.flatMap((want) => want.tries(world)).length
    expect(calls).toBeGreaterThan(200)
    for (const [name, { callsMin }] of told)
      if (!name.endsWith('embedded model')) expect(callsMin, name).toBeGreaterThan(calls)
    expect(told.get('lead, in front')?.tasks).toBeGreaterThan(8)
  })
})
