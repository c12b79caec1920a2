import { realpath } from 'node:fs/promises'
import { tooWide, type Trust } from '../../hosts/trust.ts'
import { trustHere } from '../trust/question.ts'
import { checked, type Finding, type Ground, missing, ok, warn } from './finding.ts'

/** What a script is told about trust. */
export interface TrustReport extends Pick<Trust, 'isTrusted' | 'why' | 'ignored' | 'wants' | 'flaw'> {
  readonly folder: string
  readonly files: readonly string[]
}

/** How the workspace stands with its user: by the files themselves, also where they can't be used. */
export async function trustReport({ workspace, environment }: Ground): Promise<TrustReport> {
  const { isTrusted, why, ignored, wants, flaw, files } = await trustHere(workspace, environment)
  const paths = [
    ...(files.settings === null ? [] : ['.troupe/settings.json']),
    ...files.agents.map((it) => it.path),
  ]
  return { folder: files.root, isTrusted, why, ignored, wants, flaw, files: paths }
}

const WHY = {
  granted: 'this folder is trusted, as it stands',
  changed: 'this folder has changed since you trusted it',
  refused: 'you have said no to what lies in this folder',
  none: 'this folder is not trusted',
} as const

/** Whether what the workspace says about itself counts, and what of it does not. */
export const trustChecks = checked('trust', 'Mend the file that it names.', async (ground) => [
  ...(await tooWideIn(ground)),
  ...findingsOf(await trustReport(ground)),
])

function findingsOf({ isTrusted, why, ignored, wants, flaw, files }: TrustReport): readonly Finding[] {
  const lost = ignored.map((what) => warn('ignored', what, ''))
  if (flaw !== null) return [missing('trust', flaw, 'Mend it, then decide: troupe trust'), ...lost]
  if (isTrusted) return [ok('trust', files.length === 0 ? 'nothing here needs it' : WHY.granted), ...lost]
  if (wants.length === 0)
    return [
      ok('trust', files.length === 0 ? 'nothing here needs it' : 'what lies here only forbids'),
      ...lost,
    ]
  return [
    warn('trust', `${WHY[why]}; what it allows does not count`, 'Look at it and decide: troupe trust'),
    ...lost,
  ]
}

async function tooWideIn({ workspace }: Ground): Promise<readonly Finding[]> {
  const wide = await tooWide(await realpath(workspace))
  if (wide === null) return []
  const mend = 'Work in a directory of its own: --workspace dir'
  return [warn('workspace', `this is ${wide}: tasks that work here reach all of it`, mend)]
}
