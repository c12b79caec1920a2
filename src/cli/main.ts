#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { RuntimeError, UsageError } from '../errors.ts'
import { suggestion } from '../protocol/nearest.ts'
import { type Arguments, readArguments } from './arguments.ts'
import { COMMANDS } from './command-table.ts'
import { EXIT } from './exit-codes.ts'
import { alsoInJson } from './failure-in-json.ts'
import { helpOf, helpText } from './help.ts'
import { flushed, printError, printResult, surviveBrokenPipes } from './output.ts'

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-V') return printed(`${await ownVersion()}\n`)
  if (name === '--help' || name === '-h') return printed(helpText())
  if (name === undefined) {
    printError(helpText().trimEnd())
    return EXIT.usage
  }
  const command = COMMANDS.find((it) => it.name === name)
  if (!command) throw unknownCommand(name)
  const given = readArguments(rest, command.flags, `troupe ${command.name}`)
  if (given.has('help')) return printed(helpOf(command))
  if (command.isForPeople?.(given)) await refuseTasks(command.name, given)
  const run = await command.load()
  return alsoInJson(given, () => run(given))
}

/** L13: a model can't reach its own controls, by whatever way it came to type a command. */
async function refuseTasks(command: string, given: Arguments): Promise<void> {
  const { refuseFromWithinATask } = await import('./not-from-a-task.ts')
  const { STATE_PATH } = await import('../hosts/keeping/default-store.ts')
  const state = resolve(given.value('workspace') ?? '.', STATE_PATH)
  refuseFromWithinATask(command, { environment: process.env, state })
}

function unknownCommand(name: string): UsageError {
  const names = COMMANDS.map((it) => it.name)
  const what = name.startsWith('-') ? 'flag' : 'command'
  const known = what === 'flag' ? ['--help', '--version'] : names
  return new UsageError(
    `There is no ${what} "${name}".${suggestion(name, known)} There are: ${known.join(', ')}.`,
  )
}

function printed(text: string): number {
  printResult(text)
  return EXIT.done
}

/** The package's own version. Its `package.json` lies two directories up from what runs, built or not. */
async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}

function failed(error: unknown): number {
  if (UsageError.is(error)) {
    printError(`troupe: ${error.message}`)
    return EXIT.usage
  }
  if (RuntimeError.is(error)) printError(`troupe: ${error.message} (${error.code})`)
  else printError(`troupe broke; this is a bug. ${error instanceof Error ? error.stack : String(error)}`)
  return EXIT.failed
}

surviveBrokenPipes()
process.once('uncaughtException', (error) => process.exit(failed(error)))
const code = await main(process.argv.slice(2)).catch(failed)
await flushed()
// What was left behind must not keep the process, and nothing is under way that anybody waits for.
process.exit(code)
