import { STATUS_FILTERS } from '../tasks/status-filters.ts'
import { ANY_PART, type Command, HELP, JSON_ALSO, WORKSPACE } from './command.ts'

/** The commands that look at tasks, wherever they live, and change nothing. */
export const LOOKING_COMMANDS: readonly Command[] = [
  {
    name: 'tasks',
    operands: '',
    what: 'Lists the tasks of the workspace, also those of other processes.',
    flags: [
      { name: 'all', what: 'Also everything that has ended. Otherwise only the newest of it.' },
      {
        name: 'status',
        value: 'status',
        among: STATUS_FILTERS,
        what: `Only those that are so: ${STATUS_FILTERS.slice(0, 5).join(', ')}…`,
      },
      { name: 'agent', short: 'a', value: 'name', what: 'Only those that this agent works on.' },
      { name: 'parent', value: 'task', what: 'Only those that work for this task, directly or not.' },
      { name: 'unfinished', what: 'Only those that have not ended.' },
      { name: 'watch', short: 'w', what: 'Shows it anew whenever it changes, until Ctrl-C.' },
      WORKSPACE,
      JSON_ALSO,
      HELP,
    ],
    notes: [`--status may also be: ${STATUS_FILTERS.slice(5).join(', ')}.`],
    examples: ['troupe tasks', 'troupe tasks --watch', 'troupe tasks --unfinished --json'],
    load: async () => (await import('../commands/tasks.ts')).tasksCommand,
  },
  {
    name: 'show',
    operands: '<task>',
    what: 'Shows everything about one task: what it is to do, may do, has done, and waits for.',
    flags: [{ name: 'full', what: 'The whole conversation, and nothing cut.' }, WORKSPACE, JSON_ALSO, HELP],
    notes: [ANY_PART],
    examples: ['troupe show 8k2m4q', 'troupe show 8k2m4q --full', 'troupe show 8k2m4q --json'],
    load: async () => (await import('../commands/show.ts')).showCommand,
  },
  {
    name: 'logs',
    operands: '<task>',
    what: 'Tells what happened in a task, one line a fact.',
    flags: [
      { name: 'follow', short: 'f', what: 'Goes on until the task ends, in whatever process it lives.' },
      { name: 'since', value: 'seq', what: 'Only what comes after the fact of this number.' },
      WORKSPACE,
      JSON_ALSO,
      HELP,
    ],
    notes: [ANY_PART, 'Ctrl-C ends the following, not the task.'],
    examples: ['troupe logs 8k2m4q', 'troupe logs 8k2m4q --follow', 'troupe logs 8k2m4q --json --since 40'],
    load: async () => (await import('../commands/logs.ts')).logsCommand,
  },
  {
    name: 'approvals',
    operands: '',
    what: 'Shows what waits for you, also in tasks whose process is gone.',
    flags: [WORKSPACE, JSON_ALSO, HELP],
    notes: ['It shows every byte of what would be done. Answer with: troupe approve, troupe deny'],
    examples: ['troupe approvals', 'troupe approvals --json'],
    load: async () => (await import('../commands/approvals.ts')).approvalsCommand,
  },
  {
    name: 'export',
    operands: '<task>',
    what: 'Prints the journal of a task as JSON, one entry a line, without what looks like a secret.',
    flags: [
      { name: 'tree', what: 'Also the journals of all that work for it.' },
      WORKSPACE,
      { name: 'json', what: 'The same: it is JSON anyway.' },
      HELP,
    ],
    notes: [
      ANY_PART,
      'Left out are keys of known forms, passwords, and the values of variables that are named like secrets,',
      'of your environment and of .env files. Look through it before you give it away.',
    ],
    examples: ['troupe export 8k2m4q > task.jsonl', 'troupe export 8k2m4q --tree'],
    load: async () => (await import('../commands/export.ts')).exportCommand,
  },
]
