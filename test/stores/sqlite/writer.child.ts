/**
 * A process that does one thing with the store of a directory, and says a line of JSON for each step. It ends
 * with its input, so that none is left behind.
 */
import { loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { storePath } from '../../../src/stores/sqlite/file/place.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import type { RuntimeError } from '../../../src/errors.ts'
import { birth, entry } from '../../../src/testing/store-entries.ts'

const [directory = '', work = '', name = 't1', count = '1'] = process.argv.slice(2)
const WORKS: Readonly<Record<string, () => Promise<void>>> = { open, write, lock, share }

// Once all is loaded: somebody else may not be able to read where it lies.
const user = Number(process.env['STORE_USER'])
if (user) {
  await loadDriver()
  process.setgroups?.([])
  process.setgid?.(user)
  process.setuid?.(user)
}

process.stdin.resume().on('end', () => process.exit(0))
try {
  await WORKS[work]?.()
} catch (error) {
  const { code, message } = error as RuntimeError
  say({ code, message })
}
process.exit(0)

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Opens it, and writes one thing. */
async function open(): Promise<void> {
  const store = await openSqlite({ directory })
  say({ isOpen: true })
  await store.create(birth(name))
  say({ isWritten: true })
  await store.close()
}

/** Writes to some tasks at once until it is killed; says the last number of each that is durable. */
async function write(): Promise<void> {
  const store = await openSqlite({ directory })
  await Promise.all(
    Array.from({ length: Number(count) }, async (_, i) => {
      const taskId = `${name}-${i}`
      await store.create(birth(taskId))
      for (let seq = 2; ; seq += 1) {
        await store.append(entry(taskId, seq))
        say({ taskId, seq })
      }
    }),
  )
}

/** Holds the right to write, over and over, for so many milliseconds each time. */
async function lock(): Promise<void> {
  const database = (await loadDriver())(storePath(directory))
  database.exec('PRAGMA busy_timeout = 1000')
  for (;;) {
    database.exec('BEGIN IMMEDIATE')
    say({ isLocked: true })
    await new Promise((resolve) => setTimeout(resolve, Number(count)))
    database.exec('COMMIT')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Writes as fast as it can from the moment it is told to, for so many milliseconds. */
async function share(): Promise<void> {
  const store = await openSqlite({ directory })
  await store.create(birth(name))
  say({ isReady: true })
  await new Promise((resolve) => process.stdin.once('data', resolve))
  const before = store.written.commits
  const end = performance.now() + Number(count)
  let longest = 0
  for (let seq = 2; performance.now() < end; seq += 1) {
    const since = performance.now()
    await store.append(entry(name, seq))
    longest = Math.max(longest, performance.now() - since)
  }
  say({ commits: store.written.commits - before, longest })
  await store.close()
}
