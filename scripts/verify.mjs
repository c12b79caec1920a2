/**
 * Everything that must hold before a release, in one run: `npm run verify`. Goes on after a step that failed,
 * and ends with one line, `N passed, N failed`: tests, plus each other step that failed.
 * `--also-node 22,24` builds and runs the unit tests on these versions of Node, too.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './shell.mjs'

const MINUTE_MS = 60_000
const VITEST = 'node_modules/vitest/vitest.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'troupe-verify-'))
const ended = []

const script = (name, minutes = 2) => ({ name, argv: ['npm', 'run', '--silent', name], minutes })
const tests = (name, node, projects, minutes) => {
  const report = join(scratch, `${name.replaceAll(' ', '-')}.json`)
  const chosen = projects.flatMap((project) => ['--project', project])
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return { name, argv: [...node, VITEST, 'run', ...chosen, ...reporters], minutes, report }
}

const steps = [
  script('format'),
  script('lint'),
  script('types'),
  script('build'),
  tests('tests', ['node'], ['unit', 'faults', 'scale'], 25),
  tests('fuzz', ['node'], ['fuzz'], 30),
  script('unused'),
  script('publint'),
  script('attw'),
  script('size'),
  tests('package', ['node'], ['package'], 10),
  ...otherNodes().flatMap((version) => {
    const node = ['npx', '-y', '-p', `node@${version}`, 'node']
    return [
      {
        name: `build on Node ${version}`,
        argv: [...node, 'node_modules/tsup/dist/cli-default.js'],
        minutes: 5,
      },
      tests(`tests on Node ${version}`, node, ['unit'], 20),
    ]
  }),
]

for (const step of steps) {
  console.log(`\n── ${step.name}`)
  const startedAt = Date.now()
  const [program, ...parameters] = step.argv
  const { code, isLate } = await run(program, parameters, {
    timeoutMs: step.minutes * MINUTE_MS,
    env: { CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  const note = isLate ? `ended after ${step.minutes} minutes` : `exit code ${code}`
  ended.push({ ...step, code, note, seconds: (Date.now() - startedAt) / 1000, counts: countsOf(step, code) })
}

console.log('\n')
for (const { name, code, note, seconds } of ended) {
  console.log(
    `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s${code === 0 ? '' : `, ${note}`})`,
  )
}
const passed = ended.reduce((sum, { counts }) => sum + counts.passed, 0)
const failed = ended.reduce((sum, { counts }) => sum + counts.failed, 0)
console.log(`\n${passed} passed, ${failed} failed`)
rmSync(scratch, { recursive: true, force: true })
process.exitCode = ended.every(({ code }) => code === 0) && failed === 0 && passed > 0 ? 0 : 1

/** A step that failed counts also where no single test did: a file did not load, the run was late. */
function countsOf({ report }, code) {
  const atLeast = code === 0 ? 0 : 1
  if (!report) return { passed: 0, failed: atLeast }
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed: numPassedTests, failed: Math.max(numFailedTests, atLeast) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

function otherNodes() {
  const at = process.argv.indexOf('--also-node')
  return at < 0 ? [] : (process.argv[at + 1] ?? '').split(',').filter(Boolean)
}
