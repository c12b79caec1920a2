import { CHOOSERS } from './attacks/choosers.ts'
import { FILES } from './attacks/files.ts'
import { JOINING } from './attacks/joining.ts'
import { OWN_CONTROLS, SECRETS } from './attacks/protected.ts'
import { QUOTING, SUBSTITUTION } from './attacks/substitution.ts'
import { WRAPPERS } from './attacks/wrappers.ts'
import { EVERYDAY_EDITS } from './everyday/edits.ts'
import { EVERYDAY_GIT } from './everyday/git.ts'
import { EVERYDAY_LANGUAGES } from './everyday/languages.ts'
import { EVERYDAY_NODE } from './everyday/node.ts'
import { EVERYDAY_SHELL } from './everyday/shell.ts'
import type { Row } from './row.ts'
import { MERGES } from './rules/merges.ts'
import { PATHS_WINDOWS } from './rules/paths-windows.ts'
import { PATHS, UNICODE } from './rules/paths.ts'
import { COMMAND_PATTERNS, PATTERNS } from './rules/patterns.ts'
import { BACKGROUND, MODE_ROWS, POLICY } from './rules/policy.ts'
import { TRUST } from './rules/trust.ts'

/** Every decision of the corpus. */
export const CORPUS: readonly Row[] = [
  EVERYDAY_GIT,
  EVERYDAY_NODE,
  EVERYDAY_LANGUAGES,
  EVERYDAY_SHELL,
  EVERYDAY_EDITS,
  JOINING,
  SUBSTITUTION,
  QUOTING,
  CHOOSERS,
  WRAPPERS,
  FILES,
  SECRETS,
  OWN_CONTROLS,
  PATHS,
  UNICODE,
  PATHS_WINDOWS,
  MERGES,
  PATTERNS,
  COMMAND_PATTERNS,
  POLICY,
  MODE_ROWS,
  BACKGROUND,
  TRUST,
].flat()
