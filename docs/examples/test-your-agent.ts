import assert from 'node:assert/strict'
import { createRuntime } from 'troupe'
import { complete, fails, scriptedModel, use } from 'troupe/testing'
import { shipper } from './shipper.ts'
import { deploymentsInMemory, deployTool } from './write-a-tool.ts'

/** The model is a script; the runtime, the tool, the boundary and the question to a person are real. */
export async function testsOfShipper(workspace: string): Promise<void> {
  const model = scriptedModel({
    shipper: [
      use('deploy', { service: 'Shop!' }),
      fails('model/unavailable', { times: 1, retryAfterMs: 1, then: use('deploy', { service: 'shop' }) }),
      complete('The shop is on staging.'),
    ],
  })
  const platform = deploymentsInMemory()
  const asked: unknown[] = []
  const runtime = await createRuntime({
    workspace,
    settings: false,
    model,
    agents: [shipper],
    tools: [deployTool(platform)],
    human: {
      async approve({ call }) {
        asked.push(call.input)
        return { allow: true }
      },
    },
  })
  try {
    const result = await runtime.run({ agent: 'shipper', message: 'Deploy the shop.' })
    assert.equal(result.status, 'completed')
    assert.equal(result.turns, 3)
    assert.deepEqual([...platform.made.values()], ['shop-1'])
    // The call that could not be read was never shown to a person: the model was told what is wrong with it.
    assert.deepEqual(asked, [{ service: 'shop' }])
    const told = model.requests[1]?.lines.at(-1)
    assert.ok(told?.role === 'tool' && told.result.kind === 'failed')
    assert.equal(told.result.code, 'tool/bad-input')
    model.assertAllSpoken()
  } finally {
    await runtime.close()
  }
}
