/**
 * The long version: every point alone, pairs of points drawn by chance, and kills from outside at any
 * instant. `npm run crash -- 300 7` draws 300 pairs and 300 times kills from outside, for each way of
 * working, from the seed 7.
 */
import { alone, KINDS, pairs, shots, wayOf } from './driver/by-chance.ts'
import { type Chain, runAll } from './driver/chains.ts'
import { bundle, removeBundle } from './driver/lives.ts'
import { fractionsFrom } from './driver/seeded.ts'

const COUNT = 300

const [count = String(COUNT), seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
const fraction = fractionsFrom(Number(seed))
const script = await bundle('long')
const total = { chains: 0, lives: 0, killed: 0, problems: 0 }
console.log(`seed ${seed}`)

async function report(what: string, plans: readonly (() => Promise<Chain>)[]): Promise<void> {
  const chains = await runAll(plans)
  const problems = chains.flatMap((chain) => chain.problems)
  const lives = chains.reduce((sum, chain) => sum + chain.lives, 0)
  const killed = chains.reduce((sum, { died }) => sum + died.length, 0)
  total.chains += chains.length
  total.lives += lives
  total.killed += killed
  total.problems += problems.length
  console.log(
    `${what}: ${chains.length} chains, ${lives} lives, ${killed} killed, ${problems.length} problems`,
  )
  for (const problem of problems) console.log(`  ${problem}`)
}

try {
  for (const [name, kind] of Object.entries(KINDS)) {
    const way = await wayOf(script, name, kind)
    await report(`${name}, every point alone`, alone(way))
    await report(`${name}, pairs`, pairs(way, Number(count), fraction))
    await report(`${name}, killed from outside`, shots(way, Number(count), fraction))
  }
} finally {
  removeBundle(script)
}
const { chains, lives, killed, problems } = total
console.log(`${chains} chains, ${lives} lives, ${killed} killed, ${problems} problems`)
process.exitCode = problems === 0 ? 0 : 1
