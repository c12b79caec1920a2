/** The live view as rows: what a person sees of a tree of tasks at any width. */
import { describe, expect, it } from 'vitest'
import { frameOf } from '../../src/cli/terminal/frame.ts'
import { createScreen } from '../../src/cli/terminal/screen.ts'
import { looksOf, painted, span, widthOfRow } from '../../src/cli/terminal/style.ts'
import { createTaskRows } from '../../src/cli/terminal/task-rows.ts'
import { createView } from '../../src/cli/terminal/view.ts'
import { cutTo, piecesOf, widthOf, wrapped } from '../../src/cli/terminal/width.ts'
import type { TaskEvent } from '../../src/protocol/journal.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'

const usage = { inputTokens: 1_200, outputTokens: 34 }

function created(id: string, parent: string | null, title: string): TaskEvent {
  const spec: TaskSpec = {
    id,
    parent,
    title,
    agent: parent ? 'explorer' : 'lead',
    message: title,
    depth: parent ? 1 : 0,
    instructions: '',
    notes: null,
    tools: [],
    model: { name: 'm', contextWindow: 1 },
    boundary: [],
    limits: { maxTurns: 1, timeoutMs: null, toolTimeoutMs: 1, modelTimeoutMs: 1_000, retries: 0 },
    dataSchema: null,
  }
  return { type: 'task.created', spec, at: 0, taskId: id, seq: 1 }
}

function calling(taskId: string, tool: string, input: unknown, text = ''): readonly TaskEvent[] {
  const call = { id: '1.0', tool, input, effect: 'pure' as const }
  const verdict = { verdict: 'allow' as const, layer: '', rule: '', why: '' }
  return [
    { type: 'task.started', runId: 1, at: 0, taskId, seq: 2 },
    {
      type: 'model.replied',
      turn: 1,
      reply: { text, calls: [call], stop: 'done', usage },
      at: 0,
      taskId,
      seq: 3,
    },
    { type: 'call.checked', callId: '1.0', verdict, at: 0, taskId, seq: 4 },
  ]
}

const finished = (taskId: string): TaskEvent => {
  return { type: 'task.ended', outcome: { status: 'completed', result: 'x' }, at: 12_000, taskId, seq: 9 }
}

function drawn(events: readonly TaskEvent[], columns: number, rowsMax = 30): readonly string[] {
  const rows = createTaskRows()
  for (const event of events) rows.hear(event)
  const frame = frameOf(rows.all(), { columns, rowsMax, now: 65_000, tick: 0 })
  expect(frame.filter((row) => widthOfRow(row) > columns)).toEqual([])
  expect(frame.flat().filter(({ text }) => /[\0-\x1f\x7f-\x9f\u202a-\u202e]/.test(text))).toEqual([])
  return frame.map((row) => painted(row, false).trimEnd())
}

const TREE = [
  created('t1', null, 'Mend the parser'),
  ...calling('t1', 'execute_command', { command: 'npm test' }),
  created('t2', 't1', 'Read the docs'),
  created('t3', 't2', 'Even deeper'),
  finished('t3'),
  created('t4', 't1', '最後の行を見つける'),
  ...calling('t4', 'search_files', { pattern: 'split', path: 'src' }),
]

describe('the tree', () => {
  it('nests children, each with what it does, and sums up below', () => {
    expect(drawn(TREE, 60)).toEqual([
      '',
      '⠋ Mend the parser                                 lead  1:05',
      '│ execute_command npm test                         1 min 5 s',
      '├─ · Read the docs                            explorer  1:05',
      '│  │ queued…',
      '│  └─ ✓ Even deeper                           explorer  0:12',
      '└─ ⠋ 最後の行を見つける                       explorer  1:05',
      '     search_files src: split                       1 min 5 s',
      '  2 turns · 2 calls · 2.5k tokens · Ctrl-C stops',
    ])
  })

  it.each([20, 40, 60, 100, 160])('fits into %i columns', (columns) => {
    expect(
      drawn([...TREE, created('t5', 't4', `\x1b[2J\u202e${'宽'.repeat(200)}`)], columns).length,
    ).toBeGreaterThan(8)
  })

  it('fits into few rows, and says how many are missing', () => {
    const rows = drawn(TREE, 60, 6)
    expect(rows).toHaveLength(6)
    expect(rows[4]).toBe('  … 4 more rows')
  })

  it('shows the plan and the step it is at', () => {
    const todos = [
      { text: 'Look', status: 'done' as const },
      { text: 'Mend \x1b[31mit', status: 'doing' as const },
    ]
    const ended: TaskEvent = {
      type: 'call.ended',
      callId: '1.0',
      result: { kind: 'ok', output: '' },
      todos,
      at: 0,
      taskId: 't1',
      seq: 5,
    }
    expect(drawn([...TREE.slice(0, 4), ended], 60)).toContain('  ━─ 1/2  Mend \\x1b[31mit')
  })
})

describe('the text', () => {
  it('is the foreground task’s alone', () => {
    let said = ''
    const terminal = { write: (text: string) => (said += text) !== '' }
    const looks = { isColoured: false, isLive: false }
    const view = createView({ terminal, looks, isQuiet: false, isVerbose: false })
    for (const event of [
      ...TREE,
      ...calling('t2', 'read_file', {}, 'The child speaks.'),
      ...calling('t1', 'read_file', {}, 'I speak.'),
    ]) {
      view.hear(event)
    }
    expect(said).toBe('  I speak.\n')
  })
})

describe('the screen', () => {
  it('writes nothing when nothing changed, and goes back over rows that a narrower terminal broke', () => {
    const written: string[] = []
    const terminal = { columns: 80, rows: 24, write: (text: string) => written.push(text) > 0 }
    const screen = createScreen(terminal, false)
    screen.draw([], [[span('x'.repeat(50))], [span('y')]])
    screen.draw([], [[span('x'.repeat(50))], [span('y')]])
    expect(written).toHaveLength(1)
    terminal.columns = 30
    screen.draw([], [[span('z')]])
    expect(written[1]).toContain('\x1b[3A')
    screen.clear()
    expect(written[2]).toMatch(/\x1b\[\?25h$/)
  })
})

describe('looks', () => {
  it.each([
    [true, {}, { isLive: true, isColoured: true }],
    [false, {}, { isLive: false, isColoured: false }],
    [true, { NO_COLOR: '1' }, { isLive: true, isColoured: false }],
    [true, { NO_COLOR: '' }, { isLive: true, isColoured: true }],
    [true, { TERM: 'dumb' }, { isLive: false, isColoured: false }],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, { isLive: false, isColoured: true }],
    [true, { FORCE_COLOR: '0' }, { isLive: true, isColoured: false }],
  ])('a terminal: %s, with %j: %j', (isTerminal, environment, looks) => {
    expect(looksOf(isTerminal, environment)).toEqual(looks)
  })
})

describe('width', () => {
  it('counts what a terminal takes', () => {
    expect(['abc', '漢字', 'é', 'e\u0301', '👩', '─', 'ｱ', 'Ａ'].map(widthOf)).toEqual([
      3, 4, 1, 1, 2, 1, 1, 2,
    ])
  })

  it('cuts with an ellipsis, never through a wide character', () => {
    expect(cutTo('漢字漢字', 6)).toBe('漢字…')
    expect(cutTo('漢字', 4)).toBe('漢字')
    expect(cutTo('abc', 0)).toBe('')
  })

  it('breaks without losing a character', () => {
    expect(piecesOf('漢字ab漢', 3)).toEqual(['漢', '字a', 'b漢'])
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapped('abcdefgh x', 4).join('')).toBe('abcdefghx')
  })
})
