/**
 * What Troupe costs, side by side with the floor (`floor.mjs`), in one run: `npm run bench`.
 *
 *   --quick           two pairs, small: shows that it works
 *   --all             also a thousand tasks at once
 *   --pairs 5         pairs of samples of each kind
 *   --write <file>    where the report goes; default docs/benchmarks.md, and with --quick nowhere
 *   --profile <file>  writes a CPU profile of Troupe's turns (--all: of the many tasks) and measures nothing
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'tsup'
import { measure, sampled, startServer } from './machine.mjs'
import { page, table } from './report.mjs'

const MINUTE_MS = 60_000
/** No pair is begun any later. */
const RUN_LIMIT_MS = 12 * MINUTE_MS
const PAIRS_MAX = 50
const SAMPLE_LIMIT_MS = 2 * MINUTE_MS

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    write: { type: 'string' },
    profile: { type: 'string' },
  },
})
const { quick, all, profile } = values
const pairCount = Number(values.pairs ?? (quick ? 2 : 5))
if (!(Number.isInteger(pairCount) && pairCount >= 1 && pairCount <= PAIRS_MAX)) {
  throw new Error(`--pairs is ${values.pairs}; it must be from 1 to ${PAIRS_MAX}.`)
}
const limits = { limitMs: SAMPLE_LIMIT_MS, quietMs: quick ? 0 : 3_000 }

const turns = quick ? { turns: 4, warm: 1, tasks: 2 } : { turns: 50, warm: 3, tasks: 5 }
const crowd = quick
  ? { turns: 2, width: 5, warm: 5, tasks: 20 }
  : { turns: 5, width: 50, warm: 50, tasks: 1_000 }
const kinds = [
  { name: 'turns, in one piece', job: { kind: 'turns', stream: false, ...turns } },
  { name: 'turns, streamed', job: { kind: 'turns', stream: true, ...turns } },
  {
    name: 'turns, durable',
    sides: ['troupe', 'durable'],
    job: { kind: 'turns', stream: false, ...turns },
  },
  ...(all
    ? [
        {
          name: 'durable, 50 tasks at once',
          sides: ['troupe', 'durable'],
          job: { kind: 'crowd', stream: false, latencyMs: 20, ...crowd },
        },
      ]
    : []),
  ...(all
    ? [{ name: 'many tasks at once', job: { kind: 'crowd', stream: false, latencyMs: 20, ...crowd } }]
    : []),
  { name: 'cold start', job: { kind: 'cold', stream: true } },
]

/** Built anew, so that `src` is what is measured; apart, so that nobody's `dist` is pulled away. */
async function built() {
  const directory = fileURLToPath(
    new URL(`../node_modules/.cache/troupe-bench-${process.pid}`, import.meta.url),
  )
  mkdirSync(directory, { recursive: true })
  const entry = { index: fileURLToPath(new URL('../src/index.ts', import.meta.url)) }
  await build({
    config: false,
    entry,
    outDir: directory,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    removeNodeProtocol: false,
    // Optional parts are no part of the bundle.
    external: ['@photostructure/sqlite', '@vscode/ripgrep'],
    silent: true,
  })
  return {
    bundle: pathToFileURL(`${directory}/index.js`).href,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Both sides of one kind, one right after the other; who begins takes turns. */
async function pairOf({ job, sides: both = ['floor', 'troupe'] }, index, { server, bundle }) {
  const sides = index % 2 === 0 ? both : both.toReversed()
  const pair = {}
  for (const side of sides) {
    pair[side] = await sampled(server, { ...job, side, bundle, baseURL: server.baseURL }, limits)
  }
  return pair
}

async function measureAll(world) {
  const end = performance.now() + RUN_LIMIT_MS
  const found = kinds.map((kind) => ({ ...kind, pairs: [] }))
  for (let index = 0; index < pairCount; index++) {
    for (const kind of found) {
      if (performance.now() > end) return found
      kind.pairs.push(await pairOf(kind, index, world))
      process.stderr.write(`${kind.name}: pair ${index + 1} of ${pairCount}\n`)
    }
  }
  return found
}

function version(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

const { bundle, remove } = await built()
const server = await startServer()
try {
  if (profile) {
    const wanted = all ? kinds.find(({ job }) => job.kind === 'crowd').job : { ...kinds[0].job, tasks: 20 }
    await server.tell({ latencyMs: wanted.latencyMs ?? 0 })
    const job = { ...wanted, side: 'troupe', bundle, baseURL: server.baseURL, profile }
    const { cpuMs } = await measure(job, limits)
    process.stdout.write(`${cpuMs.toFixed(3)} ms of CPU a turn; the profile is in ${profile}\n`)
  } else {
    const found = await measureAll({ server, bundle })
    process.stdout.write(`${table(found)}\n`)
    const versions = { node: process.versions.node, openai: version('openai'), xstate: version('xstate') }
    const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`
    const file =
      values.write ?? (quick ? null : fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)))
    if (file) writeFileSync(file, page({ found, versions, command, pairCount }))
  }
} finally {
  await server.stop()
  remove()
}
