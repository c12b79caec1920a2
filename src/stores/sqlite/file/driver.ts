import { RuntimeError } from '../../../errors.ts'
import type { Database } from '../db.ts'

/** Opens a database file. */
export type Driver = (path: string, options?: { readonly readOnly: boolean }) => Database

type Loader = () => Promise<unknown>

interface Module {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => Database
}

/** SQLite before this one may damage a file that two processes write to at once. */
const SOUND = [3, 51, 3]

/**
 * Node's own where there is a sound one, else the prebuilt package: they have the same interface. Where there
 * is no package, an older one of Node's own is still better than nothing.
 */
const LOADERS: readonly Loader[] = [
  async () => (isSound(process.versions['sqlite']) ? loadBuiltin() : null),
  () => import('@photostructure/sqlite'),
  loadBuiltin,
]

/** Finds something that can open a SQLite file. */
export async function loadDriver(loaders: readonly Loader[] = LOADERS): Promise<Driver> {
  const causes: unknown[] = []
  for (const load of loaders) {
    try {
      const module = await load()
      if (isModule(module))
        return (path, options) => new module.DatabaseSync(path, options ?? { readOnly: false })
    } catch (error) {
      causes.push(error)
    }
  }
  throw new RuntimeError(
    'store/unavailable',
    `No SQLite here: Node ${process.versions.node} brings none, and "@photostructure/sqlite" can't be loaded. ` +
      'Use Node 22.13 or newer, run `npm install @photostructure/sqlite@1.2.1`, or pass `memoryStore()`.',
    { cause: new AggregateError(causes, 'Nothing could be loaded.') },
  )
}

/** Node says that it is experimental, once for each process: not what the user of a program wants to read. */
async function loadBuiltin(): Promise<unknown> {
  const warn = process.emitWarning
  try {
    process.emitWarning = () => {}
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = warn
  }
}

/** Whether two processes may write to one file with it. */
export function isSound(version: string | undefined): boolean {
  const found = (version ?? '').split('.').map(Number)
  const differs = SOUND.findIndex((number, i) => found[i] !== number)
  return differs === -1 || (found[differs] ?? 0) > (SOUND[differs] ?? 0)
}

function isModule(value: unknown): value is Module {
  return (
    typeof value === 'object' &&
    value !== null &&
    'DatabaseSync' in value &&
    typeof value.DatabaseSync === 'function'
  )
}
