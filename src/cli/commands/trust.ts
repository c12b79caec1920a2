import { UsageError } from '../../errors.ts'
import { revokeTrust, type Trust, userDirectory } from '../../hosts/trust.ts'
import { atTerminal, isTerminal } from '../acting/at-terminal.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printError, printResult } from '../output.ts'
import { looksOf, painted } from '../terminal/style.ts'
import { lastAnswer, remember, trustHere } from '../trust/question.ts'
import { trustRows } from '../trust/rows.ts'
import { workspaceOf } from '../workspace-flag.ts'

const COLUMNS_DEFAULT = 80

/** Only a person at a terminal can trust: a tool that runs this has none, and `--yes` gives it none. */
export async function trustCommand(given: Arguments): Promise<number> {
  const workspace = await workspaceOf(given)
  if (given.has('revoke')) return revoke(given, workspace)
  if (given.has('yes') && !isTerminal()) {
    throw new UsageError('--yes works only in a terminal: that a folder is trusted is for a person to say.')
  }
  const trust = await trustHere(workspace, process.env)
  const { files, isTrusted, flaw } = trust
  if (files.settings === null && files.agents.length === 0 && files.refusals.length === 0)
    return said('There is nothing here that needs to be trusted.', EXIT.done)
  await show(trust)
  if (flaw !== null) return said('It can be trusted once that is mended.', EXIT.failed)
  if (isTrusted) return said('This folder is trusted, as it stands.', EXIT.done)
  if (!isTerminal()) return said('Not trusted. Run troupe trust in a terminal to decide.', EXIT.failed)
  const answer = await atTerminal(async (asking, signal) =>
    remember(asking, trust, given.has('yes') ? 'yes' : await lastAnswer(asking, signal)),
  )
  return answer === 'yes' ? EXIT.done : EXIT.failed
}

/** Takes back what was granted. That needs no terminal: it can only forbid. */
async function revoke(given: Arguments, workspace: string): Promise<number> {
  if (given.has('yes')) throw new UsageError('--revoke asks nothing: leave --yes away.')
  const wasTrusted = await revokeTrust(workspace, userDirectory(process.env))
  return said(wasTrusted ? 'This folder is not trusted any more.' : 'This folder was not trusted.', EXIT.done)
}

function said(text: string, code: number): number {
  printError(text)
  return code
}

async function show(trust: Trust): Promise<void> {
  const { stdout } = process
  const { isColoured } = looksOf(stdout.isTTY, process.env)
  const rows = await trustRows(trust, (stdout.columns || COLUMNS_DEFAULT) - 1)
  printResult(rows.map((row) => `${painted(row, isColoured)}\n`).join(''))
}
