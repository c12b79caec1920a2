import { homedir } from 'node:os'
import { exposureOf } from '../../hosts/node/environment/exposure.ts'
import type { Verdict } from '../../protocol/boundary.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { explainObject, rulesObject, verdictObject } from '../policy/as-data.ts'
import { checkRows } from '../policy/check-page.ts'
import { explainRows } from '../policy/explain-page.ts'
import { type Ground, readGround } from '../policy/ground.ts'
import { type AskedCall, judged } from '../policy/judged.ts'
import { readQuestion, verbOf } from '../policy/question.ts'
import { rulesRows } from '../policy/rules-page.ts'
import { safeJson } from '../safe-text.ts'
import { pageColumns, printRows } from '../tasks/page.ts'
import type { Row } from '../terminal/style.ts'
import { workspaceOf } from '../workspace-flag.ts'

/** What the verdict of `check` ends with. */
const EXITS: Readonly<Record<Verdict['verdict'], number>> = {
  allow: EXIT.done,
  ask: EXIT.waiting,
  deny: EXIT.failed,
}

/**
 * Says what would happen to a call, or explains it. Nothing is run, asked, written or opened to be written.
 */
export async function policyCommand(given: Arguments): Promise<number> {
  const verb = verbOf(given.words)
  const question = readQuestion(given)
  const ground = await readGround(await workspaceOf(given), question)
  const { asked } = question
  if (asked.kind === 'rules') return explainRules(given, ground)
  return verb === 'check' ? check(given, asked, ground) : explain(given, asked, ground)
}

async function check(given: Arguments, asked: AskedCall, ground: Ground): Promise<number> {
  const answer = await judged(asked, ground)
  const { verdict } = answer
  tell(given, verdictObject(verdict), () => checkRows({ asked, judged: answer, ground }, pageColumns()))
  return EXITS[verdict.verdict]
}

async function explain(given: Arguments, asked: AskedCall, ground: Ground): Promise<number> {
  const answer = await judged(asked, ground)
  const exposure = await exposureHere(ground)
  const rows = () => explainRows({ asked, judged: answer, ground }, pageColumns())
  tell(given, explainObject(answer, ground, exposure), rows)
  return EXIT.done
}

async function explainRules(given: Arguments, ground: Ground): Promise<number> {
  const exposure = await exposureHere(ground)
  tell(given, rulesObject(ground, exposure), () => rulesRows(ground, exposure, pageColumns()))
  return EXIT.done
}

function exposureHere({ files, found }: Ground) {
  const { environment: kept } = found.own
  return exposureOf({ environment: process.env, home: homedir(), workspace: files.root, kept })
}

function tell(given: Arguments, data: unknown, rows: () => readonly Row[]): void {
  if (given.has('json')) printResult(`${safeJson(data)}\n`)
  else printRows(rows())
}
