import { createRuntime, defineAgent, defineTool } from 'troupe'
import { z } from 'zod'

const deploy = defineTool({
  name: 'deploy',
  description: 'Deploys one service to staging.',
  input: z.strictObject({ service: z.string() }),
  execute: ({ service }, { idempotencyKey }) => `Deployed ${service}, order ${idempotencyKey}.`,
})
const agent = defineAgent({ name: 'shipper', instructions: 'You deploy what is named.', tools: ['deploy'] })
const runtime = await createRuntime({
  agents: [agent],
  tools: [deploy],
  human: { approve: async ({ call }) => ({ allow: call.tool === 'deploy' }) },
})
const output = z.object({ deployed: z.array(z.string()) })
const result = await runtime.run({ agent: 'shipper', message: 'Deploy the shop.', output })
if (result.status === 'completed') console.log(result.result, result.data.deployed)
else console.error(result.status, result.reason.message)
await runtime.close()
