import { createRuntime, defineAgent, type Model } from 'troupe'
import { z } from 'zod'

/** Finds what is left to do in a workspace. Reads only, and answers with data. */
export const scout = defineAgent({
  name: 'scout',
  instructions: 'Search the workspace for notes of unfinished work. Give file and line for each.',
  tools: ['list_files', 'search_files', 'read_file'],
  boundary: { readOnly: true },
})

const findings = z.object({ found: z.array(z.object({ path: z.string(), line: z.number() })) })

/** Runs the scout, shows what it does, and prints what it found. */
export async function scoutIn(workspace: string, model: Model, print: (line: string) => void): Promise<void> {
  const runtime = await createRuntime({ workspace, model, agents: [scout] })
  try {
    const task = await runtime.start({
      agent: 'scout',
      message: 'What is unfinished here?',
      output: findings,
    })
    for await (const event of task.events()) {
      if (event.type === 'model.replied') print(`turn ${event.turn}: ${event.reply.text}`)
      if (event.type === 'call.ended') print(`  ${event.callId} ${event.result.kind}`)
    }
    const result = await task.result()
    if (result.status !== 'completed') return print(`${result.status}: ${result.reason.message}`)
    for (const { path, line } of result.data.found) print(`${path}:${line}`)
  } finally {
    await runtime.close()
  }
}
