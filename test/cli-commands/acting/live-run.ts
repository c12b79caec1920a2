/** A task that is at work in a process of its own, as another terminal sees it. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer } from '../../support/openai-server.ts'
import { type Binary, type Ended, type RunningTroupe, until, workspaceOf } from '../../cli/binary.ts'
import { calls, type ScriptedServer, scriptedServer } from '../../cli/scripted-server.ts'

export interface LiveRun {
  readonly server: ScriptedServer
  readonly cwd: string
  readonly taskId: string
  readonly run: RunningTroupe
  /** Types something in another terminal of the same workspace. */
  type(...words: readonly string[]): Promise<Ended>
  /** The same, told as JSON. */
  typed(...words: readonly string[]): Promise<{ readonly code: number | null; readonly told: unknown }>
  begin(...words: readonly string[]): RunningTroupe
  /** Lets the command end that the task runs. */
  stop(): Promise<void>
  /** What the run has told of its task so far. */
  hasTold(type: string): boolean
}

/** Ends when the file `stop` is there, and counts in `runs` how often it was begun. */
export const UNTIL_STOP = 'echo x >> runs; until [ -e stop ]; do sleep 0.05; done; echo stopped'

/** A run whose task begins with these answers, then is done. It is under way when this resolves. */
export async function liveRun(
  troupe: Binary,
  answers: readonly Answer[],
  args: readonly string[] = [],
): Promise<LiveRun> {
  const server = await scriptedServer(answers)
  const cwd = await workspaceOf()
  const surroundings = { cwd, environment: server.environment }
  const words = ['run', 'Do it.', '--output-format', 'stream-json', ...args]
  const run = troupe.start(words, surroundings)
  const hasTold = (type: string) => run.stdout().includes(`"type":"${type}"`)
  await until(() => hasTold('task.created'), 'its birth is told')
  const [, taskId = ''] = /"taskId":"([^"]+)"/.exec(run.stdout()) ?? []
  return {
    server,
    cwd,
    taskId,
    run,
    type: (...it) => troupe.run(it, surroundings),
    async typed(...it) {
      const { code, stdout } = await troupe.run([...it, '--json'], surroundings)
      return { code, told: JSON.parse(stdout) }
    },
    begin: (...it) => troupe.start(it, surroundings),
    stop: () => writeFile(join(cwd, 'stop'), ''),
    hasTold,
  }
}

/** The same, in the middle of a command that waits. */
export async function liveCommand(troupe: Binary): Promise<LiveRun> {
  const answers = [calls('execute_command', { command: UNTIL_STOP })]
  const live = await liveRun(troupe, answers, ['--mode', 'bypassPermissions'])
  await until(() => readFile(join(live.cwd, 'runs'), 'utf8').then(Boolean, () => false), 'the command runs')
  return live
}

/** The same, of which the process was killed on the spot. */
export async function killedCommand(troupe: Binary): Promise<LiveRun> {
  const live = await liveCommand(troupe)
  live.run.child.kill('SIGKILL')
  await live.run.ended
  return live
}

/** Everything that a request to the model holds, as one text. */
export function askedIn({ server }: LiveRun, at = -1): string {
  return JSON.stringify(server.requests.at(at)?.body.messages)
}
