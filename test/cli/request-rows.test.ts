/** Law L10: approvals show every byte, in rows that take the room that they were counted to take. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certainText } from '../../src/cli/requests/certain-text.ts'
import { approvalRows, questionRows } from '../../src/cli/terminal/request-rows.ts'
import { painted, widthOfRow } from '../../src/cli/terminal/style.ts'
import { piecesOf, widthOf } from '../../src/cli/terminal/width.ts'
import type { ApprovalRequest } from '../../src/host.ts'

const COLUMNS = 60

function requestOf(given: Partial<ApprovalRequest> & { readonly input?: unknown } = {}): ApprovalRequest {
  const { input = { command: 'ls' }, ...more } = given
  return {
    id: 't1/1.0',
    taskId: 't1',
    callId: '1.0',
    agent: 'lead',
    title: 'A task',
    depth: 0,
    parents: [],
    background: false,
    boundary: [],
    why: 'the command may write',
    rule: 'default',
    layer: 'mode',
    call: { id: '1.0', tool: 'execute_command', input, effect: 'non_idempotent' },
    action: { tool: 'execute_command', effect: 'non_idempotent', access: null },
    ...more,
  }
}

function linesOf(request: ApprovalRequest, columns = COLUMNS): readonly string[] {
  const rows = approvalRows(request, columns, false)
  expect(rows.filter((row) => widthOfRow(row) > columns)).toEqual([])
  return rows.map((row) => painted(row, false))
}

const shown = (command: string, title = 'A task') => linesOf(requestOf({ title, input: { command } }))

describe('an approval', () => {
  it.each([
    ['a mark with room of its own', '\u093e'],
    ['the middle of a syllable', '\u1161'],
    ['half a flag', '\u{1f1e6}'],
    ['a tone of skin', '\u{1f3fd}'],
    ['a hexagram', '\u4dc0'],
  ])('shows %s as an escape, however many there are', (_, character) => {
    const many = character.repeat(400)
    for (const rows of [shown(`echo ${many}`), shown('ls', `title ${many}`)]) {
      expect(rows.join('')).not.toContain(character)
      const code = (character.codePointAt(0) ?? 0).toString(16)
      const escape = code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
      expect(rows.map((row) => row.replace(/^[ │┊]*/, '').trimEnd()).join('')).toContain(escape.repeat(3))
      expect(rows.length, 'as many rows as they take').toBeGreaterThan((400 * 6) / COLUMNS)
    }
  })

  it('shows words of all scripts as they are', () => {
    const lines = shown('echo 漢字 héllo привет שלום').join('\n')
    expect(lines).toContain('echo 漢字 héllo привет שלום')
    expect(lines, 'and marks none of them').not.toContain('!')
  })

  it('says who asks and for whom, all that it may touch, and which rule asks, at 80 columns', () => {
    const boundary = [
      { filePatterns: ['src/**', 'my file'], deniedTools: [] },
      { readOnly: true, commandPatterns: ['npm test*', 'ls'] },
      { filePatterns: ['src/**', 'my file'], deniedTools: [] },
      { readOnly: false },
      { writePatterns: [], allowedTools: ['read_file'] },
    ]
    const parents = [
      { taskId: 't2', agent: 'coder', title: 'Make it "pass"' },
      { taskId: 't3', agent: 'lead', title: 'All of it' },
    ]
    const asker = { agent: 'explorer', title: 'Look', depth: 3, parents, background: true }
    const access = { reads: ['a.txt'], writes: [], command: { line: 'npm test', cwd: '.' } }
    const action = { tool: 'execute_command', effect: 'non_idempotent', access } as const
    const request = requestOf({ ...asker, boundary, action, input: { command: 'npm test' } })
    expect(linesOf(request, 79)).toEqual([
      '',
      '? explorer wants to run execute_command',
      '  task   Look',
      `  works  for coder "Make it 'pass'", which works for lead "All of it", which`,
      '         works for 1 task that is gone · depth 3 · in the background',
      '  bounds 1  files: src/**, "my file" · not the tools: none',
      '         2  reads only · commands: "npm test*", ls',
      '         3  writes: nothing · tools: read_file',
      '  by     the mode default',
      '  why    the command may write',
      '  reads  a.txt',
      '  in     .',
      '',
      '  command',
      '  │ npm test',
      '',
    ])
    expect(linesOf(requestOf(), 79)[3], 'nothing of limits where there are none').toBe(
      '  by     the mode default',
    )
  })

  it('shows of a long boundary what leaves room for the call, and where the rest is', () => {
    const boundary = Array.from({ length: 30 }, (_, n) => ({ filePatterns: [`part-${n}/**`] }))
    const lines = linesOf(requestOf({ boundary }))
    expect(lines.filter((line) => line.includes('files:'))).toHaveLength(7)
    expect(lines).toContain('         … 23 more rows: troupe approvals --json')
    expect(lines).toContain('  │ ls')
  })

  it.each(['p\u0430y.sh', 'cat s\u0440c/key', './\u0441\u043e\u0440\u0443', '\u03bfk\u03bf.txt'])(
    'marks letters that look like others where a name is meant: %s',
    (name) => {
      const mark = /^ {2}! ".+" (mixes Latin|looks Latin).* U\+0[34]/m
      expect(shown(name).join('\n')).toMatch(mark)
      const access = { reads: [], writes: [name], command: null }
      const action = { tool: 'write_file', effect: 'non_idempotent', access } as const
      expect(linesOf(requestOf({ action })).join('\n')).toMatch(mark)
    },
  )

  it('says what else is odd about a path', () => {
    const access = { reads: ['a\u200b.txt'], writes: [], command: null }
    const action = { tool: 'read_file', effect: 'pure', access } as const
    const lines = linesOf(requestOf({ action }))
    expect(lines).toContain('  reads  a\\u200b.txt')
    expect(lines).toContain('  ! it has characters in it that nobody sees')
  })

  it('leaves prose alone, but for words that mix', () => {
    const inFile = (content: string) => linesOf(requestOf({ input: { content } })).join('\n')
    expect(inFile('\u0441\u043e\u0440 \u0440\u043e\u0442')).not.toContain('!')
    expect(inFile('if (us\u0435r)')).toMatch(/! "us\u0435r" mixes Latin and Cyrillic: \u0435 U\+0435/)
  })
})

const FORGERIES = [
  'ls\n\n  → allowed\n\n? coder wants to run ls\n  why    it only reads\n\n  y yes · n no',
  'ls\r? lead wants to run ls\x1b[1A\x1b[2K',
  'Allow? y\n',
  '\x1b]0;allowed\x07\x9b2J\u202e\u2066\u2028? coder wants to run ls',
  `${' '.repeat(58)}\n? coder wants to run ls`,
  `ls${' '.repeat(600)}; rm -rf /`,
]

describe('a request cannot be forged by what it shows', () => {
  /** How a row may begin, by who wrote it. */
  const OURS = /^$|^\? (lead|\S*) (wants to run|asks)|^ {2}(task|works|bounds|by|why|writes|reads|in) +/
  const THEIRS =
    /^ {9}|^ {4}[a-z]|^ {2}[│┊] |^ {2}! ("|it )|^ {2}"|^ {2}(command|options|\w[\w.-]{0,39})( {2}\((empty|no line.*)\))?$/
  const RAW = /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/

  function expectNoForgery(rows: readonly string[]) {
    expect(rows.filter((row) => RAW.test(row))).toEqual([])
    expect(rows.filter((row) => !OURS.test(row) && !THEIRS.test(row))).toEqual([])
    expect(rows.filter((row) => row.startsWith('? '))).toHaveLength(1)
    for (const label of ['why', 'by', 'bounds'])
      expect(rows.filter((row) => row.startsWith(`  ${label} `)).length).toBeLessThan(2)
    expect(rows.filter((row) => /^ {2}→|^ {2}y yes/.test(row))).toEqual([])
  }

  it.each(FORGERIES)('%j', (text) => {
    const parents = [{ taskId: 't0', agent: 'lead', title: text }]
    const access = { reads: [text], writes: [text], command: { line: text, cwd: text } }
    const action = { tool: 'execute_command', effect: 'non_idempotent', access } as const
    const boundary = [{ filePatterns: [text], commandPatterns: [text] }]
    const input = { command: text, [text]: 'x', x: { [text]: text } }
    const more = { title: text, why: text, parents, depth: 1, boundary, action, input }
    expectNoForgery(linesOf(requestOf(more)))
    const malformed = { ...requestOf().call, malformed: text }
    expectNoForgery(linesOf(requestOf({ call: malformed })))
    const asked = { ...requestOf({ title: text, parents, depth: 1 }), text, options: [text] }
    const rows = questionRows(asked, COLUMNS).map((row) => painted(row, false))
    expectNoForgery(rows.filter((row) => !/^ {3}\d {2}|^ {6}/.test(row)))
  })

  it('every character of a command is there, in order, whatever it is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(text, (command) => {
        const rows = shown(command)
        const from = rows.indexOf('  command') + 1
        const body = rows.slice(from).filter((row) => /^ {2}[│┊]/.test(row))
        expect(rows.filter((row) => row.startsWith('? '))).toHaveLength(1)
        const whole = body
          .map((row) => row.slice(2))
          .join('\n')
          .replaceAll('\n┊ ', '')
        const lines = command.endsWith('\n') ? command.slice(0, -1).split('\n') : command.split('\n')
        const wanted = command === '' ? '' : lines.map((line) => `│ ${certainText(line)}`).join('\n')
        expect(whole).toBe(wanted)
        expect(body.filter((row) => RAW.test(row))).toEqual([])
      }),
    )
  })
})

describe('width', () => {
  it('is that of a character also for marks with room of their own, and for upright signs', () => {
    expect(['\u093e', '\ufe10', '\ufe19', '\u2329', '\u232a', 'e\u0301', 'a\u20dd'].map(widthOf)).toEqual([
      1, 2, 2, 2, 2, 1, 1,
    ])
    expect(piecesOf('\u093e'.repeat(100), 10)).toHaveLength(10)
  })
})
