/**
 * A model's server as a process of its own: prints its URL, answers as many turns as it is told with one call
 * of a tool, then a final text. Ends on SIGTERM, or when whoever started it closes its input.
 *
 *   --turns 3 --tool list_files --input '{"path":"."}' --text 'Done.'
 */
import { parseArgs } from 'node:util'
import { openaiServer } from './openai-server.ts'

const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '2' },
    tool: { type: 'string', default: 'list_files' },
    input: { type: 'string', default: '{"path":"."}' },
    text: { type: 'string', default: 'Done.' },
  },
})

const usage = { input: 100, output: 10 }
const server = await openaiServer(({ messages }) => {
  // By what the request holds, so that a task that goes on after a crash goes on where it was.
  const saidBefore = messages.filter(({ role }) => role === 'assistant').length
  if (saidBefore >= Number(values.turns)) return { text: values.text, usage }
  return { text: `Turn ${saidBefore + 1}.`, calls: [{ name: values.tool, arguments: values.input }], usage }
})

process.stdout.write(`${server.url}\n`)
process.once('SIGTERM', end)
process.stdin.once('end', end).resume()

function end(): void {
  // An input that is still listened to would keep the process alive.
  process.stdin.destroy()
  void server.close()
}
