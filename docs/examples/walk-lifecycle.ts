import { createRuntime } from 'troupe'
import { complete, type LifecycleReport, scriptedModel, use, walkLifecycle } from 'troupe/testing'
import { shipper } from './shipper.ts'
import { deploymentsInMemory, deployTool } from './write-a-tool.ts'

/** Every way a task of yours can go: paused, resumed, cancelled, out of time, at every fact and in pairs. */
export async function walkShipper(workspace: string): Promise<LifecycleReport> {
  const script = { shipper: [use('deploy', { service: 'shop' }), complete('The shop is on staging.')] }
  return walkLifecycle({
    open: ({ store, clock, human }) =>
      createRuntime({
        workspace,
        settings: false,
        model: scriptedModel(script),
        agents: [shipper],
        tools: [deployTool(deploymentsInMemory())],
        // The walk decides what is written when, moves the clock, and says yes to every call.
        store,
        clock,
        human,
      }),
    request: { agent: 'shipper', message: 'Deploy the shop.', limits: { timeoutMs: 60_000 } },
  })
}
