import { ALWAYS, type Command, HELP, JSON_ALSO, WORKSPACE } from './command.ts'

/** The commands about where tasks work: who is there, what is there, what may count. */
export const SURROUNDINGS_COMMANDS: readonly Command[] = [
  {
    name: 'agents',
    operands: '',
    what: 'Lists the agents there are here, and what was passed over.',
    flags: [WORKSPACE, JSON_ALSO, HELP],
    notes: ['Your own agents are files: .troupe/agents/<name>.md'],
    examples: ['troupe agents', 'troupe agents --json'],
    load: async () => (await import('../commands/agents.ts')).agentsCommand,
  },
  {
    name: 'doctor',
    operands: '',
    what: 'Looks whether everything that is needed is there, and says how to mend it.',
    flags: [
      { name: 'adopt', what: 'Shows a store that another installation has made, and takes it over.' },
      { name: 'yes', short: 'y', what: 'With --adopt: does not ask.' },
      WORKSPACE,
      { name: 'online', what: 'Also asks the model’s server whether it answers, for 3 s at most.' },
      JSON_ALSO,
      HELP,
    ],
    notes: ['Ends with 1 when something that is needed is missing.'],
    examples: ['troupe doctor', 'troupe doctor --online', 'troupe doctor --adopt'],
    isForPeople: (given) => given.has('adopt'),
    load: async () => (await import('../commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'trust',
    operands: '',
    what: 'Shows what a workspace says about itself, and lets it count.',
    flags: [WORKSPACE, { name: 'yes', short: 'y', what: 'Does not ask. Only in a terminal.' }, HELP],
    notes: [
      'Until you trust it, a workspace can only forbid: what it allows, its modes and its wider agents are ignored.',
      'Trust is for exactly what is shown. When it changes, it has to be given again.',
    ],
    examples: ['troupe trust'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/trust.ts')).trustCommand,
  },
]
