import { defineTool, type Tool } from 'troupe'
import { z } from 'zod'

/** Your platform, as far as the tool needs it. */
export interface Deployments {
  /** Contract: the same key deploys once, however often it is sent. */
  deploy(service: string, key: string, signal: AbortSignal): Promise<string>
  /** The deployment that was made with this key, or `null`. */
  find(key: string): Promise<string | null>
}

/** Changes the world: asked for, run once, and never repeated blindly. */
export function deployTool(platform: Deployments): Tool {
  return defineTool({
    name: 'deploy',
    description: 'Deploys one service to staging. The answer is the number of the deployment.',
    input: z.strictObject({ service: z.string().regex(/^[a-z-]{1,40}$/, 'a name such as "shop"') }),
    // What is left unsaid has this class, too.
    effect: 'non_idempotent',
    // No file and no command. It is no pure tool, so it is still asked for.
    access: () => ({ reads: [], writes: [], command: null }),
    timeoutMs: 60_000,
    async execute({ service }, { idempotencyKey, signal, progress }) {
      progress(`Deploying ${service}…`)
      return platform.deploy(service, idempotencyKey, signal)
    },
    // After a crash nobody knows whether it happened. This tool can look.
    async reconcile({ service }, { idempotencyKey }) {
      const found = await platform.find(idempotencyKey)
      if (found) return { kind: 'ok', output: found }
      return { kind: 'failed', code: 'tool/not-done', message: `${service} was not deployed. Call it again.` }
    },
  })
}

/** Changes nothing: runs without being asked for, beside others, and again after a crash. */
export function stockTool(stock: Readonly<Record<string, number>>): Tool {
  return defineTool({
    name: 'stock',
    description: 'Says how many of an article are in stock.',
    input: z.strictObject({ article: z.string().describe('Its name, such as "lamp".') }),
    effect: 'pure',
    access: () => ({ reads: [], writes: [], command: null }),
    execute({ article }) {
      const count = stock[article]
      // What is thrown comes back to the model as a failed result, in these words.
      if (count === undefined)
        throw new Error(`There is no "${article}". There are: ${Object.keys(stock).join(', ')}.`)
      return { article, count }
    },
  })
}

/** A platform in memory, to try it with. */
export function deploymentsInMemory(): Deployments & { readonly made: ReadonlyMap<string, string> } {
  const made = new Map<string, string>()
  return {
    made,
    async deploy(service, key) {
      const name = made.get(key) ?? `${service}-${made.size + 1}`
      made.set(key, name)
      return name
    },
    find: async (key) => made.get(key) ?? null,
  }
}
