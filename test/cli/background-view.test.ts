/** What a person sees of tasks that work for another one: how each stands, who waits, how they end. */
import { describe, expect, it } from 'vitest'
import { readArguments } from '../../src/cli/arguments.ts'
import { COMMANDS } from '../../src/cli/command-table.ts'
import { readRunOptions } from '../../src/cli/run/run-options.ts'
import { createView } from '../../src/cli/terminal/view.ts'
import type { TaskEvent } from '../../src/protocol/journal.ts'
import {
  calling,
  checked,
  created,
  drawn,
  ended,
  fact,
  notice,
  replied,
  started,
  usage,
  waiting,
} from './made-events.ts'

const slots = (running: number, cap: number, queued: number): TaskEvent => {
  return { type: 'slots', running, cap, queued }
}
const root = created('t1', null, 'Survey')
const child = (id: string, title = `Part ${id}`) => created(id, 't1', title, true)
const at = (taskId: string, type: 'slot.given' | 'task.turned' | 'retry.due' | 'task.interrupted') =>
  fact(taskId, { type })
const held = (taskId: string, by: string) => fact(taskId, { type: 'task.pauseAsked', by })
const letGo = (taskId: string, by: string) => fact(taskId, { type: 'task.resumeAsked', by })
const callEnded = (taskId: string) =>
  fact(taskId, { type: 'call.ended', callId: '1.0', result: { kind: 'ok', output: '' } })

const CROWD = [
  root,
  child('t2'),
  child('t3'),
  child('t4'),
  child('t5'),
  ...waiting('t1', ['t2', 't3', 't4', 't5']),
  ...calling('t2', 'read_file', { path: 'a.ts' }),
  started('t3'),
  ended('t3'),
  slots(1, 1, 2),
]

describe('the tree of a task with others in the background', () => {
  it('tells them by their twigs, says who waits behind how many, and how full it is', () => {
    expect(drawn(CROWD, 60)).toEqual([
      '',
      '· Survey                                          lead  1:05',
      '│ waiting for 4 tasks…',
      '├┄ ⠋ Part t2                                  explorer  1:05',
      '│    read_file a.ts                                1 min 5 s',
      '├┄ ✓ Part t3                                  explorer  0:12',
      '├┄ · Part t4                          explorer  queued, next',
      '└┄ · Part t5                       explorer  queued, 1 ahead',
      '  ┄ Background (1/1, queued 2)',
      '  2 turns · 2 calls · 2.5k tokens · Ctrl-C stops',
    ])
  })

  it('says nothing of slots while none is used, and nothing of a queue while nobody waits', () => {
    const line = (event: TaskEvent) => drawn([root, event], 60).filter((row) => row.includes('Background'))
    expect(line(slots(0, 10, 0))).toEqual([])
    expect(line(slots(2, 10, 0))).toEqual(['  ┄ Background (2/10)'])
    expect(line(slots(0, 1, 1))).toEqual(['  ┄ Background (0/1, queued 1)'])
  })

  it('who has worked before goes ahead of who has not', () => {
    const events = [...CROWD, ...waiting('t2', ['t9']), callEnded('t2')]
    expect(drawn(events, 60)).toContain('├┄ · Part t4                       explorer  queued, 1 ahead')
  })

  it.each([20, 30, 40, 60, 100])('fits into %i columns', (columns) => {
    expect(drawn([...CROWD, child('t6', `\x1b[2J\u202e${'宽'.repeat(99)}`)], columns)).toHaveLength(11)
  })

  it('drops what has ended first, then the end of the tree; the count of slots stays', () => {
    const many = Array.from({ length: 40 }, (_, n) => child(`c${n}`))
    const over = Array.from({ length: 10 }, (_, n) => [started(`c${n}`), ended(`c${n}`)]).flat()
    const rows = drawn([root, started('t1'), ...many, ...over, slots(1, 1, 30)], 60, 12)
    expect(rows).toHaveLength(12)
    expect(rows.join('\n')).not.toContain('✓')
    expect(rows[3]).toMatch(/^├┄ · Part c10 +explorer {2}queued, next$/)
    expect(rows.slice(-3, -1)).toEqual(['  … 34 more tasks, 10 ended', '  ┄ Background (1/1, queued 30)'])
  })

  it('keeps a task that has ended while something below it works', () => {
    const below = [child('t2'), created('t3', 't2', 'Grandchild', true), started('t3'), child('t4')]
    const rows = drawn([root, started('t1'), ...below, ended('t2'), ended('t4')], 60, 7)
    expect(rows.join('\n')).toContain('✓ Part t2')
    expect(rows.join('\n')).toContain('└┄ ⠋ Grandchild')
    expect(rows.join('\n')).not.toContain('Part t4')
  })
})

describe('how a task in the background stands', () => {
  /** The rows of the one task, without its title. */
  const standing = (...events: readonly TaskEvent[]) => {
    const rows = drawn([root, child('t2', 'Part'), ...events], 60)
    return rows.slice(2, -1).map((row) => row.replace(/ Part +/, ' ').trim())
  }
  const thinking = [started('t2')]
  const asking = [...thinking, replied('t2', 'write_file', { path: 'a' }), checked('t2', 'ask')]
  const approved = fact('t2', { type: 'call.approved', callId: '1.0' })

  it('waits for a slot before it works on, also when it has waited for a person', () => {
    expect(standing(...asking)).toEqual(['└┄ ? explorer  1:05', 'asking…'])
    expect(standing(...asking, approved)).toEqual(['└┄ · explorer  1:05', 'waiting for a slot…'])
    expect(standing(...asking, approved, at('t2', 'slot.given'))).toEqual([
      '└┄ ⠋ explorer  1:05',
      'write_file a                                  1 min 5 s',
    ])
    const refused = fact('t2', { type: 'call.refused', callId: '1.0', note: '' })
    expect(standing(...asking, refused)).toEqual(['└┄ · explorer  1:05', 'waiting for a slot…'])
  })

  it('waits for a slot when what it has waited for has ended', () => {
    const waits = waiting('t2', ['t8', 't9'])
    expect(standing(...waits)).toEqual(['└┄ · explorer  1:05', 'waiting for 2 tasks…'])
    expect(standing(...waits, callEnded('t2'))).toEqual(['└┄ · explorer  1:05', 'waiting for a slot…'])
    expect(standing(...waits, callEnded('t2'), at('t2', 'slot.given'))).toEqual([
      '└┄ ⠋ explorer  1:05',
      'thinking…',
    ])
    const speaks: TaskEvent = { type: 'progress', taskId: 't2', callId: null, text: 'So.' }
    expect(standing(...waits, callEnded('t2'), speaks)).toEqual(['└┄ ⠋ explorer  1:05', 'So.'])
  })

  it.each([
    ['any', 'one of 3 tasks'],
    [{ quorum: 2 }, '2 of 3 tasks'],
    ['all', '3 tasks'],
  ] as const)('waits until %j: %s', (until, words) => {
    expect(standing(...waiting('t2', ['t7', 't8', 't9'], until))).toContain(`waiting for ${words}…`)
  })

  it('waits for its model, then for a slot', () => {
    const failed = fact('t2', {
      type: 'model.failed',
      turn: 1,
      failure: { code: 'model/unavailable', message: 'Gone.', retry: 'later' },
      retryInMs: 500,
    })
    expect(standing(...thinking, failed)).toContain('waiting for the model…')
    expect(standing(...thinking, failed, at('t2', 'retry.due'))).toContain('waiting for a slot…')
  })

  it('is paused by all who hold it, and goes on when the last lets go', () => {
    expect(standing(...thinking, held('t2', 'user'))).toContain('pausing…')
    const replyKept = [...thinking, held('t2', 'user'), replied('t2', 'read_file', {})]
    expect(standing(...replyKept)).toEqual(['└┄ · explorer  1:05', 'paused: by you'])
    const twice = [
      ...replyKept,
      held('t2', 'parent/t1'),
      held('t2', 'parent/t0'),
      held('t2', 'a \x1b[2Jhost'),
    ]
    expect(standing(...twice)).toContain('paused: by you, with its parent, by a \\x1b[2Jhost')
    const half = [...replyKept, held('t2', 'quota'), letGo('t2', 'user')]
    expect(standing(...half)).toContain('paused: by its quota')
    expect(standing(...half, letGo('t2', 'quota'))).toContain('waiting for a slot…')
    const resumed = fact('t2', { type: 'task.resumed', runId: 2 })
    expect(standing(...half, letGo('t2', 'quota'), resumed)).toEqual(['└┄ ⠋ explorer  1:05', 'working…'])
  })

  it('a call that was allowed while the task paused runs when it is resumed', () => {
    const waits = [...thinking, replied('t2', 'read_file', { path: 'a' }), held('t2', 'user'), checked('t2')]
    expect(standing(...waits)).toContain('paused: by you')
    const resumed = fact('t2', { type: 'task.resumed', runId: 2 }, 60_000)
    expect(standing(...waits, resumed)[1]).toMatch(/^read_file a +5\.0 s$/)
    const inFront = drawn([root, created('t2', 't1', 'Part'), ...waits], 60)
    expect(inFront[3]).toBe('     paused: by you')
  })

  it('pauses until the call that runs is over', () => {
    const running = [...calling('t2', 'execute_command', { command: 'sleep 9' }), held('t2', 'no-slot')]
    expect(standing(...running)[0]).toBe('└┄ · explorer  1:05')
    expect(standing(...running, callEnded('t2'))).toContain('paused: no slot is free')
    expect(standing(...thinking, at('t2', 'task.interrupted'))).toContain('paused: interrupted')
  })

  it('is held before it ever ran, and queued again afterwards', () => {
    expect(standing(held('t2', 'user'))).toEqual(['└┄ · explorer  1:05', 'paused: by you'])
    expect(standing(held('t2', 'user'), letGo('t2', 'user'))).toEqual(['└┄ · explorer  queued, next'])
  })

  it('stops when it is told to, or when it has been silent for too long', () => {
    const silent = fact('t2', { type: 'limit.reached', limit: 'idleMs' })
    expect(standing(...thinking, silent)).toContain('stopping…')
    const speaks: TaskEvent = { type: 'progress', taskId: 't2', callId: null, text: 'I am here.' }
    expect(standing(...thinking, silent, speaks)).toContain('I am here.')
    const cancelled = fact('t2', { type: 'task.cancelAsked', reason: '' })
    expect(standing(...thinking, cancelled, speaks)).toContain('stopping…')
  })

  it('counts its time from when it works for the first time', () => {
    const late = fact('t2', { type: 'task.started', runId: 1 }, 60_000)
    expect(standing(late)).toEqual(['└┄ ⠋ explorer  0:05', 'thinking…'])
    const again = fact('t2', { type: 'task.resumed', runId: 2 }, 63_000)
    expect(standing(late, again)).toEqual(['└┄ ⠋ explorer  0:05', 'thinking…'])
  })

  it('ends with how it ended, in a word where it is not done', () => {
    const reason = { code: 'limit/timeout', message: '', retry: 'never' as const }
    expect(standing(...thinking, ended('t2'))).toEqual(['└┄ ✓ explorer  0:12'])
    const timedOut = ended('t2', { status: 'timedOut', result: '', reason })
    expect(standing(...thinking, timedOut)).toEqual(['└┄ ✗ explorer  out of time  0:12'])
    const late = ended('t2', { status: 'cancelled', result: 'x', reason, late: true })
    expect(standing(...thinking, late)).toEqual(['└┄ ✗ explorer  cancelled, late result  0:12'])
    const lost: TaskEvent = { type: 'task.lost', taskId: 't2', code: '', message: '' }
    expect(standing(...thinking, lost)[0]).toBe('└┄ ✗ explorer  1:05')
  })

  it('a task that is turned background hangs loosely from then on, and needs a slot', () => {
    const turned = drawn([root, created('t2', 't1', 'Part'), started('t2'), at('t2', 'task.turned')], 60)
    expect(turned.join('\n')).toMatch(/└┄ ⠋ Part .*\n +thinking…/)
  })
})

describe('what is told in lines', () => {
  function told(options: { isVerbose?: boolean; isQuiet?: boolean; columns?: number }) {
    let said = ''
    const terminal = { write: (text: string) => (said += text) !== '' }
    const { isVerbose = false, isQuiet = false } = options
    const looks = { isColoured: false, isLive: false }
    return { view: createView({ terminal, looks, isQuiet, isVerbose }), said: () => said }
  }

  it('each end in one line with its id, in words where it is not done', () => {
    const { view, said } = told({})
    view.notify(notice())
    view.notify(notice({ status: 'timedOut', text: '' }))
    view.notify(notice({ status: 'cancelled', title: 'A\x1b[2J\nB', text: 'It was stopped\u202e.' }))
    expect(said()).toBe(
      [
        '  ✓ explorer: Read the docs: There are none.  (t_1)',
        '  ✗ explorer: Read the docs: out of time  (t_1)',
        '  ✗ explorer: A\\x1b[2J B: cancelled: It was stopped\\u202e.  (t_1)',
        '',
      ].join('\n'),
    )
  })

  it('progress and slots only with --verbose, and what was left out; with --quiet nothing', () => {
    const tell = (options: Parameters<typeof told>[0]) => {
      const { view, said } = told(options)
      view.hear(root)
      view.hear(slots(1, 1, 2))
      view.notify(notice({ kind: 'progress', status: 'queued', text: '2 ahead' }))
      view.notify(notice({ dropped: 3 }))
      return said()
    }
    const end = '  ✓ explorer: Read the docs: There are none.  (t_1)  3 earlier signs of progress left out\n'
    expect(tell({})).toBe(end)
    expect(tell({ isVerbose: true })).toBe(
      `  Background (1/1, queued 2)\n  · explorer: Read the docs: queued: 2 ahead  (t_1)\n${end}`,
    )
    expect(tell({ isQuiet: true })).toBe('')
  })

  it('on a screen the id and how it ended stay, whatever is cut', () => {
    let said = ''
    const terminal = { columns: 60, rows: 24, write: (text: string) => (said += text) !== '' }
    const looks = { isColoured: false, isLive: true }
    const view = createView({ terminal, looks, isQuiet: false, isVerbose: true })
    const title = 'Read '.repeat(30)
    view.notify(notice({ title, status: 'cancelled', text: 'word '.repeat(99) }))
    view.notify(notice())
    view.hear(slots(1, 1, 2))
    view.end()
    const lines = said.replace(/\x1b\[[?\d;]*[A-Za-z]/g, '').split('\n')
    expect(lines.slice(0, 3)).toEqual([
      '  ✗ explorer: Read Read Read Re…: cancelled: word word wor…',
      '    (t_1)',
      '  ✓ explorer: Read the docs: There are none.  (t_1)',
    ])
    expect(said).not.toContain('Background')
  })

  it('that a hook has sent the task back to work', () => {
    const { view, said } = told({})
    for (const event of [root, started('t1')]) view.hear(event)
    view.hear(fact('t1', { type: 'stop.objected', note: 'Run the tests.' }))
    view.hear(fact('t1', { type: 'task.messaged', text: 'Hello.' }))
    expect(said()).toBe('  ! Sent back to work: Run the tests.\n')
  })

  it('a call that spawns is about whom it asks for what', () => {
    const { view, said } = told({})
    const input = { message: 'Read every file of docs.', agent: 'explorer' }
    for (const event of [root, ...calling('t1', 'new_task', { ...input, title: 'Docs' }), callEnded('t1')]) {
      view.hear(event)
    }
    for (const event of [...calling('t1', 'new_task', input), callEnded('t1')]) view.hear(event)
    for (const event of [...calling('t1', 'wait_for_tasks', { tasks: ['t_7', 't_8'] }), callEnded('t1')]) {
      view.hear(event)
    }
    expect(said()).toMatch(/wait_for_tasks +2 tasks\n$/)
    expect(said()).toMatch(/✓ new_task +explorer: Docs\n.*✓ new_task +explorer: Read every file of docs\./)
  })
})

describe('the height of the screen', () => {
  it('leaves what was told above in sight, and on a low one at least the tree', () => {
    const rowsOn = (rows: number) => {
      let said = ''
      const terminal = { columns: 60, rows, write: (text: string) => (said = text) !== '' }
      const looks = { isColoured: false, isLive: true }
      const view = createView({ terminal, looks, isQuiet: false, isVerbose: false })
      for (let n = 0; n < 40; n++) view.hear(n === 0 ? root : child(`c${n}`))
      view.resume()
      const { length } = said.split('\n').slice(1)
      view.end()
      return length
    }
    expect([24, 40, 12].map(rowsOn)).toEqual([18, 34, 8])
  })
})

describe('what they used', () => {
  it('counts what a summary cost', () => {
    const summary = fact('t1', { type: 'conversation.summarised', turn: 1, text: '', usage })
    expect(drawn([root, started('t1'), summary], 60).at(-1)).toContain('1.2k tokens')
  })
})

describe('--max-background', () => {
  const options = (...typed: readonly string[]) => {
    const flags = COMMANDS.find(({ name }) => name === 'run')?.flags ?? []
    return readRunOptions(readArguments(typed, flags, 'troupe run'))
  }

  it('is a whole number from 1', () => {
    expect(options('--max-background', '3').maxBackground).toBe(3)
    expect(options().maxBackground).toBeUndefined()
    for (const wrong of ['0', '-1', 'two', '1.5']) {
      expect(() => options(`--max-background=${wrong}`)).toThrow(/--max-background can't be/)
    }
  })
})
