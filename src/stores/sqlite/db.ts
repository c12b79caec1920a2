/** What the parts of the SQLite store share: one open file, and one way to write to it. */

/** A prepared statement, as both drivers have it. */
export interface Statement {
  run(...values: readonly Value[]): {
    readonly changes: number | bigint
    readonly lastInsertRowid: number | bigint
  }
  get(...values: readonly Value[]): unknown
  all(...values: readonly Value[]): readonly unknown[]
}

export type Value = string | number | bigint | null | Uint8Array

export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

/** The open store file. */
export interface Db {
  readonly path: string
  /**
   * Who we are among the processes that have the file open: the id of a row in `owner`, once it is needed.
   */
  readonly self: string
  /** Prepared once, used for every reading. Contract: nothing is written by it. */
  prepare(sql: string): Statement
  /**
   * Everything written in one turn of the event loop is one transaction, durable when it resolves. `apply`
   * that throws is undone alone, and rejects with what it threw. In the order in which it was asked for.
   * Contract: `apply` may be run more than once (another process was in the way), each time on a clean slate.
   */
  write<T>(apply: () => T): Promise<T>
  /** Reads, again and again while another process is in the way. Rejects with what is wrong with the file. */
  read<T>(look: () => T): Promise<T>
  /** Calls back, some twenty times a second at most, when another process has written to the file. */
  watch(changed: () => void): () => void
}
