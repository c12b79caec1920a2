/** Lives one after the other on one workspace, each killed at a point, until one comes to the end. */
import { rmSync } from 'node:fs'
import type { Killed, LifePlan } from '../world/plan.ts'
import { problemsOf } from './claims.ts'
import { freshWorld, live, notesAs } from './lives.ts'
import { type Record, recordOf } from './record.ts'

/** A chain that does not come to an end by then goes round in circles. */
const LIVES_MAX = 60

export interface ChainPlan extends Pick<LifePlan, 'cap' | 'background'> {
  readonly script: string
  /** Where lives die, each at the first that it comes to and that none has died at before. */
  readonly kills: readonly string[]
  /** Kills each life from outside. */
  readonly shoot?: (life: number, shoot: () => void) => void
  /** Called between two lives. */
  readonly between?: (directory: string, point: string) => Promise<void>
  /** What is to hold besides, once it is over. */
  readonly claim?: (record: Record) => readonly string[]
}

export interface Chain {
  readonly lives: number
  /** Where they died. */
  readonly died: readonly string[]
  /** Each with the directory, which is kept then. */
  readonly problems: readonly string[]
}

export const PLAN = { cap: 1, background: false } as const

export async function runChain(plan: ChainPlan): Promise<Chain> {
  const directory = freshWorld()
  const died: string[] = []
  try {
    for (let life = 1; life <= LIVES_MAX; life += 1) {
      const kills = plan.kills.filter((point) => !died.includes(point))
      const { cap, background, shoot } = plan
      const lifePlan = { directory, life, kills, cap, background }
      const death = await live(
        plan.script,
        lifePlan,
        shoot && ((signal) => shoot(life, () => signal('SIGKILL'))),
      )
      if (death.kind === 'ended') return await over(directory, plan, died)
      const point = pointOf(directory, life)
      died.push(point)
      await plan.between?.(directory, point)
    }
    return { lives: LIVES_MAX, died, problems: [`${directory}: no end after ${LIVES_MAX} lives`] }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { lives: died.length + 1, died, problems: [`${directory}: after ${died.join(', ')}: ${why}`] }
  }
}

async function over(directory: string, { cap, claim }: ChainPlan, died: readonly string[]): Promise<Chain> {
  const record = await recordOf(directory)
  const found = [...problemsOf(record, cap), ...(claim?.(record) ?? [])]
  if (found.length === 0) rmSync(directory, { recursive: true, force: true })
  const problems = found.map((problem) => `${directory}: after [${died.join(', ')}]: ${problem}`)
  return { lives: died.length + 1, died, problems }
}

function pointOf(directory: string, life: number): string {
  const killed = notesAs<Killed>(directory, 'killed').findLast((it) => it.life === life)
  return killed?.point ?? 'from outside'
}

/** So many at once: on two cores, one waits for its disk while another works. */
const SIDE_BY_SIDE = 3

export async function runAll<T>(plans: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = []
  const left = [...plans]
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) results.push(await next())
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  return results
}
