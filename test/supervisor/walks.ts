/** The walks: how much there is of everything, and what may happen. */
import type { Rules } from './abstract.ts'
import type { Vocabulary } from './graph.ts'

export type Walk = readonly [Rules, Vocabulary]

const rules: Rules = { cap: 1, tasks: 2, queue: 10, atCap: 'queue', ticks: null }
const life = ['says', 'asks', 'answer', 'pause', 'resume', 'cancel', 'stops'] as const
const family = ['says', 'spawns', 'launches', 'pause', 'resume', 'cancel', 'stops'] as const
const two = ['user', 'night-shift']

/** Walked in every run. */
export const WALKS: Readonly<Record<string, Walk>> = {
  'three tasks, two slots': [
    { ...rules, tasks: 3, cap: 2 },
    { global: ['start'], ofTasks: life },
  ],
  'three tasks, one slot, parents that wait for children': [
    { ...rules, tasks: 3 },
    { global: ['start'], ofTasks: family },
  ],
  'two tasks, one place in the queue, two who hold, and time limits': [
    { ...rules, queue: 1, ticks: 2 },
    { global: ['start', 'tick'], ofTasks: ['says', 'pause', 'resume', 'cancel', 'stops'], holders: two },
  ],
  'a parent and its child, and two who hold them': [
    rules,
    { global: ['start'], ofTasks: family, holders: two },
  ],
  'two tasks that are told something': [
    { ...rules, queue: 1 },
    { global: ['start'], ofTasks: [...life, 'completes', 'message'] },
  ],
  'tasks that move to the background': [
    rules,
    { global: ['start', 'startForeground'], ofTasks: [...life, 'turn'] },
  ],
  'parents and children that move to the background': [
    rules,
    { global: ['start', 'startForeground'], ofTasks: [...family, 'turn'] },
  ],
  'three generations that move to the background': [
    { ...rules, tasks: 3 },
    { global: ['startForeground'], ofTasks: ['says', 'spawns', 'turn'] },
  ],
  'tasks that are refused at the cap': [
    { ...rules, atCap: 'reject' },
    { global: ['start', 'startForeground'], ofTasks: [...life, 'turn'] },
  ],
}

/** Walked when there is time: some minutes. */
export const LONG_WALKS: Readonly<Record<string, Walk>> = {
  'two tasks that ask, one place in the queue, two who hold, and time limits': [
    { ...rules, queue: 1, ticks: 2 },
    { global: ['start', 'tick'], ofTasks: life, holders: two },
  ],
  'two tasks that are refused at the cap, and two who hold': [
    { ...rules, atCap: 'reject' },
    { global: ['start', 'startForeground'], ofTasks: [...life, 'turn'], holders: two },
  ],
  'three generations, cancelled while they move to the background': [
    { ...rules, tasks: 3 },
    { global: ['startForeground'], ofTasks: ['says', 'spawns', 'cancel', 'stops', 'turn'] },
  ],
  'parents and children that are refused at the cap': [
    { ...rules, atCap: 'reject' },
    { global: ['start', 'startForeground'], ofTasks: [...family, 'turn'] },
  ],
  'three tasks, two slots, parents and children': [
    { ...rules, tasks: 3, cap: 2, queue: 1 },
    { global: ['start'], ofTasks: family },
  ],
  'three tasks of which one may wait, and two who hold': [
    { ...rules, tasks: 3, cap: 1, queue: 1 },
    { global: ['start'], ofTasks: ['says', 'pause', 'resume', 'cancel', 'stops'], holders: two },
  ],
}
