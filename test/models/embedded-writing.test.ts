import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Call, Result } from '../../src/protocol/model.ts'
import { embedded } from '../../src/models/embedded.ts'
import { harbour, loom } from '../fixtures/repositories.ts'
import { converse, field, ok, workspaceOf } from './embedded-drive.ts'

const GOAL = 'Survey this repository and write a report'
const DENIED: Result = { kind: 'failed', code: 'call/denied', message: 'The policy denies it.' }
const NOT_READ: Result = { kind: 'failed', code: 'file/not-read', message: 'Read it first.' }

const when = (tool: string, result: Result) => (call: Call) => (call.tool === tool ? result : undefined)
const callsOf = (
  run: { turns: readonly { calls: readonly { tool: string; input: unknown }[] }[] },
  tool: string,
) => run.turns.flatMap(({ calls }) => calls.filter((call) => call.tool === tool))

describe('the report file', () => {
  it('has the name that the goal gives it', async () => {
    const root = await workspaceOf(harbour)
    const { result } = await converse(
      embedded(),
      root,
      'Survey this repository and write the report to notes/state.md.',
    )
    expect(result).toContain('The report is in `notes/state.md`.')
    expect(existsSync(join(root, 'notes/state.md'))).toBe(true)
    expect(existsSync(join(root, 'troupe-report.md'))).toBe(false)
  })

  it.each([
    'Read README.md and write a report',
    'Survey it and write the report to ../outside.md',
    'Survey it and write the report to /etc/report.md',
  ])('has its own name when the goal names none that will do: %s', async (goal) => {
    const root = await workspaceOf(harbour)
    const { reportPath } = await converse(embedded(), root, goal)
    expect(reportPath).toBe('troupe-report.md')
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe(harbour['README.md'])
  })

  it('replaces its earlier self, after reading it', async () => {
    const root = await workspaceOf(harbour)
    const first = await converse(embedded(), root, GOAL)
    writeFileSync(join(root, 'src/harbour/new.py'), 'x = 1\n')
    const second = await converse(embedded(), root, GOAL)
    expect(second.report).toContain('- 12 files')
    expect(first.report).toContain('- 11 files')
    expect(readFileSync(join(root, 'troupe-report.md'), 'utf8')).toBe(second.report)
    const touched = second.turns.flatMap(({ calls }) =>
      calls.filter((call) => field(call, 'path') === 'troupe-report.md'),
    )
    expect(touched.map(({ tool }) => tool)).toEqual(['read_file', 'write_file'])
  })

  it('replaces its earlier self also where .gitignore keeps it out of the list', async () => {
    const root = await workspaceOf({ ...harbour, '.gitignore': 'troupe-report.md\n' })
    await converse(embedded(), root, GOAL)
    writeFileSync(join(root, 'src/harbour/new.py'), 'x = 1\n')
    const second = await converse(embedded(), root, GOAL)
    expect(readFileSync(join(root, 'troupe-report.md'), 'utf8')).toBe(second.report)
    expect(callsOf(second, 'write_file')).toHaveLength(2)
  })

  it('never replaces what somebody else wrote: it takes the next name', async () => {
    const mine = '# My own notes\n'
    const root = await workspaceOf({ ...harbour, 'troupe-report.md': mine })
    const { result } = await converse(embedded(), root, GOAL)
    expect(readFileSync(join(root, 'troupe-report.md'), 'utf8')).toBe(mine)
    expect(result).toContain('The report is in `troupe-report-2.md`.')
  })

  it('a file that is there is never written to before it was read', async () => {
    const root = await workspaceOf({ ...harbour, 'troupe-report.md': '# My own notes\n' })
    const run = await converse(embedded(), root, GOAL, { instead: when('write_file', ok('Wrote it.')) })
    const paths = run.turns.flatMap(({ calls }) => calls.map((call) => `${call.tool} ${field(call, 'path')}`))
    expect(paths).not.toContain('write_file troupe-report.md')
    expect(paths.indexOf('read_file troupe-report.md')).toBeGreaterThan(-1)
  })

  it.each([
    ['denied', { instead: when('write_file', DENIED) }, 'call/denied: The policy denies it.'],
    ['not offered', { without: ['write_file'] }, 'this agent has no tool to write files'],
    ['refused again and again', { instead: when('write_file', NOT_READ) }, 'could not be written'],
  ])('%s: the report is in the result, and so is the reason', async (_, circumstances, why) => {
    const run = await converse(embedded(), await workspaceOf(harbour), GOAL, circumstances)
    expect(run.result).toContain(why)
    expect(run.result).toContain('## Findings, heaviest first')
    expect(callsOf(run, 'write_file').length).toBeLessThanOrEqual(3)
  })

  it('L6: an outcome nobody knows is looked at, not repeated blindly', async () => {
    const root = await workspaceOf(harbour)
    let isFirst = true
    const instead = (call: Call): Result | undefined => {
      if (call.tool !== 'write_file' || !isFirst) return undefined
      isFirst = false
      writeFileSync(join(root, 'troupe-report.md'), field(call, 'content'))
      return { kind: 'unknown', message: 'It was cut off.' }
    }
    const run = await converse(embedded(), root, GOAL, { instead })
    expect(callsOf(run, 'write_file')).toHaveLength(1)
    expect(run.result).toContain('The report is in `troupe-report.md`.')
  })
})

describe('another goal than a survey', () => {
  it('is answered with what it cannot do, what it sees there, and what to set; nothing is written', async () => {
    const run = await converse(
      embedded(),
      await workspaceOf(loom),
      'Fix the bug in packages/core/src/weave.ts, please',
    )
    expect(run.result).toMatch(/^I cannot do this: I am a survey by fixed rules, not a language model/)
    expect(run.result).toContain('OPENAI_API_KEY')
    expect(run.result).toContain('`packages/core/src/weave.ts:7`')
    expect(run.result).not.toContain('.env')
    expect(run.result).toMatch(/^1 file, \d+ bytes; code: TypeScript 1\.$/m)
    expect(callsOf(run, 'write_file')).toEqual([])
    expect(callsOf(run, 'read_file').map((call) => field(call, 'path'))).toContain(
      'packages/core/src/weave.ts',
    )
  })

  it.each([
    'Add a login page',
    'Review the code and fix what is wrong',
    'Why do the tests fail?',
    'Übersetze das',
    '',
  ])('is told apart: %j', async (goal) => {
    const run = await converse(embedded(), await workspaceOf(harbour), goal)
    expect(run.result).toContain('I cannot do this')
    expect(callsOf(run, 'write_file')).toEqual([])
  })

  it.each([
    'Survey this repository and write a report',
    'Give me an overview; do not change anything',
    'Please review src/harbour and report how to build and test it',
    'Audit this code base.',
  ])('is not what this is: %s', async (goal) => {
    const run = await converse(embedded(), await workspaceOf(harbour), goal)
    expect(run.result).toContain('The report is in')
  })

  it('a survey of a part is about that part', async () => {
    const { report } = await converse(
      embedded(),
      await workspaceOf(loom),
      'Survey packages/core and write a report',
    )
    expect(report).toContain('- Only these parts, which the goal names: `packages/core`.')
    expect(report).toContain('- 5 files,')
    expect(report).not.toContain('packages/web/src')
  })
})

describe('a workspace that is hard to look at', () => {
  it('empty: says so, and finds nothing', async () => {
    const { report, result } = await converse(embedded(), await workspaceOf({}), GOAL)
    expect(report).toContain('- There are no files to look at.')
    expect(report).toContain('The rules found nothing to report.')
    expect(result).toContain('The report is in `troupe-report.md`.')
  })

  it('all binary: counts, and quotes nothing', async () => {
    const bytes = '\u0000\u0001\u0002'.repeat(50)
    const { report } = await converse(
      embedded(),
      await workspaceOf({ 'a.bin': bytes, 'b/c.png': bytes }),
      GOAL,
    )
    expect(report).toContain('- 2 files, 300 bytes; none in a programming language known to the rules.')
    expect(report).not.toContain('## Where to begin reading')
  })

  it('huge: says that the list was cut, asks for more, and claims nothing about what is missing', async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `src/f${String(index).padStart(4, '0')}.ts  100`)
    const cut = [...rows, '… cut at 2000 files; narrow it with path or glob.'].join('\n')
    const instead = (call: Call): Result | undefined => {
      if (call.tool === 'list_files')
        return ok(field(call, 'path') === '' && field(call, 'glob') === '' ? cut : 'README.md  40')
      if (call.tool === 'search_files') return ok('No matches.')
      return call.tool === 'read_file' ? ok(`${field(call, 'path')} (empty)`) : undefined
    }
    const run = await converse(embedded(), await workspaceOf({}), GOAL, { instead })
    expect(run.turns.length).toBeLessThanOrEqual(12)
    expect(run.report).toContain('- At least 2,001 files')
    expect(run.report).toContain('- The list was cut off.')
    expect(run.report).not.toMatch(/No test files|does not find|no listed file/)
  })

  it('a search that is cut counts at least', async () => {
    const hits = Array.from({ length: 3 }, (_, index) => `src/harbour/waves.py:${index + 1}: print(1)`)
    const text = [
      '3 matches in 1 file',
      ...hits,
      '… cut at 3 matches; narrow it with pattern, path or glob.',
    ].join('\n')
    const instead = (call: Call) => (field(call, 'pattern').includes('print') ? ok(text) : undefined)
    const { report } = await converse(embedded(), await workspaceOf(harbour), GOAL, { instead })
    expect(report).toContain('At least 3 places in 1 file.')
    expect(report).toContain('their counts are at least: print calls')
  })

  it('reads denied: says which, and why', async () => {
    const { report, result } = await converse(embedded(), await workspaceOf(harbour), GOAL, {
      instead: when('read_file', DENIED),
    })
    expect(report).toContain('- Not seen: `README.md` (read_file: call/denied: The policy denies it.)')
    expect(report).not.toContain('## What it says it is')
    expect(result).toContain('The report is in')
  })

  it('list denied: says that nothing can be said', async () => {
    const { result } = await converse(embedded(), await workspaceOf(harbour), GOAL, {
      instead: when('list_files', DENIED),
    })
    expect(result).toContain('The files could not be listed, so nothing can be said about them.')
  })
})
