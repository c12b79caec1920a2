/** What `approve` and `deny` take a name for. */
import { describe, expect, it } from 'vitest'
import type { OpenRequest } from '../../../src/actors/open-requests.ts'
import { answererName, requestNamed } from '../../../src/cli/acting/request.ts'
import type { TaskView } from '../../../src/protocol/task.ts'

const asking = (taskId: string, callId: string) =>
  ({
    kind: 'question',
    id: `${taskId}/${callId}`,
    taskId,
    callId,
    agent: 'lead',
    title: 'Ask',
    depth: 0,
    parents: [],
    background: false,
    text: 'Which \x1b[2Jway?',
    options: [],
    shown: 'm',
    askedAt: 0,
    expiresAt: null,
  }) satisfies OpenRequest
const task = (id: string) => ({ id, agent: 'lead', title: 'Ask' }) as TaskView

const OPEN = [
  asking('t_aaa', '1.0'),
  asking('t_bbb', '1.0'),
  asking('t_bbb', '2.0'),
  asking('t_bbb-1.0', '3.0'),
]
const TASKS = ['t_aaa', 't_bbb', 't_bbb-1.0', 't_ccc'].map(task)
const named = (name: string) => requestNamed(OPEN, TASKS, name).id

describe('requestNamed', () => {
  it.each([
    ['t_aaa/1.0', 't_aaa/1.0'],
    ['t_aaa', 't_aaa/1.0'],
    ['aaa', 't_aaa/1.0'],
    ['aaa/1', 't_aaa/1.0'],
    ['t_bbb/2.0', 't_bbb/2.0'],
    ['t_bbb/2', 't_bbb/2.0'],
    ['t_bbb-1.0', 't_bbb-1.0/3.0'],
  ])('%s is %s', (name, id) => {
    expect(named(name)).toBe(id)
  })

  it('what may be several is refused with all of them, safe to show', () => {
    expect(() => named('t_bbb')).toThrow(
      '2 things wait there. Say which:\n  t_bbb/1.0  Which \\x1b[2Jway?\n  t_bbb/2.0  Which \\x1b[2Jway?',
    )
  })

  it.each(['t_ccc', 't_aaa/9.9'])('%s waits for nothing', (name) => {
    expect(() => named(name)).toThrow(expect.objectContaining({ code: 'call/not-asking' }))
  })

  it('a task that is not there is no task', () => {
    expect(() => named('t_zzz')).toThrow(expect.objectContaining({ code: 'task/no-such-task' }))
  })
})

it('whoever answers is told from others', () => {
  expect(answererName()).toMatch(/^terminal of \S+ \(\d+\)$/)
})
