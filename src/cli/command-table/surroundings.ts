import { MODES } from '../../protocol/boundary.ts'
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
    name: 'policy',
    operands: 'check|explain "<command>"',
    what: 'Says what would happen to a command or a file, by which rule and why. Runs nothing.',
    flags: [
      { name: 'path', value: 'path', what: 'A path instead of a command, as a tool is given it.' },
      { name: 'tool', value: 'name', what: 'The tool that is given the path, such as read_file.' },
      { name: 'cwd', value: 'dir', what: 'Where in the workspace the command runs. Default: its root.' },
      {
        name: 'agent',
        short: 'a',
        value: 'name',
        what: 'Who would do it; its boundary counts. Default: lead.',
      },
      {
        name: 'permissions',
        value: 'json',
        what: 'One layer of a boundary. As often as you like: the outermost first.',
      },
      {
        name: 'mode',
        value: 'mode',
        among: MODES,
        what: `Default: what your settings say. ${MODES.join(', ')}.`,
      },
      { name: 'background', what: 'As if a task in the background did it.' },
      WORKSPACE,
      JSON_ALSO,
      HELP,
    ],
    notes: [
      'check ends with 0 when it is allowed, 3 when you would be asked, 1 when it is denied, 2 when it is used wrongly.',
      'explain tells everything that was said of it, and what a sandbox would stop; without a command, the rules.',
    ],
    examples: [
      'troupe policy check "npm test && git push"',
      'troupe policy check --path src/main.ts --tool write_file --agent explorer',
      `troupe policy check "npm test" --permissions '{"commandPatterns":["npm test*"]}' --json`,
      'troupe policy explain "sudo env git push"',
    ],
    load: async () => (await import('../commands/policy.ts')).policyCommand,
  },
  {
    name: 'trust',
    operands: '',
    what: 'Shows what a workspace says about itself, and lets it count.',
    flags: [
      { name: 'yes', short: 'y', what: 'Does not ask. Only in a terminal.' },
      { name: 'revoke', what: 'Takes a yes back.' },
      WORKSPACE,
      HELP,
    ],
    notes: [
      'Until you trust it, a workspace can only forbid: what it allows, its modes and its wider agents are ignored.',
      'Trust is for exactly what is shown. When it changes, it has to be given again.',
    ],
    examples: ['troupe trust', 'troupe trust --revoke'],
    isForPeople: ALWAYS,
    load: async () => (await import('../commands/trust.ts')).trustCommand,
  },
]
