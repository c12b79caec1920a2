import { ACTING_COMMANDS } from './command-table/acting.ts'
import type { Command } from './command-table/command.ts'
import { LOOKING_COMMANDS } from './command-table/looking.ts'
import { SURROUNDINGS_COMMANDS } from './command-table/surroundings.ts'
import { WORKING_COMMANDS } from './command-table/working.ts'

/** Every command there is, in the order in which the help tells of them. */
export const COMMANDS: readonly Command[] = [
  ...WORKING_COMMANDS,
  ...LOOKING_COMMANDS,
  ...ACTING_COMMANDS,
  ...SURROUNDINGS_COMMANDS,
]
