import { MODES } from '../protocol/boundary.ts'
import type { Arguments, Flag } from './arguments.ts'

export interface Command {
  readonly name: string
  /** What may stand behind the name besides flags. */
  readonly operands: string
  readonly what: string
  readonly flags: readonly Flag[]
  readonly notes: readonly string[]
  readonly examples: readonly string[]
  /** Loads what the command needs, and nothing before it is asked for. */
  readonly load: () => Promise<(given: Arguments) => Promise<number>>
}

export const OUTPUT_FORMATS = ['text', 'json', 'stream-json'] as const

const HELP: Flag = { name: 'help', short: 'h', what: 'Shows this.' }
const WORKSPACE: Flag = { name: 'workspace', value: 'dir', what: 'The directory to work in. Default: here.' }
const JSON_ALSO: Flag = { name: 'json', what: 'Prints JSON.' }

export const COMMANDS: readonly Command[] = [
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
      { name: 'model', short: 'm', value: 'name', what: 'The model, such as gpt-5-mini, or embedded.' },
      { name: 'mode', value: 'mode', among: MODES, what: `What goes unasked: ${MODES.join(', ')}.` },
      { name: 'timeout', value: '90s|5m', what: 'How long it may run. Waiting for you does not count.' },
      { name: 'max-turns', value: 'n', what: 'How often it may ask its model. Default: 200.' },
      {
        name: 'max-background',
        value: 'n',
        what: 'How many background tasks may work at once; more wait. Default: 10.',
      },
      WORKSPACE,
      {
        name: 'output-format',
        value: 'format',
        among: OUTPUT_FORMATS,
        what: `${OUTPUT_FORMATS.join(', ')}. Default: text.`,
      },
      { name: 'json', what: 'The same as --output-format json.' },
      {
        name: 'on-ask',
        value: 'refuse',
        among: ['refuse', 'park'],
        what: 'Refuses what needs a yes without asking you. Without a terminal that is so anyway.',
      },
      { name: 'no-settings', what: 'Reads no settings, no agent files and no AGENTS.md.' },
      { name: 'quiet', short: 'q', what: 'Shows no progress.' },
      { name: 'verbose', what: 'Shows more: whole sentences, why calls were denied, signs of life.' },
      HELP,
    ],
    notes: [
      'The prompt may also come from standard input. With both, the input stands below the prompt, as data.',
      'The result goes to standard output, everything else to standard error.',
      'Exit codes: 0 done, 1 failed, 2 usage, 4 a limit was hit, 5 interrupted, 130 Ctrl-C.',
    ],
    examples: [
      'troupe run "Why does the parser drop the last line?" --agent explorer',
      'troupe run "Fix the failing test" --agent coder --mode acceptEdits --timeout 10m',
      'git diff | troupe run "Review this change" --agent reviewer --json',
    ],
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'agents',
    operands: '',
    what: 'Lists the agents there are here, and what was passed over.',
    flags: [WORKSPACE, JSON_ALSO, HELP],
    notes: ['Your own agents are files: .troupe/agents/<name>.md'],
    examples: ['troupe agents', 'troupe agents --json'],
    load: async () => (await import('./commands/agents.ts')).agentsCommand,
  },
  {
    name: 'doctor',
    operands: '',
    what: 'Looks whether everything that is needed is there, and says how to mend it.',
    flags: [
      WORKSPACE,
      { name: 'online', what: 'Also asks the model’s server whether it answers, for 3 s at most.' },
      JSON_ALSO,
      HELP,
    ],
    notes: ['Ends with 1 when something that is needed is missing.'],
    examples: ['troupe doctor', 'troupe doctor --online'],
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
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
    load: async () => (await import('./commands/trust.ts')).trustCommand,
  },
]
