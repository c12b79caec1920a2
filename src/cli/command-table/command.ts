import { MODES } from '../../protocol/boundary.ts'
import type { Arguments, Flag } from '../arguments.ts'
import { OUTPUT_FORMATS } from '../run/output-format.ts'

/** One command, as it is read and as the help tells of it. */
export interface Command {
  readonly name: string
  /** What may stand behind the name besides flags. */
  readonly operands: string
  readonly what: string
  readonly flags: readonly Flag[]
  readonly notes: readonly string[]
  readonly examples: readonly string[]
  /**
   * Whether it steers tasks or answers for a person, as it was typed: no task may do that (L13). Absent:
   * it does not.
   */
  readonly isForPeople?: (given: Arguments) => boolean
  /** Loads what the command needs, and nothing before it is asked for. */
  readonly load: () => Promise<(given: Arguments) => Promise<number>>
}

/** Flags that several commands share, said once. */
export const HELP: Flag = { name: 'help', short: 'h', what: 'Shows this.' }
export const WORKSPACE: Flag = {
  name: 'workspace',
  value: 'dir',
  what: 'The directory to work in. Default: here.',
}
export const JSON_ALSO: Flag = { name: 'json', what: 'Prints JSON.' }

/** How a task is named. */
export const ANY_PART = 'A task is named by its id, or by a beginning or an end of it that no other has.'

/** However it was typed. */
export const ALWAYS = () => true

/** Of every command that works on a task until it ends. */
export const WORKING: readonly Flag[] = [
  { name: 'model', short: 'm', value: 'name', what: 'The model, such as gpt-5-mini, or embedded.' },
  { name: 'mode', value: 'mode', among: MODES, what: `What goes unasked: ${MODES.join(', ')}.` },
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
    value: 'refuse|park',
    among: ['refuse', 'park'],
    what: 'What needs a yes is refused, or waits for troupe approve. Default: you are asked.',
  },
  { name: 'no-settings', what: 'Reads no settings, no agent files and no AGENTS.md.' },
  { name: 'quiet', short: 'q', what: 'Shows no progress.' },
  { name: 'verbose', what: 'Shows more: whole sentences, why calls were denied, signs of life.' },
  HELP,
]
