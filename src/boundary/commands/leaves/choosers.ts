/** Words by which a program is told what to run, or to do something that its name does not say. */
export interface Chooser {
  readonly programs: readonly string[]
  /** Only behind these first words. */
  readonly behind?: readonly string[]
  /** Long options, without dashes. What abbreviates one counts as well, but for those in `not`. */
  readonly long?: readonly string[]
  readonly not?: readonly string[]
  /** Letters, wherever they stand in a word of letters; behind one of `values` the rest of it is text. */
  readonly short?: string
  readonly values?: string
  /** A word like this, whatever it is. */
  readonly word?: RegExp
  /** The command whole is one. */
  readonly always?: boolean
  readonly why: string
  /** It can run any program, so that nobody can say what it runs. */
  readonly runs?: boolean
}

const chooses = 'chooses what runs'
const writes = 'writes a file'

/** The published table for git, behind its own options. */
export const GIT_CHOOSERS: readonly Chooser[] = [
  {
    programs: ['git'],
    long: ['upload-pack', 'receive-pack', 'exec', 'open-files-in-pager', 'extcmd'],
    why: chooses,
    runs: true,
  },
  {
    programs: ['git'],
    long: ['ext-diff', 'textconv', 'filters'],
    not: ['text', 'filter'],
    why: 'runs what the configuration names',
  },
  { programs: ['git'], long: ['output', 'output-directory'], why: writes },
  { programs: ['git'], long: ['no-index', 'unsafe-paths'], why: 'has git touch any file, wherever it lies' },
  { programs: ['git'], behind: ['rebase', 'difftool'], short: 'x', values: 'sSXC', why: chooses, runs: true },
  { programs: ['git'], behind: ['clone', 'init'], long: ['template', 'config'], why: chooses, runs: true },
  { programs: ['git'], behind: ['clone'], short: 'uc', values: 'bjo', why: chooses, runs: true },
  { programs: ['git'], behind: ['grep'], short: 'O', values: 'efABCm', why: chooses, runs: true },
  { programs: ['git'], behind: ['archive', 'format-patch'], short: 'o', values: 'v', why: writes },
  { programs: ['git'], word: /^(ext|fd)::/i, why: 'is an address that runs a program', runs: true },
  {
    programs: ['git'],
    behind: [
      'clone',
      'fetch',
      'pull',
      'push',
      'ls-remote',
      'remote',
      'submodule',
      'archive',
      'fetch-pack',
      'send-pack',
    ],
    word: /^(--[\w-]+=)?[\w.+-]+::/,
    why: 'is an address that runs a program',
    runs: true,
  },
  {
    programs: ['git'],
    behind: 'difftool mergetool filter-branch filter-repo send-email instaweb daemon shell for-each-repo hook'
      .split(' ')
      .concat(
        'svn p4 cvsimport cvsserver fast-import http-backend citool gui web--browse help maintenance'.split(
          ' ',
        ),
      )
      .concat(
        'upload-pack receive-pack upload-archive credential credential-store credential-cache'.split(' '),
      ),
    always: true,
    why: 'runs what its words or the configuration name',
    runs: true,
  },
]

/** The published table for all others. */
export const CHOOSERS: readonly Chooser[] = [
  {
    programs: ['tar', 'bsdtar', 'gtar'],
    long: [
      ...['checkpoint-action', 'to-command', 'use-compress-program', 'rsh-command', 'rmt-command'],
      ...['info-script', 'new-volume-script'],
    ],
    short: 'IF',
    why: chooses,
    runs: true,
  },
  {
    programs: ['rsync'],
    long: ['rsh', 'rsync-path', 'config', 'daemon'],
    short: 'e',
    why: chooses,
    runs: true,
  },
  { programs: ['ssh'], short: 'oFSIE', values: 'BbcDeiJLlmOpQRWw', why: chooses, runs: true },
  { programs: ['scp', 'sftp'], short: 'oFSDb', values: 'ciJlPRsX', why: chooses, runs: true },
  {
    programs: ['curl'],
    long: ['config', 'engine', 'libcurl', 'unix-socket'],
    short: 'K',
    values: 'AbcCdDeEFhHmoPQrtTuUwxXyYz',
    why: 'reads its options from a file, or loads a part of it',
  },
  {
    programs: ['wget'],
    long: ['execute', 'use-askpass', 'config'],
    short: 'e',
    values: 'oaiBtOTwQPUlADRIX',
    why: chooses,
    runs: true,
  },
  { programs: ['sort', 'gsort'], long: ['compress-program'], why: chooses, runs: true },
  { programs: ['split', 'gsplit'], long: ['filter'], why: chooses, runs: true },
  { programs: ['install', 'ginstall'], long: ['strip-program'], why: chooses, runs: true },
  {
    programs: ['rg'],
    long: ['pre', 'hostname-bin', 'search-zip'],
    short: 'z',
    values: 'ABCEMTdefgjmrt',
    why: chooses,
    runs: true,
  },
  { programs: ['fd', 'fdfind'], long: ['exec', 'exec-batch'], short: 'xX', values: 'dtcjEeSg', why: chooses },
  { programs: ['find', 'gfind'], word: /^-(delete|fprint0?|fprintf|fls)$/, why: 'removes or writes files' },
  {
    programs: ['man'],
    long: ['pager', 'html', 'preprocessor', 'config-file', 'troff-device'],
    short: 'PHpC',
    values: 'LmMrRS',
    why: chooses,
    runs: true,
  },
  {
    programs: ['less', 'more', 'most'],
    long: ['lesskey-file', 'lesskey-src', 'log-file', 'LOG-FILE'],
    short: 'koO',
    word: /^\+/,
    why: chooses,
    runs: true,
  },
  {
    programs: 'vi vim nvim view vimdiff ex ed red emacs emacsclient nano pico micro helix hx joe'.split(' '),
    always: true,
    why: 'is an editor, which runs what is typed into it',
    runs: true,
  },
  {
    programs: ['npm', 'npx', 'pnpm', 'yarn', 'bun'],
    long: [
      'script-shell',
      'shell',
      'node-options',
      'userconfig',
      'globalconfig',
      'git',
      'editor',
      'viewer',
      'browser',
      'init-module',
      'npmrc-auth-file',
      'use-node-version',
    ],
    not: ['global', 'no'],
    why: chooses,
    runs: true,
  },
  {
    programs: ['go'],
    word: /^--?(toolexec|exec|vettool|overlay|modfile|ldflags|gcflags|asmflags|gccgoflags|compiler)(=|$)/,
    why: chooses,
    runs: true,
  },
  { programs: ['go'], behind: ['env'], short: 'wu', word: /^--?[wu]$/, why: 'changes what go runs' },
  { programs: ['go'], behind: ['generate'], always: true, why: 'runs what comments say', runs: true },
  { programs: ['cargo'], long: ['config'], word: /^(\+.*[/\\]|-Z)/, why: chooses, runs: true },
  {
    programs: 'gcc g++ cc c++ clang clang++ cpp'.split(' '),
    word: /^(-wrapper|-f?plugin|-fuse-ld|--ld-path|-B|-specs|--specs|-Xclang|-load|-iplugindir|@)/,
    why: chooses,
    runs: true,
  },
  {
    programs: ['make', 'gmake'],
    long: ['eval', 'file', 'makefile', 'include-dir'],
    short: 'fIE',
    values: 'CjloW',
    word: /^\.?(SHELL|SHELLFLAGS|MAKEFLAGS|MAKEFILES)[:?+!]*=/,
    why: chooses,
    runs: true,
  },
  {
    programs: ['apt', 'apt-get'],
    long: ['option', 'config-file'],
    short: 'oc',
    values: 'at',
    why: chooses,
    runs: true,
  },
  {
    programs: ['hg'],
    long: ['config', 'config-file', 'cwd', 'repository'],
    short: 'R',
    why: chooses,
    runs: true,
  },
  {
    programs: ['svn'],
    long: ['config-option', 'config-dir', 'diff-cmd', 'diff3-cmd', 'editor-cmd'],
    why: chooses,
    runs: true,
  },
  {
    programs: ['gh'],
    behind: ['alias', 'extension', 'ext', 'config'],
    always: true,
    why: 'changes what gh runs',
  },
  { programs: ['kubectl'], long: ['kubeconfig'], why: chooses, runs: true },
  { programs: ['tcpdump'], short: 'z', why: chooses, runs: true },
  { programs: ['bat', 'batcat', 'delta'], long: ['pager'], why: chooses, runs: true },
  { programs: ['fzf'], long: ['preview', 'bind', 'with-shell', 'listen-unsafe'], why: chooses, runs: true },
  {
    programs: ['sqlite3', 'psql', 'mysql', 'mariadb'],
    word: /(^|\s)(\.(sh|sy|lo|imp|o|exc)|\\!|\\[gowci])|load_extension|system/i,
    why: 'may run programs',
    runs: true,
  },
  { programs: ['ctags', 'etags'], long: ['options', 'filter'], why: chooses },
  // Code in a word, by the usual ways to run a program. There are others: an allow rule for `perl:*` is wide.
  {
    programs: 'perl python python2 python3 ruby node nodejs deno bun php lua tclsh guile'.split(' '),
    word: /^(?=[^]*[\s('"`{;])[^]*?(\b(exec\w*|system|spawn\w*|\w*popen\d?|qx|child_process|subprocess|shell_exec|passthru|proc_open|fork|syscall|eval|__import__|import_module|getattr)\b|%x)/,
    why: 'may run programs',
    runs: true,
  },
  {
    programs: ['perl', 'ruby', 'php'],
    word: /`|\bopen\b[^]*\|/,
    why: 'may run programs',
    runs: true,
  },
  { programs: ['coreutils'], always: true, why: 'is many programs', runs: true },
  // bash works out what stands in the brackets behind the name of a variable, substitutions included.
  { programs: ['test', '['], word: /^-[vR]$/, why: 'works out what stands in a name' },
]
