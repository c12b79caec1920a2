import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { PUBLIC_NAMES } from './names.ts'

const root = new URL('../..', import.meta.url).pathname
const entries = Object.keys(PUBLIC_NAMES)

const config = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path))
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
const program = ts.createProgram(
  entries.map((entry) => root + entry),
  options,
)

describe('the public names, types included, are the ones that were promised', () => {
  it.each(entries)('%s', (entry) => {
    expect(namesOf(entry)).toEqual(PUBLIC_NAMES[entry]?.toSorted())
  })
})

function namesOf(entry: string): readonly string[] {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(root + entry)
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) throw new Error(`${entry} exports nothing, or is not there.`)
  return checker
    .getExportsOfModule(module)
    .map(({ name }) => name)
    .toSorted()
}
