/**
 * A process that runs one command, says on a line what it is told of it, and dies when it is killed.
 * `hold`: that the command begins is never kept.
 */
import { nodeProcesses } from '../../../src/hosts/node-processes.ts'

const [line = '', cwd = '.', mode = 'keep'] = process.argv.slice(2)
await nodeProcesses().run(
  { line, cwd, timeoutMs: 600_000, keepBytes: 1000 },
  {
    signal: new AbortController().signal,
    progress: () => {},
    began: async (mark) => {
      console.log(JSON.stringify(mark))
      if (mode === 'hold') await new Promise(() => setInterval(() => {}, 1000))
    },
  },
)
