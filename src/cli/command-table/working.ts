import type { Command } from './command.ts'
import { ALWAYS, WORKING } from './command.ts'

/** The commands that work on a task until it ends. */
export const WORKING_COMMANDS: readonly Command[] = [
  {
    name: 'run',
    operands: '"<prompt>" [-]',
    what: 'Runs one task to its end and prints its result.',
    flags: [
      {
        name: 'agent',
        short: 'a',
        value: 'name',
        what: 'Who works on it. Default: lead. See: troupe agents',
      },
      { name: 'timeout', value: '90s|5m', what: 'How long it may run. Waiting for you does not count.' },
      { name: 'max-turns', value: 'n', what: 'How often it may ask its model. Default: 200.' },
      { name: 'no-store', what: 'Keeps nothing: what it did is gone when the command ends.' },
      ...WORKING,
    ],
    notes: [
      'The prompt may also come from standard input. With both, the input stands below the prompt, as data.',
      'The result goes to standard output, everything else to standard error.',
      'Ctrl-C pauses it; troupe resume goes on. Twice leaves at once.',
      'Exit codes: 0 done, 1 failed, 2 usage, 3 waiting for you, 4 a limit was hit, 5 interrupted, 130 Ctrl-C.',
    ],
    examples: [
      'troupe run "Why does the parser drop the last line?" --agent explorer',
      'troupe run "Fix the failing test" --agent coder --mode acceptEdits --timeout 10m',
      'git diff | troupe run "Review this change" --agent reviewer --json',
    ],
    load: async () => (await import('../commands/run.ts')).runCommand,
  },
  {
    name: 'resume',
    operands: '<task> | --all',
    what: 'Goes on with a task that was paused or interrupted, and prints its result.',
    flags: [
      { name: 'all', what: 'Goes on with every unfinished task that no process works on.' },
      { name: 'message', value: 'text', what: 'Something to say to it before it goes on.' },
      ...WORKING,
    ],
    notes: [
      'Its limits, its agent and its boundary are those it was started with; --model is for what is asked from now on.',
      'A task that another process works on goes on there, and is followed here. Ctrl-C ends the following.',
      'With --all the exit code is that of the task that went worst.',
      'Exit codes: 0 done, 1 failed, 2 usage, 3 waiting for you, 4 a limit was hit, 5 interrupted, 130 Ctrl-C.',
    ],
    examples: ['troupe resume 8k2m4q', 'troupe resume --all --on-ask refuse'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/resume.ts')).resumeCommand,
  },
  {
    name: 'continue',
    operands: '<task> "<prompt>" [-]',
    what: 'Starts a new task with the conversation of one that has ended.',
    flags: WORKING,
    notes: [
      'It has the boundary of the old task and your rules of today.',
      'The prompt may also come from standard input, as with troupe run.',
    ],
    examples: ['troupe continue 8k2m4q "Now write the tests for it."'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/continue.ts')).continueCommand,
  },
]
