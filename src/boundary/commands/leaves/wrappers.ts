/** How the words of a wrapper are read, up to where the command inside begins. */
export interface Wrapper {
  /** Letters that stand alone, and letters that take a value. */
  readonly flags?: string
  readonly values?: string
  /** Long options, written without `--`; those ending in `=` take a value, `[=` one that is glued or none. */
  readonly long?: readonly string[]
  /** Of the options that take a value, those whose value is the directory that it runs in. */
  readonly directories?: readonly string[]
  /** Options under which no rule that allows covers what is inside, and why. */
  readonly flaws?: Readonly<Record<string, string>>
  /** `-10`, as in `nice -10`. */
  readonly takesNumber?: boolean
  /** What comes before the command: a time, a mask, a directory. */
  readonly operands?: readonly RegExp[]
  /** `NAME=value` in front of the command sets a variable. */
  readonly takesAssignments?: boolean
  /** It makes a file of its own as well, so that rules must cover both. */
  readonly makesFile?: boolean
  /** What is inside runs with other rights. */
  readonly isRight?: boolean
  /** Alone, it starts a shell that reads its input. */
  readonly isShellAlone?: boolean
  /** The words of the command are joined to a line, which a shell reads; not behind one of these options. */
  readonly joins?: { readonly unless: readonly string[] }
}

const WRITES = 'writes what it has seen to a file, or into a program'
const ELSEWHERE = 'runs it in another system of files'
const SETS = 'sets variables that nobody has looked at'
const NUMBER = /^\d+$/
const ANY = /^/

/** The published table of programs that run the program behind them. */
export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: {
    flags: 'i0v',
    values: 'uCa',
    long: ['ignore-environment', 'null', 'debug', 'unset=', 'chdir=', 'argv0='],
    directories: ['C', 'chdir'],
    flaws: { a: 'gives it another name', argv0: 'gives it another name' },
    takesAssignments: true,
  },
  'cross-env': { takesAssignments: true },
  nice: { values: 'n', long: ['adjustment='], takesNumber: true },
  ionice: { flags: 't', values: 'cn', long: ['ignore', 'class=', 'classdata='] },
  timeout: {
    flags: 'fpv',
    values: 'ks',
    long: ['foreground', 'preserve-status', 'verbose', 'kill-after=', 'signal='],
    operands: [/^\d*\.?\d+[smhd]?$/],
  },
  gtimeout: { flags: 'fpv', values: 'ks', operands: [/^\d*\.?\d+[smhd]?$/] },
  nohup: {},
  setsid: { flags: 'cfw', long: ['ctty', 'fork', 'wait'] },
  stdbuf: { values: 'ioe', long: ['input=', 'output=', 'error='] },
  time: {
    flags: 'apqvl',
    values: 'fo',
    long: ['portability', 'quiet', 'verbose', 'append', 'format=', 'output='],
    flaws: { o: WRITES, output: WRITES },
  },
  chrt: {
    flags: 'abdefiorRGv',
    values: 'TPD',
    long: ['batch', 'deadline', 'fifo', 'idle', 'other', 'rr', 'reset-on-fork', 'verbose'],
    operands: [NUMBER],
  },
  taskset: { flags: 'ac', long: ['all-tasks', 'cpu-list'], operands: [/^(0x)?[\da-f][\da-f,:-]*$/i] },
  unbuffer: { flags: 'p' },
  watch: {
    flags: 'bcCdegprtwx',
    values: 'nq',
    long: ['beep', 'color', 'differences[=', 'errexit', 'chgexit', 'no-title', 'exec', 'interval='],
    joins: { unless: ['x', 'exec'] },
  },
  strace: {
    flags: 'cCdDfFhikqrtTvwxyYzZ',
    values: 'abeEIoOPsSuU',
    long: ['follow-forks', 'summary-only', 'trace=', 'output=', 'env=', 'user='],
    flaws: {
      o: WRITES,
      output: WRITES,
      E: SETS,
      env: SETS,
      u: 'runs it as somebody else',
      user: 'runs it as somebody else',
    },
  },
  ltrace: {
    flags: 'bcCfhirStTVL',
    values: 'aADeFlnopsuwx',
    flaws: { o: WRITES, F: SETS, u: 'runs it as somebody else' },
  },
  command: { flags: 'p' },
  builtin: {},
  exec: { flags: 'cl', values: 'a', flaws: { a: 'gives it another name' } },
  flock: {
    flags: 'esxnuoF',
    values: 'wE',
    long: ['shared', 'exclusive', 'nonblock', 'unlock', 'close', 'no-fork', 'wait=', 'timeout='],
    operands: [ANY],
    makesFile: true,
  },
  chronic: { flags: 've' },
  caffeinate: { flags: 'disum', values: 't' },
  fakeroot: { flags: 'u' },
  winpty: {},
  sudo: {
    flags: 'AbEHknPSsiB',
    values: 'CDghpRrTtuU',
    long: [
      'askpass',
      'background',
      'set-home',
      'non-interactive',
      'stdin',
      'preserve-env[=',
      'user=',
      'group=',
      'chdir=',
    ],
    directories: ['D', 'chdir'],
    flaws: { R: ELSEWHERE },
    takesAssignments: true,
    isRight: true,
    isShellAlone: true,
  },
  doas: { flags: 'ns', values: 'uCa', isRight: true, isShellAlone: true },
  pkexec: { long: ['user=', 'disable-internal-agent', 'keep-cwd'], isRight: true, isShellAlone: true },
  gosu: { operands: [ANY], isRight: true, isShellAlone: true },
  'su-exec': { operands: [ANY], isRight: true, isShellAlone: true },
  chroot: {
    long: ['userspec=', 'groups=', 'skip-chdir'],
    operands: [ANY],
    isRight: true,
    isShellAlone: true,
  },
  unshare: {
    flags: 'imnpuUCTfrc',
    values: 'RwSG',
    long: [
      'mount',
      'net',
      'pid',
      'ipc',
      'uts',
      'user',
      'cgroup',
      'fork',
      'map-root-user',
      'mount-proc',
      'keep-caps',
    ],
    flaws: { R: ELSEWHERE, w: ELSEWHERE },
    isRight: true,
    isShellAlone: true,
  },
  nsenter: {
    flags: 'amunpiUCTFZe',
    values: 'tSG',
    long: ['all', 'target=', 'mount[=', 'uts[=', 'ipc[=', 'net[=', 'pid[=', 'user[=', 'preserve-credentials'],
    isRight: true,
    isShellAlone: true,
  },
}

/** Programs inside a command that counts itself: rules name `npx tsc`, and one that denies looks inside. */
export interface Carrier {
  /** The words between the name and its options: `npm exec`. */
  readonly behind?: readonly string[]
  readonly reads: Wrapper
  /** Options whose value is a line for a shell. */
  readonly lines?: readonly string[]
}

const NPX: Carrier = {
  reads: {
    flags: 'yq',
    values: 'pw',
    long: ['yes', 'no', 'no-install', 'quiet', 'package=', 'workspace=', 'silent'],
  },
  lines: ['c', 'call'],
}
const PNPM = {
  flags: 'rcs',
  values: 'C',
  long: ['recursive', 'silent', 'parallel', 'package=', 'filter=', 'dir='],
}

/** The published table of those. */
export const CARRIERS: Readonly<Record<string, readonly Carrier[]>> = {
  npx: [NPX],
  pnpx: [NPX],
  bunx: [{ reads: { flags: 'p', long: ['bun', 'package='] } }],
  bun: [{ behind: ['x'], reads: { long: ['bun', 'package='] } }],
  npm: [
    { ...NPX, behind: ['exec'] },
    { ...NPX, behind: ['x'] },
  ],
  pnpm: [
    { behind: ['exec'], reads: PNPM },
    { behind: ['dlx'], reads: PNPM },
  ],
  yarn: [
    { behind: ['exec'], reads: {} },
    { behind: ['dlx'], reads: { flags: 'q', values: 'p', long: ['quiet', 'package='] } },
  ],
  corepack: [{ reads: {} }],
  uvx: [{ reads: { flags: 'qv', values: 'p', long: ['from=', 'with=', 'python=', 'quiet'] } }],
  uv: [
    {
      behind: ['run'],
      reads: { flags: 'qv', values: 'p', long: ['with=', 'python=', 'extra=', 'group=', 'frozen', 'locked'] },
    },
    { behind: ['tool', 'run'], reads: { values: 'p', long: ['from=', 'with=', 'python='] } },
  ],
  pipx: [{ behind: ['run'], reads: { long: ['spec=', 'no-cache', 'python='] } }],
  poetry: [{ behind: ['run'], reads: {} }],
  pdm: [{ behind: ['run'], reads: {} }],
  pipenv: [{ behind: ['run'], reads: {} }],
  bundle: [{ behind: ['exec'], reads: {} }],
  mise: [{ behind: ['exec'], reads: {} }],
  direnv: [{ behind: ['exec'], reads: { operands: [ANY] } }],
  ssh: [
    {
      reads: {
        flags: '46AaCfGgKkMNnqsTtVvXxYy',
        values: 'BbcDEeFIiJLlmOopQRSWw',
        operands: [ANY],
        joins: { unless: [] },
      },
    },
  ],
}

/** Programs that run others by ways of saying so that nobody here knows. */
export const OPAQUE: ReadonlySet<string> = new Set(
  [
    'parallel entr at batch crontab systemd-run tmux screen expect dtach daemonize start-stop-daemon run-parts',
    'gdb lldb valgrind perf rr bwrap firejail proot setpriv setarch linux32 linux64 prlimit numactl choom',
    'xvfb-run dbus-run-session dbus-launch rlwrap hyperfine tini dumb-init softlimit chpst runcon capsh',
    'faketime eatmydata proxychains proxychains4 torsocks tsocks nix-shell nix dotenv dotenvx',
    'fish csh tcsh nu elvish xonsh pwsh powershell cmd osascript rush socat ncat nc netcat',
  ].flatMap((names) => names.split(' ')),
)
