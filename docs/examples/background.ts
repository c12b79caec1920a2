import { createRuntime, defineAgent, type Hooks } from 'troupe'
import { complete, scriptedModel, use, uses } from 'troupe/testing'

/** Reads, and reports. It has nobody work for it. */
export const reader = defineAgent({
  name: 'reader',
  instructions: 'Read what you are shown, and say in a sentence what it does.',
  tools: ['list_files', 'read_file'],
  spawns: [],
  timeoutMs: 60_000,
})

/** Gives parts of its work to readers, and to nobody else. */
export const editor = defineAgent({
  name: 'editor',
  instructions: 'Have each part read by a reader, then say what the whole does.',
  spawns: ['reader'],
})

/** Tells of every start, stop and wait, and sends whoever reports nothing back to work. */
function narrator(print: (line: string) => void): Hooks {
  return {
    SubagentStart: ({ title, runId }) => print(`${title}: run ${runId} starts`),
    SubagentStop({ title, reason, result }) {
      print(`${title}: stops, ${reason}`)
      if (reason === 'completed' && result === 'Done.') return { sendBack: 'Say what it does.' }
      return undefined
    },
    TaskQueued: ({ title, ahead }) => print(`${title}: queued, ${ahead} before it`),
    TaskPaused: ({ title, by }) => print(`${title}: paused by ${by.join(', ')}`),
    TaskResumed: ({ title }) => print(`${title}: goes on`),
  }
}

/** Two tasks and one slot, in the hands of a host. */
export async function steer(workspace: string, print: (line: string) => void): Promise<void> {
  let answer = () => {}
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  const runtime = await createRuntime({
    workspace,
    settings: false,
    model: scriptedModel({
      // Its first reply lets itself be waited for.
      parser: [() => asked.then(() => use('list_files')), complete('It parses.')],
      tests: [complete('They test the parser.')],
    }),
    agents: [
      { ...reader, name: 'parser' },
      { ...reader, name: 'tests' },
    ],
    concurrency: { background: 1 },
    hooks: narrator(print),
  })
  try {
    const first = await runtime.start({ agent: 'parser', message: 'Read the parser', background: true })
    const second = await runtime.start({ agent: 'tests', message: 'Read the tests', background: true })
    print(`the first ${first.status}, the second ${second.status}`)

    // What is under way ends and is kept. Only then is the slot free, and goes to the next.
    await first.pause({ by: 'night-shift' })
    answer()
    const { status, result } = await second.result()
    print(`the second ${status}: ${result}`)

    await first.resume({ by: 'night-shift', message: 'One sentence will do.' })
    print(`the first: ${(await first.result()).result}`)
  } finally {
    await runtime.close()
  }
}

/** A task whose model has others work for it, beside it. */
export async function delegate(workspace: string, print: (line: string) => void): Promise<void> {
  const read = (what: string) => ({
    tool: 'new_task',
    input: { agent: 'reader', title: what, message: `Read ${what}.`, background: true },
  })
  const model = scriptedModel({
    editor: [
      uses([read('the parser'), read('the tests')]),
      use('wait_for_tasks', { until: 'all' }),
      complete('It parses, and the tests say so.'),
    ],
    reader: [complete('Done.'), complete('It does what it should.')],
  })
  const runtime = await createRuntime({
    workspace,
    settings: false,
    model,
    agents: [editor, reader],
    concurrency: { background: 1 },
    hooks: narrator(print),
  })
  try {
    const result = await runtime.run({ agent: 'editor', message: 'What is this?' })
    print(`${result.status}: ${result.result}`)
    // The result of `wait_for_tasks` holds both reports; nothing else told the model of them.
    print(JSON.stringify(model.requests.at(-1)?.lines.at(-1)))
  } finally {
    await runtime.close()
  }
}
