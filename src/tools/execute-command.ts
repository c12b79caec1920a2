import { z } from 'zod'
import { RuntimeError } from '../errors.ts'
import type { CommandEnd, Files, Processes } from '../host.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import { pathInput, strict } from './strict.ts'
import { onOneLine } from './text/encoding.ts'
import { defineTool } from './tool.ts'

const LINE_CHARACTERS_MAX = 64 * 1024
/** How much of a command is told again, in characters. */
const LINE_SHOWN_MAX = 2000
const NOTES_BYTES_MAX = 200
/** Of the beginning and of the end, so that the answer is not cut once more. */
const KEEP_BYTES = DEFAULTS.toolOutputBytes / 2 - NOTES_BYTES_MAX
const TIMEOUT_MS = 120_000
const TIMEOUT_MS_MAX = 600_000
/** How much longer the runtime waits for this tool, so that the command's own limit strikes first. */
const SLACK_MS = 60_000

/** Runs one line of bash in the workspace. */
export const executeCommand = (files: Files, processes: Processes) =>
  defineTool({
    name: 'execute_command',
    description:
      'Runs a line of bash in the workspace, without a terminal and with nothing to read. The first line of the answer says how it ended, ' +
      '"exit code 0 (1.2 s)" or "stopped by its time limit of 120 s"; then comes its output, of which the first and the last 15 KB are kept. ' +
      'An exit code other than 0 is an answer, not a failure. What it leaves running in the background is ended with it, ' +
      'so start nothing that is to go on.',
    input: strict({
      command: z
        .string()
        .min(1)
        .max(LINE_CHARACTERS_MAX)
        .refine(
          (line) => line.trim() !== '' && !line.includes('\0'),
          'must be a command, without a NUL character',
        )
        .describe('The line, as you would type it.'),
      cwd: pathInput('Directory to run it in, relative to the workspace.').default('.'),
      timeout_ms: z
        .int()
        .min(1)
        .max(TIMEOUT_MS_MAX)
        .default(TIMEOUT_MS)
        .describe('When to stop it, in milliseconds.'),
    }),
    effect: 'non_idempotent',
    timeoutMs: TIMEOUT_MS_MAX + SLACK_MS,
    access: ({ command, cwd }) => ({ reads: [], writes: [], command: { line: command, cwd } }),
    async execute({ command, cwd, timeout_ms: timeoutMs }, { signal, progress, began, judgedAt }) {
      const place = await files.locate(cwd)
      if (place.path !== (judgedAt(cwd) ?? place.path)) {
        const why = `cwd ${onOneLine(cwd)} was moved or replaced since it was judged`
        throw new RuntimeError('file/changed', `The command was not run: ${why}. Look again, then decide.`)
      }
      if (place.kind !== 'directory') {
        const what = place.kind === 'absent' ? 'does not exist' : 'is not a directory'
        throw new RuntimeError(
          'file/not-found',
          `The command was not run: cwd ${onOneLine(place.path)} ${what}.`,
        )
      }
      const directory = place.path === '.' ? files.root : `${files.root}/${place.path}`
      const asked = { line: command, cwd: directory, root: files.root, timeoutMs, keepBytes: KEEP_BYTES }
      return inWords(await processes.run(asked, { signal, progress, began }), timeoutMs)
    },
    reconcile: async ({ command, cwd }) => ({ kind: 'unknown', message: cutOff(command, cwd) }),
  })

/** No trace of a command says how far it came. So whoever goes on is told where to look. */
function cutOff(command: string, cwd: string): string {
  const line = onOneLine(command)
  const shown = line.length <= LINE_SHOWN_MAX ? line : `${line.slice(0, LINE_SHOWN_MAX)} …`
  return (
    'The command was cut off when Troupe crashed or was stopped. It may have run not at all, in part, or to its end; its output is lost. ' +
    `What was found of it still running has been ended. It was, in ${cwd === '.' ? 'the workspace' : onOneLine(cwd)}:\n${shown}\n` +
    'Before you run it again, look at what it would have changed: its files (git status, their content and time), and whatever it ' +
    "would have told other machines. If it only reads, just run it again. If you can't see what it did, ask the user."
  )
}

function inWords(end: CommandEnd, timeoutMs: number): string {
  const took = `${(end.durationMs / 1000).toFixed(1)} s`
  const output = end.output.trimEnd() || 'No output.'
  if (end.why === 'stopped') {
    throw new RuntimeError(
      'tool/stopped',
      `The command was stopped after ${took}. Its output until then:\n${output}`,
    )
  }
  if (end.why === 'timedOut') return `stopped by its time limit of ${timeoutMs / 1000} s\n${output}`
  return `${end.signal ? `killed by ${end.signal}` : `exit code ${end.exitCode}`} (${took})\n${output}`
}
