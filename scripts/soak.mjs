/**
 * Runs the tests of what is concurrent many times over, two at once, and says whether one of them ever
 * failed: `npm run soak -- 200`. What fails is printed whole.
 */
import { run } from './shell.mjs'

const RUN_MS = 5 * 60_000
const SIDE_BY_SIDE = 2
const CONCURRENT = [
  'test/runtime',
  'test/background',
  'test/supervisor',
  'test/hosts/node-processes.test.ts',
  'test/models/openai.test.ts',
]

const wanted = Number(process.argv[2] ?? 200)
let started = 0
let failed = 0

async function worker() {
  while (started < wanted) {
    started += 1
    const mine = started
    const argv = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'unit',
      '--reporter=dot',
      ...CONCURRENT,
    ]
    const { code, output } = await run(process.execPath, argv, { timeoutMs: RUN_MS, quiet: true })
    if (code === 0) continue
    failed += 1
    console.log(`run ${mine} failed:\n${output}`)
  }
}

await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
console.log(`${wanted - failed} of ${wanted} runs without a failure.`)
process.exitCode = failed === 0 ? 0 : 1
