import type { OpenRequest } from '../../actors/open-requests.ts'
import { UsageError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { HumanAnswer } from '../../runtime/wishes/wishes.ts'
import { atTerminal, isTerminal } from '../acting/at-terminal.ts'
import { isDone } from '../acting/orders.ts'
import { answererName, requestNamed } from '../acting/request.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printError } from '../output.ts'
import { withWorkspace } from '../tasks/workspace-runtime.ts'
import { approvalRows, questionRows } from '../terminal/request-rows.ts'
import { looksOf, painted, type Row } from '../terminal/style.ts'
import { ask, choose, columnsOf, showPages } from '../terminal/terminal-human.ts'

/** A yes, or the words that answer a question. */
export function approveCommand(given: Arguments): Promise<number> {
  const [named, ...more] = given.words
  if (named === undefined || more.length > 0)
    throw new UsageError('Which request? One at a time: troupe approve <id>, with an id of: troupe approvals')
  return answering(given, [named], yesTo)
}

/** A no, or that a question gets no answer. */
export function denyCommand(given: Arguments): Promise<number> {
  if (given.words.length === 0)
    throw new UsageError('Which request? troupe deny <id>, with an id of: troupe approvals')
  return answering(given, given.words, noTo)
}

/** `null`: the person would not answer it now. */
type Answering = (given: Arguments, request: OpenRequest) => Promise<HumanAnswer | null>

function answering(given: Arguments, named: readonly string[], answerTo: Answering): Promise<number> {
  return withWorkspace(given, async ({ runtime }) => {
    const tasks = await runtime.tasks()
    const open = await runtime.approvals.all()
    const requests = new Set(named.map((name) => requestNamed(open, tasks, name)))
    let code: number = EXIT.done
    for (const request of requests) {
      const answer = await answerTo(given, request)
      if (answer === null) printError('Nothing was answered; it still waits.')
      if (answer === null || !(await isTaken(given, runtime, request, answer))) code = EXIT.failed
    }
    return code
  })
}

function isTaken(
  given: Arguments,
  runtime: Runtime,
  { id, taskId, shown }: OpenRequest,
  answer: HumanAnswer,
): Promise<boolean> {
  return isDone(given, taskId, async () => {
    // It holds for what was shown, and is refused when that has changed meanwhile.
    await runtime.approvals.answer(id, { ...answer, shown, by: answererName() })
    const [task] = await runtime.tasks({ id: taskId })
    const said = 'allow' in answer ? (answer.allow ? 'Allowed' : 'Denied') : 'Answered'
    return task?.heldBy === 'nobody'
      ? `${said}. No process works on the task; it goes on with: troupe resume ${taskId}`
      : `${said}.`
  })
}

async function yesTo(given: Arguments, request: OpenRequest): Promise<HumanAnswer | null> {
  const [text, note] = [given.value('text'), given.value('note')]
  if (request.kind === 'question') {
    if (text !== undefined) return { text }
    refuseAlone('It is a question. Answer it with --text "…", or in a terminal.')
    const answer = await atTerminal((asking, signal) => ask(asking, request, signal))
    return answer === null ? null : { text: answer }
  }
  if (text !== undefined)
    throw new UsageError('--text answers questions; this is a call. A word with your yes: --note')
  const yes = { allow: true, ...(note === undefined ? {} : { note }) }
  if (given.has('yes')) return yes
  refuseAlone('Run it in a terminal to see what you allow, or say --yes if you have seen it.')
  return (await isAgreed(request)) ? yes : null
}

async function noTo(given: Arguments, request: OpenRequest): Promise<HumanAnswer> {
  const note = given.value('note')
  if (!given.has('yes')) print(rowsOf(request, columnsOf({ output: process.stderr })))
  if (request.kind === 'question') return { text: null }
  return { allow: false, ...(note === undefined ? {} : { note }) }
}

function refuseAlone(words: string): void {
  if (!isTerminal()) throw new UsageError(words)
}

/** Shows all of it, then asks. Nobody says yes to what was not on the screen. */
function isAgreed(request: OpenRequest): Promise<boolean> {
  return atTerminal(async (asking, signal) => {
    const keys = { n: 'answer nothing' }
    const wasSeen = await showPages(asking, rowsOf(request, columnsOf(asking)), { signal, keys })
    return wasSeen === 'all' && (await choose(asking, 'y yes · n answer nothing', 'yn', signal)) === 'y'
  })
}

/** What the call would touch was for its tool to say, which may be in another process. */
function rowsOf(request: OpenRequest, columns: number): readonly Row[] {
  return request.kind === 'question' ? questionRows(request, columns) : approvalRows(request, columns, false)
}

function print(rows: readonly Row[]): void {
  const { isColoured } = looksOf(process.stderr.isTTY, process.env)
  process.stderr.write(rows.map((row) => `${painted(row, isColoured)}\n`).join(''))
}
