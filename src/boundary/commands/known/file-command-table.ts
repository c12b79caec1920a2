/** A command that touches the files it names and no others, and the options under which that is so. */
export interface FileCommand {
  /** Letters that stand alone, and letters that take a value. */
  readonly flags: string
  readonly values?: string
  /** Long options, written without `--`; those ending in `=` take a value. */
  readonly long?: readonly string[]
  /**
   * What the words that are no options are. `made`: written where they lead. `gone`: taken away under the
   * name that was given, wherever it leads. `copied`, `moved`: sources, and a target or a directory last.
   * `sorted`: read, and written to what `-o` names.
   */
  readonly operands: 'made' | 'gone' | 'copied' | 'moved' | 'sorted'
  readonly operandsMax?: number
  /** The options whose value is a file that is read, and without which it does something else. */
  readonly reading?: string
  readonly needs?: string
}

const transfer = {
  flags: 'finuvT',
  values: 't',
  long: [
    'force',
    'interactive',
    'no-clobber',
    'update',
    'verbose',
    'no-target-directory',
    'target-directory=',
  ],
} as const

/** The published table. Each row holds for GNU, BSD and busybox alike, or fails there and does nothing. */
export const FILE_COMMANDS: Readonly<Record<string, FileCommand>> = {
  mkdir: { flags: 'pv', values: 'm', long: ['parents', 'verbose', 'mode='], operands: 'made' },
  touch: {
    flags: 'acm',
    values: 'rdt',
    long: ['no-create', 'date=', 'reference='],
    operands: 'made',
    reading: 'r',
  },
  tee: { flags: 'ai', long: ['append', 'ignore-interrupts'], operands: 'made' },
  truncate: { flags: 'c', values: 's', long: ['no-create', 'size='], operands: 'made', needs: 's' },
  // No `-r`, `-P`, `-l`, `-s`, `-b`: what lies below, links, and copies of other names are not in the words.
  cp: { ...transfer, flags: `${transfer.flags}pL`, operands: 'copied' },
  mv: { ...transfer, operands: 'moved' },
  rm: { flags: 'fiIv', long: ['force', 'verbose'], operands: 'gone' },
  rmdir: { flags: 'v', long: ['verbose'], operands: 'gone' },
  unlink: { flags: '', operands: 'gone', operandsMax: 1 },
  // No `-T`, no `--compress-program`, no `--files0-from`.
  sort: { flags: 'bcCdfghimMnrRsuVz', values: 'okt', long: ['output='], operands: 'sorted', needs: 'o' },
}
