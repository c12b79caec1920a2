/** Law L10: approvals show every byte, in rows that take the room that they were counted to take. */
import { describe, expect, it } from 'vitest'
import { approvalRows } from '../../src/cli/terminal/request-rows.ts'
import { painted, widthOfRow } from '../../src/cli/terminal/style.ts'
import { piecesOf, widthOf } from '../../src/cli/terminal/width.ts'
import type { ApprovalRequest } from '../../src/host.ts'

const COLUMNS = 60

function shown(command: string, title = 'A task'): readonly string[] {
  const request: ApprovalRequest = {
    id: 't1/1.0',
    taskId: 't1',
    callId: '1.0',
    agent: 'lead',
    title,
    why: 'the command may write',
    call: { id: '1.0', tool: 'execute_command', input: { command }, effect: 'non_idempotent' },
    action: { tool: 'execute_command', effect: 'non_idempotent', access: null },
  }
  const rows = approvalRows(request, COLUMNS)
  expect(rows.filter((row) => widthOfRow(row) > COLUMNS)).toEqual([])
  return rows.map((row) => painted(row, false))
}

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
    expect(shown('echo 漢字 héllo привет שלום').join('\n')).toContain('echo 漢字 héllo привет שלום')
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
