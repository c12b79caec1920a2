import type { Database, Statement } from '../../../src/stores/sqlite/db.ts'

/** A real database, of which a test sees each statement that is run, and can have one fail. */
export function wrapped(
  database: Database,
  around: (sql: string, run: () => ReturnType<Statement['run']>) => ReturnType<Statement['run']>,
): Database {
  return {
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run: (...values) => around(sql, () => statement.run(...values)),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      }
    },
  }
}
