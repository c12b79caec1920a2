/** The list of tasks as rows: what stands in it, in which order, and that it fits. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { backgroundLoad, withPlaces } from '../../src/cli/tasks/background-load.ts'
import { bounded, below, type Selection, selected } from '../../src/cli/tasks/selection.ts'
import { hasEnded, isInterrupted, standingWords } from '../../src/cli/tasks/standing.ts'
import { idAmong, shortIds } from '../../src/cli/tasks/task-id.ts'
import { listingRows } from '../../src/cli/tasks/task-table.ts'
import { treeOf } from '../../src/cli/tasks/tree.ts'
import { painted, widthOfRow } from '../../src/cli/terminal/style.ts'
import type { Outcome, TaskView } from '../../src/protocol/task.ts'

const NOW = 1_000_000

function view(id: string, change: Partial<TaskView> = {}): TaskView {
  return {
    id,
    agent: 'explorer',
    title: `Task ${id}`,
    parent: null,
    status: 'running',
    state: 'running.thinking',
    turns: 3,
    usage: { inputTokens: 18_000, outputTokens: 200 },
    todos: [],
    pausedBy: [],
    background: false,
    ahead: null,
    createdAt: NOW - 65_000,
    durationMs: 30_000,
    heldBy: 'elsewhere',
    outcome: null,
    ...change,
  }
}

const DONE: Outcome = { status: 'completed', result: 'x' }
const NO: Outcome = { status: 'failed', result: '', reason: { code: 'a/b', message: 'c', retry: 'never' } }

function ended(id: string, endedAt: number, change: Partial<TaskView> = {}): TaskView {
  const { status } = change.outcome ?? DONE
  const times = { createdAt: endedAt - 10, durationMs: 10 }
  return view(id, { status, state: status, outcome: DONE, heldBy: 'nobody', ...times, ...change })
}

const paused = (id: string, pausedBy: readonly string[], heldBy: TaskView['heldBy'] = 'nobody') =>
  view(id, { status: 'paused', state: 'paused', pausedBy, heldBy })
const queued = (id: string, change: Partial<TaskView> = {}) =>
  view(id, { status: 'queued', state: 'queued', background: true, ...change })

const IDLE = { running: 0, cap: 10, queued: 0 }

function drawn(tasks: readonly TaskView[], columns = 79, asking: readonly string[] = [], hiddenCount = 0) {
  const ids = shortIds(tasks.map(({ id }) => id))
  const listing = { branches: treeOf(tasks), shortIds: ids, asking: new Set(asking), now: NOW, hiddenCount }
  const rows = listingRows({ ...listing, slots: { running: 2, cap: 3, queued: 1 } }, columns)
  expect(rows.filter((row) => widthOfRow(row) > columns)).toEqual([])
  expect(rows.flat().filter(({ text }) => /[\0-\x1f\x7f-\x9f\u202a-\u202e]/.test(text))).toEqual([])
  return rows.map((row) => painted(row, false).trimEnd())
}

describe('the list', () => {
  it('shows a tree with the state of each, below the slots, above what to type next', () => {
    const tasks = [
      view('lead01', { agent: 'lead', title: 'Survey this', state: 'running.delegating' }),
      view('expl01', { parent: 'lead01', background: true, title: 'Read the parser' }),
      queued('expl02', { parent: 'lead01', title: 'Read the docs', ahead: 1 }),
      paused('stop01', ['interrupted']),
      view('asks01', { state: 'running.asking' }),
      ended('over01', 9, { outcome: NO }),
    ]
    expect(drawn(tasks, 79, ['asks01'], 132)).toEqual([
      'Background (2/3, queued 1)',
      '',
      '  id      task                agent     state            time turns tokens',
      '● lead01  Survey this         lead      waits for tasks  1:05     3  18.2k',
      '● expl01  ├┄ Read the parser  explorer  thinking         1:05     3  18.2k',
      '● expl02  └┄ Read the docs    explorer  queued, 1 ahead  1:05     3  18.2k',
      '‖ stop01  Task stop01         explorer  interrupted      0:30     3  18.2k',
      '? asks01  Task asks01         explorer  waits for you    1:05     3  18.2k',
      '✗ over01  Task over01         explorer  failed           0:00     3  18.2k',
      '  … 132 more ended: troupe tasks --all',
      '',
      '→ 1 task waits for you: troupe approvals',
      '→ 1 task was interrupted: troupe resume stop01',
    ])
  })

  it.each([20, 40, 60, 79, 200])('fits into %i columns, whatever the titles and names are', (columns) => {
    const hostile = `\x1b[2J\u202e\n${'宽'.repeat(200)}`
    const tasks = [
      view('a', { title: hostile, agent: hostile }),
      paused('b', [hostile]),
      view('c', { title: hostile, parent: 'a' }),
    ]
    expect(drawn(tasks, columns).join('\n')).toContain('a')
  })

  it('several interrupted: one command for all of them; paused by you: how it goes on', () => {
    expect(drawn([paused('a1', ['interrupted']), paused('b1', ['shutdown'])])).toContain(
      '→ 2 tasks were interrupted: troupe resume --all',
    )
    expect(drawn([paused('a1', ['user'])])).toContain('→ 1 task is paused by you: troupe resume a1')
    const asks = drawn([paused('a1', ['shutdown'])], 79, ['a1'])
    expect(asks).toContain('→ 1 task waits for you: troupe approvals')
    expect(asks.join('\n')).not.toContain('interrupted')
    expect(drawn([ended('a1', 5)]).join('\n')).not.toMatch(/→|Background/)
  })
})

describe('the order', () => {
  it('families with something unfinished first, oldest first; then what is over, the newest first', () => {
    const tasks = [
      ended('over1', 10),
      ended('root1', 20),
      ended('over2', 30),
      view('live1'),
      view('kid01', { parent: 'root1' }),
    ]
    const order = treeOf(tasks).map(({ task, twigs }) => `${twigs}${task.id}`)
    expect(order).toEqual(['root1', '└─ kid01', 'live1', 'over2', 'over1'])
  })

  it('nests deeply, and a child whose parent is not shown stands at the top', () => {
    const tasks = [
      view('a'),
      view('b', { parent: 'a' }),
      view('c', { parent: 'b', background: true }),
      view('d', { parent: 'a' }),
      view('e', { parent: 'gone' }),
    ]
    expect(treeOf(tasks).map(({ task, twigs }) => `${twigs}${task.id}`)).toEqual([
      'a',
      '├─ b',
      '│  └┄ c',
      '└─ d',
      'e',
    ])
  })

  it('what has ended long ago is left out; nothing unfinished ever is, nor whom it works for', () => {
    const old = ended('root', 1)
    const tasks = [old, ...Array.from({ length: 50 }, (_, at) => ended(`e${at}`, 100 + at))]
    const live = [...tasks, view('kid', { parent: 'root' }), paused('p', ['user'])]
    expect(bounded(live, 2).map(({ id }) => id)).toEqual(['root', 'e48', 'e49', 'kid', 'p'])
    expect(bounded(tasks, 100)).toEqual(tasks)
  })
})

describe('how a task stands, in words', () => {
  it.each<[string, TaskView, string]>([
    ['thinking', view('a'), '● thinking'],
    ['a call', view('a', { state: 'running.acting' }), '● working'],
    ['a person', view('a', { state: 'running.asking' }), '? waits for you'],
    ['first in the queue', queued('a', { ahead: 0 }), '● queued, next'],
    ['in the queue of nobody', queued('a', { heldBy: 'nobody' }), '‖ interrupted'],
    ['pausing', view('a', { status: 'pausing', state: 'pausing' }), '● pausing'],
    ['paused by the user', paused('a', ['user']), '‖ paused by you'],
    ['by the user, and cut off', paused('a', ['user', 'interrupted']), '‖ paused by you'],
    ['cut off', paused('a', ['interrupted']), '‖ interrupted'],
    ['at rest in a process that lives', paused('a', ['shutdown'], 'elsewhere'), '‖ paused at the shutdown'],
    ['with its parent', paused('a', ['parent/b']), '‖ paused with its parent'],
    ['by a word of a host', paused('a', ['night-shift']), '‖ paused by night-shift'],
    ['cancelled, being', view('a', { status: 'cancelling', state: 'cancelling' }), '● stopping'],
    ['done', ended('a', 1), '✓ done'],
    ['failed', ended('a', 1, { outcome: NO }), '✗ failed'],
    [
      'out of time, and said something',
      ended('a', 1, { outcome: { ...NO, status: 'timedOut', late: true } }),
      '✗ out of time, late result',
    ],
  ])('%s', (_, task, words) => {
    const told = standingWords(task, false)
    expect(`${told.sign} ${told.words}`).toBe(words)
  })

  it('a request that outlived its process comes first; a hold is told as well', () => {
    expect(standingWords(paused('a', ['interrupted']), true).words).toBe('waits for you')
    expect(standingWords(paused('a', ['shutdown']), true).words).toBe('waits for you')
    expect(standingWords(paused('a', ['user']), true).words).toBe('paused by you, asks you')
  })

  it('what a living process holds is not interrupted, and what a person holds is not either', () => {
    expect(isInterrupted(paused('a', ['interrupted'], 'elsewhere'))).toBe(false)
    expect(isInterrupted(paused('a', ['interrupted', 'user']))).toBe(false)
    expect(isInterrupted(paused('a', ['interrupted', 'no-slot']))).toBe(true)
    expect(hasEnded(view('a', { status: 'lost', state: 'lost' }))).toBe(false)
  })
})

describe('which are asked for', () => {
  const ALL: Selection = { status: null, agent: null, parent: null, isUnfinished: false }
  const tasks = [
    view('a', { agent: 'lead' }),
    view('b', { parent: 'a' }),
    ended('c', 1, { parent: 'b' }),
    paused('d', ['interrupted']),
    paused('e', ['user']),
  ]
  it.each<[Partial<Selection>, string]>([
    [{}, 'abcde'],
    [{ status: 'running' }, 'ab'],
    [{ status: 'paused' }, 'de'],
    [{ status: 'interrupted' }, 'd'],
    [{ status: 'waiting' }, 'be'],
    [{ agent: 'lead' }, 'a'],
    [{ parent: 'a' }, 'bc'],
    [{ parent: 'a', isUnfinished: true }, 'b'],
    [{ isUnfinished: true, status: 'completed' }, ''],
  ])('%j: %s', (selection, ids) => {
    const found = selected(tasks, { ...ALL, ...selection }, new Set(['b', 'e']))
    expect(found.map(({ id }) => id).join('')).toBe(ids)
  })

  it('all that work for a task, directly or not', () => {
    expect([...below(tasks, 'a')]).toEqual(['b', 'c'])
    expect([...below(tasks, 'e')]).toEqual([])
  })
})

describe('ids', () => {
  const made = (end: string, rest = '') => `t_1m7wz1bs7${'0'.repeat(16 - end.length)}${end}${rest}`
  const ids = [made('a8k2m4q'), made('b8k2m4q'), made('3f9d1c'), made('3f9d1c', '-2.0'), 'mine']
  const tasks = ids.map((id) => view(id))

  it('are shown by their end, as short as tells them apart; what works for a task, by its place', () => {
    expect([...shortIds(ids).values()]).toEqual(['a8k2m4q', 'b8k2m4q', '3f9d1c', '3f9d1c-2.0', 'mine'])
  })

  it('every short one means the task that it was made for', () => {
    for (const [id, short] of shortIds(ids)) expect(idAmong(tasks, short)).toBe(id)
    for (const id of ids) expect(idAmong(tasks, id)).toBe(id)
  })

  it('a beginning will do, with or without t_, and means the task at the top', () => {
    const alone = [view(made('3f9d1c')), view(made('3f9d1c', '-2.0')), view('other')]
    for (const given of ['t_1m7', '1m7wz', '3f9d1c', 't_1m7wz1bs7'])
      expect(idAmong(alone, given), given).toBe(made('3f9d1c'))
    expect(idAmong(alone, `${made('3f9d1c')}-2`)).toBe(made('3f9d1c', '-2.0'))
  })

  it('what may be several is refused with all of them, what is none with where to look', () => {
    expect(() => idAmong(tasks, '8k2m4q')).toThrow(
      /may be 2 tasks[\s\S]*a8k2m4q +explorer: Task[\s\S]*b8k2m4q/,
    )
    expect(() => idAmong(tasks, 'nothing')).toThrow(/no task "nothing".*troupe tasks --all/)
    expect(() => idAmong([], 'nothing')).toThrow(/There are no tasks here/)
    expect(() => idAmong(tasks, ' ')).toThrow(/too short/)
    expect(() => idAmong(tasks, 'a\x1b[31m\u202e')).toThrow(/^[^\x1b\u202e]*$/)
  })
})

describe('the background', () => {
  it('slots and cap are those of the processes that work; without any, what would hold', () => {
    vi.stubEnv('TROUPE_MAX_BACKGROUND_TASKS', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    const slot = { taskId: 'a', agent: 'b', model: 'c' }
    const tasks = [queued('a'), view('b', { state: 'running.returning', background: true }), view('c')]
    const busy = { cap: 2, held: [slot], waiting: 0 }
    expect(backgroundLoad(busy, tasks)).toEqual({ running: 1, cap: 2, queued: 2 })
    expect(backgroundLoad({ cap: null, held: [], waiting: 0 }, [])).toEqual(IDLE)
  })

  it('places in the queue of other processes: who has worked before goes first', () => {
    const tasks = [
      queued('a'),
      view('b', { state: 'running.returning', background: true }),
      queued('c'),
      queued('d', { heldBy: 'nobody' }),
      queued('e', { heldBy: 'here', ahead: 7 }),
    ]
    expect(withPlaces(tasks).map(({ ahead }) => ahead)).toEqual([1, null, 2, null, 7])
  })
})
