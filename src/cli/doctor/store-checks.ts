import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { STATE_PATH } from '../../hosts/keeping/default-store.ts'
import { installationOf } from '../../hosts/keeping/installation.ts'
import { userDirectory } from '../../hosts/trust.ts'
import { inspectStore, type StoreHolder, type StoreReport } from '../../stores/sqlite/doctor.ts'
import { agoWords, dayAndTime } from '../tasks/times.ts'
import { counted } from '../terminal/amounts.ts'
import { wordOf } from '../terminal/task-row.ts'
import { checked, type Finding, type Ground, missing, ok, warn } from './finding.ts'

/** Rights that others would have. */
const OTHERS = 0o077
/** A process that works shows this often that it lives, and three times more often than this. */
const LEASE_MS = 15_000
const BYTES_MUCH = 1024 ** 3
const ADOPT = 'Look at what is in it, and decide: troupe doctor --adopt'

/** Where the tasks of a workspace are kept. */
export function stateDirectory({ workspace }: Pick<Ground, 'workspace'>): string {
  return resolve(workspace, STATE_PATH)
}

/** What is kept there, by the eyes of this installation; `null`: nothing yet. Changes nothing of it. */
export async function storeReport(ground: Ground): Promise<StoreReport | null> {
  const directory = stateDirectory(ground)
  // Where nothing was kept, no key is made for it either.
  if (!(await stat(directory).catch(() => null))) return null
  return inspectStore(directory, await installationOf(userDirectory(ground.environment)))
}

/** Whether everything that tasks come to is kept well. */
export const storeChecks = checked(
  'store',
  'Its path is in the message: move it away, or give it back as it was.',
  async (ground) => {
    const report = await storeReport(ground)
    if (report === null) return [await placeFor(ground)]
    return [
      wholeOf(report),
      ...report.findings.map((what) => missing('damage', what, 'Save what can be read: troupe export <id>')),
      await rightsOf(stateDirectory(ground)),
      tasksIn(report),
      ...report.holders.filter(({ isGone }) => !isGone).map(processOf),
    ]
  },
)

/** Whether a store could be made where there is none yet. */
async function placeFor({ workspace }: Ground): Promise<Finding> {
  const above = (await stat(join(workspace, '.troupe')).catch(() => null))
    ? join(workspace, '.troupe')
    : workspace
  const canWrite = await access(above, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (canWrite) return ok('store', 'nothing is kept here yet')
  return missing(
    'store',
    `nothing can be kept here: ${above} can't be written to`,
    'Make it writable, or keep nothing: troupe run --no-store',
  )
}

function wholeOf({ path, bytes, form, madeAt, madeBy, installation, entries }: StoreReport): Finding {
  const about = `${path}, ${sizeOf(bytes)}, ${counted(entries, 'entry', 'entries')}, form ${form}`
  if (madeBy === 'another') {
    const whose = installation === '' ? 'no installation that says so' : `the installation ${installation}`
    return missing('store', `${about}: made by ${whose}, not by yours; it is not opened`, ADOPT)
  }
  const made = `${about}, yours since ${dayAndTime(madeAt)}`
  if (bytes < BYTES_MUCH) return ok('store', made)
  return warn('store', made, 'Keep less: "retention" in your own settings says how many tasks, for how long.')
}

function tasksIn({ tasks, madeBy }: StoreReport): Finding {
  const { held, unheld, ended, forgotten } = tasks
  const ends = Object.entries(ended).map(([status, count]) => `${count} ${wordOf(status)}`)
  const what = [
    `${held} at work`,
    `${unheld} that no process works on`,
    ...ends,
    ...(forgotten > 0 ? [`${forgotten} forgotten`] : []),
  ].join(', ')
  // What is not opened can't be gone on with either.
  return unheld === 0 || madeBy === 'another'
    ? ok('tasks', what)
    : warn('tasks', what, 'See them: troupe tasks. Go on: troupe resume --all')
}

function processOf({ pid, seenAt, tasks }: StoreHolder): Finding {
  const now = Date.now()
  const what = `${pid} works on ${counted(tasks, 'task')}, seen ${agoWords(seenAt, now)}`
  if (now - seenAt <= LEASE_MS) return ok('process', what)
  const mend = 'It is stopped or hangs; what it held can be resumed elsewhere: troupe resume --all'
  return warn('process', `${what}: it lives, and shows no sign of it`, mend)
}

async function rightsOf(directory: string): Promise<Finding> {
  const names = await readdir(directory)
  const open: string[] = []
  for (const path of [directory, ...names.map((name) => join(directory, name))]) {
    // One of the files may go at any moment.
    const found = await stat(path).catch(() => null)
    if (found && (found.mode & OTHERS) !== 0) open.push(path)
  }
  if (open.length === 0) return ok('rights', 'only you can read and write it')
  return warn(
    'rights',
    `others may look into ${open.join(', ')}`,
    `Take that from them: chmod -R go= ${directory}`,
  )
}

function sizeOf(bytes: number): string {
  if (bytes < 1024 ** 2) return `${Math.ceil(bytes / 1024)} KB`
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`
}
