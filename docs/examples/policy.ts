import { createRuntime, defineAgent, type Model, type Runtime } from 'troupe'

/** Reads all of `src`, writes its tests, and runs them. Whatever it is asked to do, it goes no further. */
export const tester = defineAgent({
  name: 'tester',
  instructions: 'You write tests for what you are shown, and run them until they pass.',
  boundary: {
    filePatterns: ['src/**', 'test/**', 'package.json'],
    writePatterns: ['test/**'],
    commandPatterns: ['npm test*'],
  },
})

/** What the user allows, asks and denies, beside every boundary. The strictest wins. */
export function openCarefully(workspace: string, model: Model): Promise<Runtime> {
  return createRuntime({
    workspace,
    model,
    agents: [tester],
    policy: { mode: 'acceptEdits', deny: [] },
    human: {
      // `call` holds every byte of what would be done; `why` says which rule asks.
      async approve({ call, why }, signal) {
        if (signal.aborted) return { allow: false }
        const allow = call.tool === 'execute_command'
        return { allow, note: `Answered by a rule of this host, which was asked because: ${why}` }
      },
      async ask({ options }) {
        return options[0] ?? null
      },
    },
  })
}
