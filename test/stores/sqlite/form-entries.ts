import type { Entry, Heard } from '../../../src/protocol/journal.ts'
import { birth, end } from '../../../src/testing/store-entries.ts'

/** The tokens of the task in the fixture that is in the middle of something. */
const RUN = 3

/**
 * What stands in the store files under test/fixtures/stores, one for each form there ever was: a task that
 * has ended, one that was killed while it ran a command, and one that was paused.
 */
export const FORM_ENTRIES: Readonly<Record<string, readonly Entry[]>> = {
  ended: [birth('ended'), fact('ended', 2, { type: 'task.started', runId: 1, at: 2 }), end('ended', 3, 1)],
  running: [
    birth('running'),
    fact('running', 2, { type: 'task.started', runId: 1, at: 1_000 }),
    fact('running', 3, {
      type: 'model.replied',
      turn: 1,
      at: 1_500,
      asleepMs: 10,
      reply: {
        text: 'I look. „Ähm” 😀 \u0000 \u2028',
        calls: [
          { id: '1.0', tool: 'execute_command', input: { command: 'npm test' }, effect: 'non_idempotent' },
        ],
        usage: { inputTokens: 10, outputTokens: 5 },
        stop: 'done',
      },
    }),
    fact('running', 4, {
      type: 'call.checked',
      callId: '1.0',
      at: 1_501,
      verdict: { verdict: 'allow', layer: 'policy', rule: 'mode', why: 'It may.' },
    }),
    fact('running', 5, {
      type: 'call.began',
      callId: '1.0',
      at: 1_502,
      process: { group: 4_242, startedAt: 'boot 17', mark: 'm1' },
    }),
  ],
  paused: [
    birth('paused'),
    fact('paused', 2, { type: 'task.started', runId: 1, at: 2 }),
    fact('paused', 3, { type: 'task.pauseAsked', by: 'user', at: 3 }),
    fact('paused', 4, { type: 'task.messaged', text: 'Go on in German.', at: 4 }),
  ],
}

function fact(taskId: string, seq: number, heard: Heard): Entry {
  return { v: 1, taskId, seq, runId: seq === 1 ? 0 : taskId === 'running' ? RUN : 1, fact: heard }
}
