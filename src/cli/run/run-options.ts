import { UsageError } from '../../errors.ts'
import { MODES, type Mode } from '../../protocol/boundary.ts'
import { type Arguments, readCount, readDuration } from '../arguments.ts'
import { OUTPUT_FORMATS, type OutputFormat } from './output-format.ts'

/** What a command that works on a task until it ends was told by its flags. */
export interface WorkOptions {
  readonly model: string | undefined
  readonly mode: Mode | undefined
  /** How many tasks may work in the background at once. */
  readonly maxBackground: number | undefined
  readonly format: OutputFormat
  readonly readsSettings: boolean
  /** What was said of calls that need a yes. Absent: the person is asked, where there is one. */
  readonly onAsk: 'refuse' | 'park' | undefined
  /** What becomes of such calls where nothing was said and nobody is at a terminal. */
  readonly onAskAlone: 'refuse' | 'park'
  readonly isQuiet: boolean
  readonly isVerbose: boolean
}

/** What `troupe run` was told besides. */
export interface RunOptions extends WorkOptions {
  readonly agent: string | undefined
  readonly limits: { readonly timeoutMs?: number; readonly maxTurns?: number }
  /** Whether what happens outlives the command. */
  readonly isKept: boolean
}

export function readRunOptions(given: Arguments): RunOptions {
  const work = readWorkOptions(given, 'refuse')
  const timeout = given.value('timeout')
  const turns = given.value('max-turns')
  const isKept = !given.has('no-store')
  if (work.onAsk === 'park' && !isKept)
    throw new UsageError('--on-ask park waits for troupe approve, and with --no-store nothing can wait.')
  return {
    ...work,
    agent: given.value('agent'),
    limits: {
      ...(timeout === undefined ? {} : { timeoutMs: readDuration('timeout', timeout) }),
      ...(turns === undefined ? {} : { maxTurns: readCount('max-turns', turns) }),
    },
    isKept,
  }
}

export function readWorkOptions(given: Arguments, onAskAlone: WorkOptions['onAskAlone']): WorkOptions {
  const background = given.value('max-background')
  return {
    model: given.value('model'),
    mode: MODES.find((mode) => mode === given.value('mode')),
    maxBackground: background === undefined ? undefined : readCount('max-background', background),
    format: formatOf(given),
    onAsk: (['refuse', 'park'] as const).find((it) => it === given.value('on-ask')),
    onAskAlone,
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
