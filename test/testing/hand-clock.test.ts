import { expect, it } from 'vitest'
import { handClock } from '../../src/testing/hand-clock.ts'

function open() {
  const clock = handClock(0)
  const rung: string[] = []
  const set = (name: string, at: number) => clock.alarm(at, () => rung.push(`${name} at ${clock.now()}`))
  return { clock, rung, set }
}

it('rings each alarm in its turn when time goes on', () => {
  const { clock, rung, set } = open()
  set('late', 30)
  set('soon', 10)
  set('also soon', 10)
  set('never', 41)
  clock.alarm(20, () => set('set on the way', 25))
  clock.advance(40)
  expect(rung).toEqual(['soon at 10', 'also soon at 10', 'set on the way at 25', 'late at 30'])
  expect([clock.now(), clock.armed]).toEqual([40, 1])
})

it('jumps over a sleep, then rings what is overdue, the longest overdue last', () => {
  const { clock, rung, set } = open()
  set('soon', 10)
  set('late', 30)
  set('never', 41)
  set('stopped', 20)()
  clock.sleep(40)
  expect(rung).toEqual(['late at 40', 'soon at 40'])
  expect([clock.now(), clock.armed]).toEqual([40, 1])
})
