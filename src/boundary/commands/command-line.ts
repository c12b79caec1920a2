import type { OwnDirectories } from '../files/own-directories.ts'
import type { Links, Places } from '../files/places.ts'
import type { ShellLine } from './shell.ts'

/** A line of bash and the directory it runs in. */
export interface CommandLine {
  readonly line: string
  readonly cwd: string
}

/** A line that could be parsed. */
export type Parsed = Extract<ShellLine, { readonly kind: 'read' }>

/** What is known of the world that a line runs in. */
export interface Surroundings {
  readonly places: Places
  /** Absent: nobody looked for any. */
  readonly links?: Links | undefined
  /** Why git may not read the workspace unasked; `null`: nothing speaks against it. */
  readonly repository: string | null
  readonly own: OwnDirectories | undefined
}

/** What names everything below the workspace must not name what is in here. */
export const TROUPE_DIRECTORY = '.troupe'
