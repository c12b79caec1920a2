/**
 * The tables, and how a file of an older form becomes one of today's. Forms are never changed, only added.
 */

/** Written into the file, so that nobody takes another program's for one of ours. "TRPE" */
export const APPLICATION_ID = 0x54525045

/** Each takes a file from the form before it to the next. The first makes an empty file one of form 1. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- One row for each task that ever was. \`spec\` NULL: forgotten, but for its id.
  -- \`run_id\` is the token of whoever holds it, \`owner\` who that is. \`outcome\` is how it ended, in a word.
  -- \`seen_at\` is when the last holder that died was last seen alive, by the wall clock.
  CREATE TABLE task (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    parent TEXT,
    spec TEXT,
    ended INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    run_id INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    seen_at INTEGER NOT NULL DEFAULT 0,
    view TEXT
  ) STRICT;
  CREATE INDEX task_open ON task (ended) WHERE ended = 0;
  CREATE INDEX task_owner ON task (owner) WHERE owner IS NOT NULL;

  -- \`position\` is the order in which entries became durable, over all tasks. \`sum\` is a checksum: bytes that
  -- were changed on the disk are never taken for what happened.
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    task INTEGER NOT NULL REFERENCES task (number),
    seq INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    v INTEGER NOT NULL,
    fact TEXT NOT NULL,
    sum TEXT NOT NULL,
    UNIQUE (task, seq)
  ) STRICT;

  -- Processes that hold tasks or slots, or wait. \`beat\` counts their renewals; \`seen_at\` is the wall clock at
  -- the last one. \`born\` tells a process from a later one of the same number.
  CREATE TABLE owner (
    id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    machine TEXT NOT NULL,
    born TEXT NOT NULL,
    beat INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL,
    cap INTEGER,
    waiting INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE slot (
    task_id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    agent TEXT NOT NULL,
    model TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- What one process asks of another. \`answer\` NULL: not answered yet.
  CREATE TABLE request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    wish TEXT NOT NULL,
    answer TEXT
  ) STRICT;
  CREATE INDEX request_open ON request (recipient) WHERE answer IS NULL;
  `,
]
