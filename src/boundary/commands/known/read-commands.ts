/**
 * A command that only reads, and the options under which that is so. What is not listed makes it an
 * ordinary command.
 */
export interface ReadCommand {
  /** Letters that stand alone, and letters that take a value. */
  readonly flags: string
  readonly values?: string
  /** Long options, written without `--`; those ending in `=` take a value. */
  readonly long?: readonly string[]
  /** `-5` is a number of lines. */
  readonly takesNumber?: boolean
  /**
   * What the words that are no options are. `files` have their content shown, so no directory;
   * `places` only their names and sizes, or what a search shows of them; `text` touches nothing.
   */
  readonly operands: 'files' | 'places' | 'text'
  /** How many of the first operands are text: the pattern of a search. `e` says that `-e` gave it already. */
  readonly textFirst?: number
  readonly operandsMax?: number
  /** Without operands it reads the directory it stands in. */
  readonly readsHere?: boolean
  /** Options under which it names everything below a place, hidden directories included. */
  readonly goesDown?: readonly string[]
  /** Values and operands that would make it more than a read. */
  readonly refused?: RegExp
}

const color = ['color', 'color=auto', 'color=always', 'color=never']

/** The published table. Each row holds for GNU, BSD and busybox alike. */
export const READ_COMMANDS: Readonly<Record<string, ReadCommand>> = {
  ls: {
    flags: 'laAhtrS1RdFpinogGcuUxCmqQbks',
    long: ['all', 'almost-all', 'human-readable', 'recursive', 'directory', ...color],
    operands: 'places',
    readsHere: true,
    goesDown: ['R', 'recursive'],
  },
  cat: { flags: 'nbAetsvET', long: ['number', 'show-all'], operands: 'files' },
  head: {
    flags: 'qv',
    values: 'nc',
    long: ['lines=', 'bytes=', 'quiet'],
    takesNumber: true,
    operands: 'files',
  },
  tail: {
    flags: 'qv',
    values: 'nc',
    long: ['lines=', 'bytes=', 'quiet'],
    takesNumber: true,
    operands: 'files',
  },
  wc: { flags: 'lwcmL', long: ['lines', 'words', 'bytes', 'chars'], operands: 'files' },
  true: { flags: '', operands: 'text' },
  false: { flags: '', operands: 'text' },
  ':': { flags: '', operands: 'text' },
  pwd: { flags: 'LP', operands: 'text', operandsMax: 0 },
  echo: { flags: 'neE', operands: 'text' },
  // What `test`, `printf`, `which` and the like ask is judged apart, in questions.ts.
  grep: {
    flags: 'nivclLwxEFGoqshH',
    values: 'ABCme',
    long: [
      'line-number',
      'ignore-case',
      'invert-match',
      'count',
      'files-with-matches',
      'word-regexp',
      'fixed-strings',
      'extended-regexp',
      ...color,
    ],
    operands: 'files',
    textFirst: 1,
  },
  // No `-g` but to leave out, no `-t` but for plain sources: both bring hidden files back in. What it shows
  // of a directory is judged apart, by `shownByRg`.
  rg: {
    flags: 'niSswxvclFoqUpNHI',
    values: 'ABCmegtd',
    long: [
      'files',
      'line-number',
      'ignore-case',
      'smart-case',
      'fixed-strings',
      'files-with-matches',
      'count',
      'no-heading',
      'heading',
      'stats',
      'glob=',
      'type=',
      'max-depth=',
      'max-count=',
      'context=',
      'multiline',
      'color=always',
      'color=never',
    ],
    operands: 'places',
    textFirst: 1,
    readsHere: true,
  },
  // What find looks for is judged apart, by `findPlaces`.
  find: { flags: 'P', operands: 'places', readsHere: true },
  nl: { flags: 'p', values: 'bwsnviflhd', operands: 'files' },
  seq: {
    flags: 'w',
    values: 's',
    takesNumber: true,
    operands: 'text',
    operandsMax: 3,
    refused: /^(?!\d{1,6}$)/,
  },
  uname: { flags: 'asnrvmpio', operands: 'text', operandsMax: 0 },
  df: { flags: 'hkmTiPl', operands: 'places' },
  sort: {
    flags: 'nrufhVsbdgMc',
    values: 'kt',
    long: ['numeric-sort', 'reverse', 'unique', 'key=', 'field-separator='],
    operands: 'files',
  },
  // A second operand of uniq is written to.
  uniq: {
    flags: 'cdui',
    values: 'fs',
    long: ['count', 'repeated', 'unique'],
    operands: 'files',
    operandsMax: 1,
  },
  cut: { flags: 's', values: 'dfcb', long: ['delimiter=', 'fields=', 'characters='], operands: 'files' },
  tr: { flags: 'dscC', operands: 'text' },
  diff: {
    flags: 'uqswbBiyNc',
    values: 'U',
    long: ['unified', 'unified=', 'brief', 'side-by-side', 'ignore-all-space', ...color],
    operands: 'files',
  },
  stat: { flags: 't', values: 'c', long: ['format=', 'printf='], operands: 'places' },
  file: { flags: 'bi', long: ['brief', 'mime', 'mime-type'], operands: 'places' },
  du: {
    flags: 'shackm',
    values: 'd',
    long: ['max-depth=', 'summarize', 'human-readable', 'total'],
    operands: 'places',
    readsHere: true,
    goesDown: ['a'],
  },
  tree: {
    flags: 'adfshCDpi',
    values: 'LIP',
    long: ['dirsfirst', 'noreport', 'du', 'gitignore'],
    operands: 'places',
    readsHere: true,
    goesDown: ['a'],
  },
  basename: { flags: '', operands: 'text' },
  dirname: { flags: '', operands: 'text' },
  realpath: { flags: 'emsqP', operands: 'places' },
  date: { flags: 'uR', long: ['utc', 'iso-8601', 'rfc-email'], operands: 'text', refused: /^[^+]/ },
}

/** What git says of a change without its text. */
const numbers = ['stat', 'shortstat', 'numstat', 'name-only', 'name-status']
const looks = ['no-color', 'no-ext-diff', 'no-textconv', 'color=never', 'color=always', 'color']
const history = [
  'oneline',
  'graph',
  'all',
  'decorate',
  'no-decorate',
  'no-merges',
  'merges',
  'first-parent',
  'reverse',
  'abbrev-commit',
  'follow',
  'format=',
  'pretty=',
  'date=',
  'author=',
  'since=',
  'until=',
  'after=',
  'before=',
  'grep=',
  'max-count=',
  'skip=',
]
/**
 * `%G` has signatures checked by a program that the configuration names; `:` leads to other ways to
 * say a path.
 */
const refused = /%G|^:|^\^?[^:]*:[:/(!^]/

/**
 * The same for what follows `git`, where the repository has nothing in it that makes git run programs. No
 * patches but of files that are named: git shows every file that it tracks, secrets among them.
 */
export const GIT_READS: Readonly<Record<string, ReadCommand>> = {
  status: {
    flags: 'sbz',
    long: [
      'short',
      'branch',
      'porcelain',
      'porcelain=v1',
      'porcelain=v2',
      'untracked-files=all',
      'untracked-files=no',
      'ignored',
      'long',
    ],
    operands: 'places',
    refused,
  },
  log: {
    flags: 'siwM',
    values: 'n',
    long: [...history, ...numbers, ...looks, 'summary', 'no-patch'],
    takesNumber: true,
    operands: 'places',
    refused,
  },
  // Whether it shows text, and of what, is judged apart, by `onlyCounts` and where the files lie.
  diff: {
    flags: 'pswbMR',
    values: 'U',
    long: [
      'cached',
      'staged',
      'merge-base',
      'unified=',
      'patch',
      'no-patch',
      'word-diff',
      'ignore-all-space',
      ...numbers,
      ...looks,
    ],
    operands: 'places',
    refused,
  },
  // One file as it was, `REV:path`: a commit shows whatever it changed.
  show: { flags: '', long: looks, operands: 'places', refused: /%G|^[^:]*$|^:|^\^?[^:]*:[:/(!^]/ },
  branch: {
    flags: 'avr',
    long: ['list', 'all', 'remotes', 'verbose', 'show-current', 'merged', 'no-merged'],
    operands: 'text',
    operandsMax: 0,
  },
  'rev-parse': {
    flags: '',
    long: ['show-toplevel', 'abbrev-ref', 'short', 'verify', 'git-dir', 'is-inside-work-tree', 'quiet'],
    operands: 'places',
    refused,
  },
  'ls-files': {
    flags: 'cdmosz',
    long: ['cached', 'deleted', 'modified', 'others', 'stage', 'exclude-standard'],
    operands: 'places',
    refused,
  },
  blame: { flags: 'wesl', values: 'L', long: ['date='], operands: 'places', refused },
}
