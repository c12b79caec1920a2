import { UsageError } from '../../errors.ts'
import { MODES, type Mode } from '../../protocol/boundary.ts'
import { type Arguments, readCount, readDuration } from '../arguments.ts'
import { OUTPUT_FORMATS } from '../command-table.ts'

export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** What `troupe run` was told by its flags. */
export interface RunOptions {
  readonly agent: string | undefined
  readonly model: string | undefined
  readonly mode: Mode | undefined
  readonly limits: { readonly timeoutMs?: number; readonly maxTurns?: number }
  /** How many tasks may work in the background at once. */
  readonly maxBackground: number | undefined
  readonly format: OutputFormat
  readonly readsSettings: boolean
  /** Whether the person may be asked, where there is one. */
  readonly mayAsk: boolean
  readonly isQuiet: boolean
  readonly isVerbose: boolean
}

export function readRunOptions(given: Arguments): RunOptions {
  if (given.value('on-ask') === 'park') {
    throw new UsageError(
      '--on-ask park is not there yet: nothing outlives this process that could wait for an answer. ' +
        'Run it in a terminal to be asked, or allow more with --mode.',
    )
  }
  const timeout = given.value('timeout')
  const turns = given.value('max-turns')
  const background = given.value('max-background')
  return {
    agent: given.value('agent'),
    model: given.value('model'),
    mode: MODES.find((mode) => mode === given.value('mode')),
    limits: {
      ...(timeout === undefined ? {} : { timeoutMs: readDuration('timeout', timeout) }),
      ...(turns === undefined ? {} : { maxTurns: readCount('max-turns', turns) }),
    },
    maxBackground: background === undefined ? undefined : readCount('max-background', background),
    format: formatOf(given),
    mayAsk: given.value('on-ask') !== 'refuse',
    readsSettings: !given.has('no-settings'),
    isQuiet: given.has('quiet'),
    isVerbose: given.has('verbose'),
  }
}

function formatOf(given: Arguments): OutputFormat {
  const said = OUTPUT_FORMATS.find((format) => format === given.value('output-format'))
  if (!given.has('json')) return said ?? 'text'
  if (said === undefined || said === 'json') return 'json'
  throw new UsageError(
    `--json is --output-format json, which --output-format ${said} contradicts. Choose one.`,
  )
}
