/**
 * Every lifecycle path of the real runtime: each command, and each racing pair, at each fact of the journal.
 */
import { expect, it } from 'vitest'
import { createRuntime } from '../../src/hosts/node.ts'
import { RuntimeError } from '../../src/errors.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, fails, say, scriptedModel, use, uses } from '../../src/testing/scripted-model.ts'
import { walkLifecycle } from '../../src/testing/lifecycle.ts'
import { workspaceWith } from '../support/runtime.ts'

it('keeps every promise, whatever is done to a task and whenever', async () => {
  const workspace = await workspaceWith({ 'a.txt': 'one\n', 'b.txt': 'two\n' })
  const script = {
    coder: [
      uses([
        { tool: 'read_file', input: { path: 'a.txt' } },
        { tool: 'read_file', input: { path: 'b.txt' } },
        { tool: 'nonsense', input: {} },
      ]),
      fails('model/unavailable', { times: 1, then: use('execute_command', { command: 'echo hello' }) }),
      say(''),
      use('ask_followup_question', { question: 'Really?' }),
      complete('Done.'),
    ],
  }
  const report = await walkLifecycle({
    open: ({ store, clock, human }) =>
      createRuntime({ workspace, settings: false, model: scriptedModel(script), store, clock, human }),
    request: { agent: 'coder', message: 'Do it.', limits: { timeoutMs: 60_000 } },
  })
  expect(report.states).toEqual([
    'cancelled',
    'cancelling',
    'completed',
    // A start whose fact took a minute to become durable leaves no time for a second try.
    'failed',
    'paused',
    'pausing',
    'queued',
    'running.acting',
    'running.asking',
    'running.backingOff',
    'running.thinking',
    'timedOut',
  ])
  expect(report.walks).toBeGreaterThan(100)
}, 120_000)

it('says which walk broke which promise', async () => {
  const workspace = await workspaceWith()
  const refusing = () => {
    const store = memoryStore()
    const refuse = () => Promise.reject(new RuntimeError('store/conflict', 'No more.'))
    return {
      ...store,
      append: (entry: Entry, previous?: number) => (entry.seq > 3 ? refuse() : store.append(entry, previous)),
    }
  }
  const walking = walkLifecycle({
    store: refusing,
    open: (parts) =>
      createRuntime({
        workspace,
        settings: false,
        model: scriptedModel({ lead: [complete('Done.')] }),
        ...parts,
      }),
    request: { message: 'Do it.' },
  })
  await expect(walking).rejects.toThrow('The walk [] broke a promise: No more.')
})
