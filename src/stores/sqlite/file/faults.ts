import { RuntimeError, type FailureCode } from '../../../errors.ts'

/** SQLite's own numbers for what went wrong; the lower eight bits are the kind. */
const KIND = 0xff
const PERM = 3
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const AUTH = 23
const NOTADB = 26
const READONLY_DBMOVED = 1032
/** A page that should be there is not. */
const IOERR_SHORT_READ = 522
const IOERR_CORRUPTFS = 8458
/** No room for the index of the log. */
const IOERR_SHMSIZE = 4874

const NUMBERS: Readonly<Record<string, number>> = {
  'database is locked': BUSY,
  'database table is locked': LOCKED,
  'attempt to write a readonly database': READONLY,
  'disk I/O error': IOERR,
  'database disk image is malformed': CORRUPT,
  'database or disk is full': FULL,
  'unable to open database file': CANTOPEN,
  'file is not a database': NOTADB,
}

const FULL_DISK: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])
const NO_ACCESS: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENOENT',
  'EIO',
  'EMFILE',
  'ENFILE',
])

/** Whether another process is in the way, so that the same may work a moment later. */
export function isBusy(thrown: unknown): boolean {
  const kind = numberOf(thrown) & KIND
  return kind === BUSY || kind === LOCKED
}

/**
 * Turns what a driver or the file system throws into an error that says what to do; the rest stays as it is.
 */
export function storeFault(thrown: unknown, path: string): unknown {
  if (RuntimeError.is(thrown)) return thrown
  const code = codeOf(thrown)
  if (code === null) return thrown
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new RuntimeError(code, adviceFor(code, path, why), { cause: thrown })
}

/** The file isn't what was opened any more. */
export function replaced(path: string, what: string): RuntimeError {
  return new RuntimeError(
    'store/replaced',
    `The store ${path} ${what} while it was open. Nothing more is written by this process: put it back, or ` +
      'start again; tasks that were under way are found there as they were.',
  )
}

/** Something in the file can't be what was written. */
export function corrupt(path: string, what: string): RuntimeError {
  return new RuntimeError('store/corrupt', adviceFor('store/corrupt', path, what))
}

/** Nothing is done with the store any more. */
export function closed(path: string): RuntimeError {
  return new RuntimeError('store/closed', adviceFor('store/closed', path, ''))
}

function codeOf(thrown: unknown): FailureCode | null {
  const name = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : null
  if (name === 'ERR_INVALID_STATE') return 'store/closed'
  if (FULL_DISK.has(name)) return 'store/full'
  if (NO_ACCESS.has(name)) return 'store/unavailable'
  return codeOfNumber(numberOf(thrown))
}

function codeOfNumber(number: number): FailureCode | null {
  if (number === READONLY_DBMOVED) return 'store/replaced'
  if (number === IOERR_SHORT_READ || number === IOERR_CORRUPTFS) return 'store/corrupt'
  if (number === IOERR_SHMSIZE) return 'store/full'
  switch (number & KIND) {
    case BUSY:
    case LOCKED:
      return 'store/busy'
    case CORRUPT:
    case NOTADB:
      return 'store/corrupt'
    case FULL:
      return 'store/full'
    case PERM:
    case READONLY:
    case IOERR:
    case CANTOPEN:
    case AUTH:
      return 'store/unavailable'
    default:
      return null
  }
}

function numberOf(thrown: unknown): number {
  if (!(thrown instanceof Error)) return 0
  if ('errcode' in thrown && typeof thrown.errcode === 'number') return thrown.errcode
  // One driver leaves the number out when it reads many rows; SQLite's words are always the same.
  const isSqlite = 'code' in thrown && thrown.code === 'ERR_SQLITE_ERROR'
  return (isSqlite && NUMBERS[thrown.message]) || 0
}

function adviceFor(code: FailureCode, path: string, why: string): string {
  switch (code) {
    case 'store/busy':
      return `Other processes keep the store ${path} busy (${why}). Try again, or end one of them.`
    case 'store/corrupt':
      return (
        `The store ${path} is damaged (${why}). Nothing was changed. Copy its directory to a safe place and run ` +
        '`troupe doctor`, which says what can still be read; move it away to begin with an empty one.'
      )
    case 'store/full':
      return (
        `There is no room left for the store ${path} (${why}). Nothing was written half: make room on that ` +
        'disk, then resume what was under way.'
      )
    case 'store/replaced':
      return replaced(path, 'was moved').message
    case 'store/closed':
      return `The store ${path} is closed.`
    default:
      return (
        `The store ${path} can't be read or written (${why}). See to it that its directory belongs to you and ` +
        'can be written, or keep the store elsewhere.'
      )
  }
}
