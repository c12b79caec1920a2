/**
 * Breaks the code on purpose, one patch of test/mutations/ at a time, and expects the named test to go red.
 * `npm run mutate -- slot lease` takes only the patches with one of these words in their name.
 * Ends with 1 when a mutation survives, a patch does not apply, or its test is red already.
 *
 * A patch begins with a header, which `git apply` skips:
 *
 *   Breaks: what no longer holds, quoting the law
 *   Test: test/errors.test.ts
 *   Red: part of the name of a test that must fail (optional)
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { run } from './shell.mjs'

const AT_ONCE = 2
const APPLY_MS = 10_000
const TEST_MS = 240_000
const FOLDER = 'test/mutations'
const NOT_COPIED = ['node_modules', '.git', 'dist', 'coverage', '.tmp', '.troupe']

const words = process.argv.slice(2)
const mutations = readdirSync(FOLDER)
  .filter(
    (name) => name.endsWith('.patch') && (words.length === 0 || words.some((word) => name.includes(word))),
  )
  .toSorted()
  .map(readMutation)
if (mutations.length === 0) {
  console.error(`No patch in ${FOLDER} is called like that.`)
  process.exit(2)
}

const scratch = mkdtempSync(join(tmpdir(), 'troupe-mutate-'))
const original = join(scratch, 'original')
copyTree(process.cwd(), original)
const trees = Array.from({ length: AT_ONCE }, (_, i) => join(scratch, `tree-${i}`))
for (const tree of trees) copyTree(original, tree)

try {
  const tests = [...new Set(mutations.flatMap(({ tests }) => tests))]
  const before = new Map(await inTurns(tests, async (test, tree) => [test, await tried(tree, [test])]))
  const results = await inTurns(mutations, (mutation, tree) => attempt(mutation, tree, before))
  report(results)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function readMutation(file) {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  const header = text.slice(0, Math.max(0, text.search(/^(diff --git|--- )/m)))
  const line = (word) => new RegExp(`^${word}: *(.+)$`, 'm').exec(header)?.[1]?.trim()
  return {
    name: basename(file, '.patch'),
    patch: join(process.cwd(), FOLDER, file),
    breaks: line('Breaks') ?? '',
    tests: (line('Test') ?? '').split(/[ ,]+/).filter(Boolean),
    red: line('Red') ?? null,
    touched: [...text.matchAll(/^(?:---|\+\+\+) [ab]\/(\S+)/gm)].map(([, path]) => path),
  }
}

async function attempt(mutation, tree, before) {
  const { name, patch, breaks, tests, red, touched } = mutation
  const ended = (verdict, note = '') => ({ name, breaks, verdict, note })
  if (breaks === '' || tests.length === 0) return ended('no header', 'it needs "Breaks:" and "Test:"')
  const already = tests.filter((test) => before.get(test).verdict !== 'green')
  if (already.length > 0) return ended('red before', `${already[0]}: ${before.get(already[0]).note}`)

  const applied = await run('git', ['apply', '--whitespace=nowarn', patch], {
    cwd: tree,
    timeoutMs: APPLY_MS,
    quiet: true,
  })
  if (applied.code !== 0) return ended('does not apply', applied.output.trim().split('\n')[0])
  try {
    const { verdict, note, failures } = await tried(tree, tests)
    if (verdict === 'green') return ended('SURVIVED', tests.join(' '))
    if (verdict !== 'red') return ended(verdict, note)
    const wanted = red === null || failures.some((title) => title.includes(red))
    return wanted
      ? ended('caught', failures[0])
      : ended('wrong test', `"${red}" stayed green; red: ${failures[0]}`)
  } finally {
    for (const path of touched) {
      rmSync(join(tree, path), { force: true })
      cpSync(join(original, path), join(tree, path), { force: true, recursive: true, errorOnExist: false })
    }
  }
}

/** Runs tests and says `green`, `red` (a test failed), or what kept them from being run at all. */
async function tried(tree, tests) {
  const vitest = [join(tree, 'node_modules/vitest/vitest.mjs'), 'run', ...tests, '--reporter=json']
  const file = join(tree, 'mutation.json')
  rmSync(file, { force: true })
  const env = { CI: 'true', NO_COLOR: '1' }
  const ended = await run('node', [...vitest, `--outputFile=${file}`], {
    cwd: tree,
    timeoutMs: TEST_MS,
    quiet: true,
    env,
  })
  if (ended.isLate) return { verdict: 'did not end', note: `after ${TEST_MS / 1000} s`, failures: [] }
  const report = readReport(file)
  const failures = (report?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName)
  if (failures.length > 0) return { verdict: 'red', note: failures[0], failures }
  if (ended.code === 0 && report?.numPassedTests > 0) return { verdict: 'green', note: '', failures }
  const message = report?.testResults?.find(({ status }) => status === 'failed')?.message ?? ended.output
  return { verdict: 'did not run', note: message.trim().split('\n')[0]?.slice(0, 120) ?? '', failures }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** Each tree takes the next piece of work when it is done with the last; results keep the order of work. */
async function inTurns(work, each) {
  const left = work.map((item, i) => ({ item, i }))
  const results = []
  await Promise.all(
    trees.map(async (tree) => {
      for (let next = left.shift(); next; next = left.shift()) results[next.i] = await each(next.item, tree)
    }),
  )
  return results
}

function report(results) {
  const width = Math.max(...results.map(({ name }) => name.length))
  for (const { name, verdict, breaks, note } of results) {
    console.log(`${verdict.padEnd(14)} ${name.padEnd(width)}  ${breaks}`)
    if (verdict !== 'caught') console.log(`${' '.repeat(15 + width)}  → ${note}`)
  }
  const caught = results.filter(({ verdict }) => verdict === 'caught').length
  console.log(`\n${caught} caught, ${results.length - caught} not`)
  process.exitCode = caught === results.length ? 0 : 1
}

function copyTree(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !NOT_COPIED.some((name) => path === join(from, name)),
  })
  symlinkSync(join(process.cwd(), 'node_modules'), join(to, 'node_modules'))
}
