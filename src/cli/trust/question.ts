import { BUILTIN_AGENTS } from '../../hosts/builtin-agents.ts'
import { grantTrust, refuseTrust, type Trust, trustOf, userDirectory } from '../../hosts/trust.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'
import { type Row, painted, span } from '../terminal/style.ts'
import { type Asking, columnsOf, showPages } from '../terminal/terminal-human.ts'
import { trustRows } from './rows.ts'

/** For so long what was typed before the question stood there is thrown away. */
const STRAY_KEYS_MS = 60
const CLEAR_LINE = '\r\x1b[K'
const SAYS_NO = "no, don't ask again"

/** What a person said: yes, no, or nothing that would be remembered. */
export type TrustAnswer = 'yes' | 'no' | 'later'

/** How the workspace stands with the user of this environment, by the names that no folder may take. */
export function trustHere(
  workspace: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Trust> {
  const reservedNames = BUILTIN_AGENTS.map(({ name }) => name)
  return trustOf(workspace, userDirectory(environment), { reservedNames, tools: [...BUILTIN_TOOLS] })
}

/** Whether there is something to ask: the folder wants more than it has, and nobody has said no to that. */
export function isUndecided({ isTrusted, why, wants, flaw }: Trust): boolean {
  return !isTrusted && why !== 'refused' && wants.length > 0 && flaw === null
}

/** Asks once whether a folder is trusted, and remembers a yes and a no. */
export async function askForTrust(asking: Asking, trust: Trust, signal: AbortSignal): Promise<TrustAnswer> {
  await withoutStrayKeys(asking, signal)
  const head: readonly Row[] = [
    [],
    [span('? ', 'caution'), span('This folder wants more than it may have untrusted', 'strong')],
  ]
  const rows = [...head, ...(await trustRows(trust, columnsOf(asking)))]
  const keys = { n: SAYS_NO, l: 'not now' }
  const wasSeen = await showPages(asking, rows, { signal, keys })
  const answer = wasSeen === 'all' ? await lastAnswer(asking, signal) : answerOf(wasSeen)
  return remember(asking, trust, answer)
}

/** The last question, once everything was on the screen. Any key is an answer; most of them say nothing. */
export async function lastAnswer(asking: Asking, signal: AbortSignal): Promise<TrustAnswer> {
  const { keyboard, output, isColoured } = asking
  await withoutStrayKeys(asking, signal)
  const prompt = `Trust exactly this?  y yes · n ${SAYS_NO} · any other key not now`
  output.write(painted([span('  '), span(prompt, 'caution'), span(' ')], isColoured))
  const key = await keyboard.key(() => true, signal)
  output.write(CLEAR_LINE)
  return answerOf(key)
}

/** No key that was pressed before the question stood there answers it. */
async function withoutStrayKeys({ keyboard }: Asking, signal: AbortSignal): Promise<void> {
  await keyboard.key(() => false, AbortSignal.any([signal, AbortSignal.timeout(STRAY_KEYS_MS)]))
}

function answerOf(key: string | null): TrustAnswer {
  return key === 'y' ? 'yes' : key === 'n' ? 'no' : 'later'
}

/** Keeps a yes and a no in the user's own directory, and says so. */
export async function remember(asking: Asking, trust: Trust, answer: TrustAnswer): Promise<TrustAnswer> {
  const directory = userDirectory(process.env)
  if (answer === 'yes') await grantTrust(trust, directory)
  if (answer === 'no') await refuseTrust(trust, directory)
  const [look, words] = (
    {
      yes: ['good', 'trusted, until one of these files changes'],
      no: ['bad', 'not trusted, and not asked again until something changes: troupe trust'],
      later: ['bad', 'not trusted for now'],
    } as const
  )[answer]
  asking.output.write(`${painted([span('  → ', look), span(words)], asking.isColoured)}\n`)
  return answer
}
