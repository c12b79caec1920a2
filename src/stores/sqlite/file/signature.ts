import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { RuntimeError } from '../../../errors.ts'
import type { Database } from '../db.ts'

/** By what a store is known as one that this user's own installation has made. */
export interface Installation {
  /** Kept in the user's own directory, never in a workspace. */
  readonly key: string
}

const STORE_ID_BYTES = 16
const FINGERPRINT_CHARACTERS = 12

/** Gives a fresh store its id, and signs it. */
export function signFresh(database: Database, installation: Installation | null, madeAt: number): void {
  keep(database, 'store', randomBytes(STORE_ID_BYTES).toString('hex'))
  keep(database, 'made_at', String(madeAt))
  sign(database, installation)
}

/** From now on the store is one of this installation's. */
export function sign(database: Database, installation: Installation | null): void {
  const store = metaOf(database, 'store') ?? ''
  keep(database, 'installation', installation ? fingerprintOf(installation) : '')
  keep(database, 'signature', installation ? signatureOf(installation, store) : '')
}

/** Whether this installation has signed the store. */
export function isSigned(database: Database, installation: Installation): boolean {
  const expected = Buffer.from(signatureOf(installation, metaOf(database, 'store') ?? ''))
  const found = Buffer.from(metaOf(database, 'signature') ?? '')
  return expected.length === found.length && timingSafeEqual(expected, found)
}

/** A store that somebody else has made. */
export function foreign(path: string): RuntimeError {
  return new RuntimeError(
    'store/foreign',
    `The store ${path} was not made by your installation of Troupe: it came with the files, or your own ` +
      'directory was made anew. It is not opened. Run `troupe doctor --adopt` to see what is in it, and to take ' +
      'it over if you trust it; or move it away.',
  )
}

/** One line of what the store says about itself. */
export function metaOf(database: Database, key: string): string | null {
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(key)
  return (row as { readonly value: string } | undefined)?.value ?? null
}

/** By what people tell installations apart; the key can't be told from it. */
export function fingerprintOf({ key }: Installation): string {
  return createHmac('sha256', key).update('installation').digest('hex').slice(0, FINGERPRINT_CHARACTERS)
}

function signatureOf({ key }: Installation, store: string): string {
  return createHmac('sha256', key).update(`store ${store}`).digest('hex')
}

function keep(database: Database, key: string, value: string): void {
  database
    .prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    )
    .run(key, value)
}
