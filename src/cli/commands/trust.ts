import { grantTrust, type Trust, trustOf, userDirectory } from '../../hosts/trust.ts'
import { UsageError } from '../../errors.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printError, printResult } from '../output.ts'
import { safeLine } from '../safe-text.ts'
import { workspaceOf } from '../workspace-flag.ts'
import { createKeyboard } from '../terminal/keyboard.ts'
import { textRows } from '../terminal/request-rows.ts'
import { looksOf, painted, type Row, span } from '../terminal/style.ts'
import { wrapped } from '../terminal/width.ts'

const COLUMNS_DEFAULT = 80

/** Only a person at a terminal can trust: a tool that runs this has none, and `--yes` gives it none. */
export async function trustCommand(given: Arguments): Promise<number> {
  const workspace = await workspaceOf(given)
  const home = userDirectory(process.env)
  const trust = await trustOf(workspace, home, { tools: [...BUILTIN_TOOLS] })
  const { files, isTrusted } = trust
  const isAsked = process.stdin.isTTY && process.stderr.isTTY
  if (given.has('yes') && !isAsked) {
    throw new UsageError('--yes works only in a terminal: that a folder is trusted is for a person to say.')
  }

  const isEmpty = files.settings === null && files.agents.length === 0
  if (isEmpty) return said('There is nothing here that needs to be trusted.', EXIT.done)
  print(whatIsThere(trust))
  if (isTrusted) return said('This folder is trusted, as it stands.', EXIT.done)
  if (!isAsked) return said('Not trusted. Run troupe trust in a terminal to decide.', EXIT.failed)
  if (!given.has('yes') && !(await isAgreed())) return said('Not trusted; nothing was changed.', EXIT.failed)
  await grantTrust(trust, home)
  return said('Trusted, until one of these files changes.', EXIT.done)
}

function said(text: string, code: number): number {
  printError(text)
  return code
}

function whatIsThere({ files, ignored, why }: Trust): readonly Row[] {
  const columns = columnsOf()
  const shown = [
    ...(files.settings === null ? [] : [{ path: '.troupe/settings.json', text: files.settings }]),
    ...files.agents,
  ]
  const counts = why === 'changed' ? 'It was trusted before, and has changed since.' : ''
  return [
    [span(safeLine(files.root), 'strong')],
    ...(counts === '' ? [] : [[span(counts, 'caution')]]),
    [],
    ...shown.flatMap(({ path, text }) => [...textRows(path, text, columns), []]),
    ...(ignored.length > 0 ? [[span('Ignored as long as it is not trusted', 'caution')]] : []),
    ...ignored.flatMap((item) =>
      wrapped(safeLine(item), columns - 4).map(
        (line, at): Row => [span(at === 0 ? '  ! ' : '    ', 'caution'), span(line)],
      ),
    ),
  ]
}

async function isAgreed(): Promise<boolean> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  const keyboard = createKeyboard({
    input: process.stdin,
    output: process.stderr,
    interrupt: stop,
    leave() {},
    comeBack() {},
  })
  try {
    process.stderr.write('\nTrust exactly this?  y yes · any other key no ')
    const key = await keyboard.key(() => true, controller.signal)
    process.stderr.write('\n')
    return key === 'y'
  } finally {
    keyboard.close()
  }
}

function print(rows: readonly Row[]): void {
  const { isColoured } = looksOf(process.stdout.isTTY, process.env)
  printResult(rows.map((row) => `${painted(row, isColoured)}\n`).join(''))
}

function columnsOf(): number {
  return (process.stdout.columns || COLUMNS_DEFAULT) - 1
}
