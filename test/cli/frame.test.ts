/** The live view as rows: what a person sees of a tree of tasks at any width. */
import { describe, expect, it } from 'vitest'
import { createScreen } from '../../src/cli/terminal/screen.ts'
import { looksOf, span } from '../../src/cli/terminal/style.ts'
import { createView } from '../../src/cli/terminal/view.ts'
import { cutTo, piecesOf, widthOf, wrapped } from '../../src/cli/terminal/width.ts'
import type { TaskEvent } from '../../src/protocol/journal.ts'
import { calling, created, drawn, ended } from './made-events.ts'

const TREE = [
  created('t1', null, 'Mend the parser'),
  ...calling('t1', 'execute_command', { command: 'npm test' }),
  created('t2', 't1', 'Read the docs'),
  created('t3', 't2', 'Even deeper'),
  ended('t3'),
  created('t4', 't1', '最後の行を見つける'),
  ...calling('t4', 'search_files', { pattern: 'split', path: 'src' }),
]

describe('the tree', () => {
  it('nests children, each with what it does, and sums up below', () => {
    expect(drawn(TREE, 60)).toEqual([
      '',
      '⠋ Mend the parser                                 lead  1:05',
      '│ execute_command npm test                         1 min 5 s',
      '├─ · Read the docs                          explorer  queued',
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

  it('fits into few rows: what has ended goes first, and what is missing is counted', () => {
    expect(drawn(TREE, 60, 6)).toEqual([
      '',
      '⠋ Mend the parser                                 lead  1:05',
      '│ execute_command npm test                         1 min 5 s',
      '├─ · Read the docs                          explorer  queued',
      '  … 2 more tasks, 1 ended',
      '  2 turns · 2 calls · 2.5k tokens · Ctrl-C stops',
    ])
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
      runId: 1,
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
