import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TaskRecord } from '../../host.ts'
import { installationOf } from '../../hosts/keeping/installation.ts'
import { userDirectory } from '../../hosts/trust.ts'
import { openSqlite } from '../../stores/sqlite.ts'
import { adoptStore, type StoreReport } from '../../stores/sqlite/doctor.ts'
import { atTerminal, isTerminal } from '../acting/at-terminal.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printError, printResult } from '../output.ts'
import { safeJson, safeLine } from '../safe-text.ts'
import { labelledRows, pageColumns, printRows } from '../tasks/page.ts'
import { dayAndTime } from '../tasks/times.ts'
import { counted } from '../terminal/amounts.ts'
import { type Row, span } from '../terminal/style.ts'
import type { Ground } from './finding.ts'
import { endForeignYes } from './foreign-yes.ts'
import { stateDirectory, storeReport } from './store-checks.ts'
import { allowedCalls, type Unfinished, unfinishedRows } from './unfinished.ts'

/** Of ended tasks, that there are more is enough. */
const ENDED_MAX = 20
const STORE_FILES = ['store.sqlite', 'store.sqlite-wal']

interface WhatIsKept {
  readonly records: readonly TaskRecord[]
  readonly unfinished: readonly Unfinished[]
}

/** Shows a store that another installation has made, and takes it over once a person has said yes. */
export async function adopt(given: Arguments, ground: Ground): Promise<number> {
  const isJson = given.has('json')
  const report = await storeReport(ground)
  if (report === null) return told(isJson, { adopted: false, store: null }, 'There is no store here.')
  if (report.madeBy === 'ours')
    return told(
      isJson,
      { adopted: false, store: report },
      'This store is yours already: there is nothing to do.',
    )

  const kept = await keptIn(stateDirectory(ground))
  if (!isJson) printRows(whatIsThere(report, kept))
  const found = { store: report, tasks: kept.records.map((record) => briefly(record, kept)) }
  if (!given.has('yes') && !(isTerminal() && (await isAgreed()))) {
    told(isJson, { adopted: false, ...found }, 'Nothing was changed.')
    if (!isTerminal()) printError('Run it in a terminal to decide, or say --yes if you trust what is there.')
    return EXIT.failed
  }
  const place = { directory: stateDirectory(ground), workspace: ground.workspace }
  await endForeignYes(place, kept.unfinished)
  await adoptStore(place.directory, await installationOf(userDirectory(ground.environment)))
  return told(
    isJson,
    { adopted: true, ...found },
    'It is yours now. Nothing of it goes on by itself. See: troupe tasks',
  )
}

function told(isJson: boolean, object: object, words: string): number {
  if (isJson) printResult(`${safeJson(object)}\n`)
  else printError(words)
  return EXIT.done
}

function briefly({ spec, hasEnded }: TaskRecord, { unfinished }: WhatIsKept) {
  const { id, parent, agent, title, message, tools, model, boundary, limits } = spec
  const entries = unfinished.find(({ record }) => record.spec.id === id)?.entries ?? []
  const allowed = allowedCalls(entries).map(({ tool, input }) => ({ tool, input }))
  const what = { agent, title, message, tools, model: model.name, boundary, limits }
  return { taskId: id, parent, hasEnded, ...what, ...(hasEnded ? {} : { allowed }) }
}

/** Read from a copy: the store itself is not touched before the person has said yes. */
async function keptIn(directory: string): Promise<WhatIsKept> {
  const copy = await mkdtemp(join(tmpdir(), 'troupe-adopt-'))
  try {
    const there = await readdir(directory)
    for (const name of STORE_FILES.filter((it) => there.includes(it)))
      await copyFile(join(directory, name), join(copy, name))
    const store = await openSqlite({ directory: copy })
    try {
      const records = await store.tasks()
      const unfinished: Unfinished[] = []
      for (const record of records.filter(({ hasEnded }) => !hasEnded))
        unfinished.push({ record, entries: await store.read(record.spec.id) })
      return { records, unfinished }
    } finally {
      await store.close()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

function whatIsThere(report: StoreReport, { records, unfinished }: WhatIsKept): readonly Row[] {
  const columns = pageColumns()
  const { path, madeAt, installation, entries, findings } = report
  const ended = records.filter(({ hasEnded }) => hasEnded)
  const label = (name: string, text: string) => labelledRows(name, [safeLine(text)], columns)
  const agents = [...new Set(records.map(({ spec }) => spec.agent))]
  return [
    [span(safeLine(path), 'strong')],
    ...label('made', `${dayAndTime(madeAt)}, by ${installation === '' ? 'nobody it names' : installation}`),
    ...label(
      'holds',
      `${counted(unfinished.length, 'unfinished task')}, ${ended.length} ended, ${entries} entries`,
    ),
    ...label('agents', agents.join(', ')),
    ...findings.flatMap((finding) => label('damage', finding)),
    [],
    ...unfinishedRows(unfinished, columns),
    ...ended
      .slice(-ENDED_MAX)
      .map(({ spec }): Row => [span(`ended  ${safeLine(`${spec.agent}: ${spec.title}`)}`, 'faint')]),
    ...(ended.length > ENDED_MAX
      ? [[span(`… ${ended.length - ENDED_MAX} more that have ended`, 'faint')]]
      : []),
  ]
}

function isAgreed(): Promise<boolean> {
  return atTerminal(async ({ keyboard, output }, signal) => {
    output.write('\nTake over exactly this?  y yes · any other key no ')
    const key = await keyboard.key(() => true, signal)
    output.write('\n')
    return key === 'y'
  })
}
