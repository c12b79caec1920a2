import { ALWAYS, ANY_PART, type Command, HELP, JSON_ALSO, WORKSPACE } from './command.ts'

const NOTE = { name: 'note', value: 'text', what: 'Something for the agent to go with it.' }

/** The commands that do one thing to tasks, wherever they live, and end. */
export const ACTING_COMMANDS: readonly Command[] = [
  {
    name: 'pause',
    operands: '<task>...',
    what: 'Holds tasks still, with all that work for them: what is under way ends and is kept.',
    flags: [WORKSPACE, JSON_ALSO, HELP],
    notes: [ANY_PART, 'It may live in another process, or in none. It goes on with: troupe resume'],
    examples: ['troupe pause 8k2m4q'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/steering/pause.ts')).pauseCommand,
  },
  {
    name: 'cancel',
    operands: '<task>...',
    what: 'Ends tasks, and all that work for them. What they changed stays.',
    flags: [
      { name: 'reason', value: 'text', what: 'Why, for whoever reads it later.' },
      WORKSPACE,
      JSON_ALSO,
      HELP,
    ],
    notes: [ANY_PART, 'It may live in another process, or in none.'],
    examples: ['troupe cancel 8k2m4q --reason "It is the wrong file."'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/steering/cancel.ts')).cancelCommand,
  },
  {
    name: 'message',
    operands: '<task> "<text>" [-]',
    what: 'Says something to a task, which it reads before its next turn.',
    flags: [WORKSPACE, JSON_ALSO, HELP],
    notes: [
      ANY_PART,
      'It may live in another process, or in none. What stands still stays so, and reads it when it goes on.',
    ],
    examples: ['troupe message 8k2m4q "Leave the tests as they are."'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/steering/message.ts')).messageCommand,
  },
  {
    name: 'approve',
    operands: '<request>',
    what: 'Says yes to a call that waits for you, or answers a question.',
    flags: [
      { name: 'text', value: 'words', what: 'The answer, where it is a question.' },
      NOTE,
      { name: 'yes', short: 'y', what: 'Does not show it and does not ask.' },
      WORKSPACE,
      JSON_ALSO,
      HELP,
    ],
    notes: [
      'See what waits: troupe approvals. The id of its task is enough where one thing waits there.',
      'It shows every byte of what would be done, and asks. Your yes holds for exactly that.',
    ],
    examples: ['troupe approve 8k2m4q', 'troupe approve 8k2m4q --text "The second one."'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/approve.ts')).approveCommand,
  },
  {
    name: 'deny',
    operands: '<request>...',
    what: 'Says no to calls that wait for you, or that a question gets no answer.',
    flags: [
      NOTE,
      { name: 'yes', short: 'y', what: 'Does not show what is denied.' },
      WORKSPACE,
      JSON_ALSO,
      HELP,
    ],
    notes: ['See what waits: troupe approvals. The id of its task is enough where one thing waits there.'],
    examples: ['troupe deny 8k2m4q --note "Use another name for the file."'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/approve.ts')).denyCommand,
  },
]
