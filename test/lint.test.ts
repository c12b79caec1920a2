/** The linter is set up so that it sees types: what it must catch is planted, and it must be caught. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const work = 'const work = (): Promise<number> => Promise.resolve(1)\n'

const PLANTS = [
  ['no-floating-promises', `${work}work()\n`],
  ['no-misused-promises', `${work}export const found = [1].filter(() => work())\n`],
  ['await-thenable', 'export const x = await 1\n'],
  ['no-explicit-any', 'export const x: any = 1\n'],
  ['no-unsafe-assignment', "export const x: number = JSON.parse('1')\n"],
  ['no-unsafe-member-access', "console.log(JSON.parse('1').x)\n"],
  ['ban-ts-comment', "// @ts-ignore\nexport const x: number = 'x'\n"],
  [
    'switch-exhaustiveness-check',
    "export const f = (x: 'a' | 'b') => { switch (x) { case 'a': return 1 } return 2 }\n",
  ],
  ['no-unused-vars', 'const unused = 1\nexport {}\n'],
  ['eqeqeq', 'export const f = (x: unknown) => x == 1\n'],
  ['no-cycle', "import { b } from './no-cycle-too.ts'\nexport const a = () => b\n"],
  ['no-default-export', 'export default 1\n'],
] as const

let folder: string
let heard: readonly { readonly code: string; readonly filename: string }[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-lint-'))
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [rule, text] of PLANTS) await writeFile(join(folder, `${rule}.ts`), text)
  await writeFile(
    join(folder, 'no-cycle-too.ts'),
    "import { a } from './no-cycle.ts'\nexport const b = () => a\n",
  )
  await writeFile(join(folder, 'clean.ts'), `${work}export const x = await work()\n`)
  await writeFile(
    join(folder, 'tsconfig.json'),
    tsconfig(await import('../tsconfig.json', { with: { type: 'json' } })),
  )

  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const options = ['--type-aware', '--deny-warnings', '--format=json', '.']
  const { stdout } = await promisify(execFile)(oxlint, options, { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  )
  heard = (JSON.parse(stdout) as { diagnostics: typeof heard }).diagnostics
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the linter', () => {
  it.each(PLANTS.map(([rule]) => rule))('catches a planted violation of %s', (rule) => {
    const rules = heard.filter(({ filename }) => filename.includes(`${rule}.ts`)).map(({ code }) => code)
    expect(rules).toContainEqual(expect.stringContaining(`(${rule})`))
  })

  it('has nothing to say about clean code', () => {
    expect(heard.filter(({ filename }) => filename.includes('clean.ts'))).toEqual([])
  })
})

function tsconfig({ default: config }: { readonly default: object }): string {
  return JSON.stringify({ ...config, include: ['*.ts'] })
}
