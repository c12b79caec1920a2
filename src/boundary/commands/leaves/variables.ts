import { CODE } from '../bash/evaluation.ts'
import type { Assigned } from '../shell.ts'

/** What a plain value is: no path, nothing that is read as a list of files, no text of a program. */
const PLAIN = /^[\w.,:@+ -]*$/
const SWITCH = /^(|0|1|true|false|yes|no|on|off)$/i
const NUMBER = /^\d*$/
/** `test`, `production`. */
const STAGE = /^[a-z]+$/
/** A locale with a slash in it is loaded from there. */
/** In others a letter may end in the byte of a backslash, and bash reads the rest of the line by that. */
const LOCALE = /^$|^(C|POSIX)$|^[\w@-]+\.(utf-?8)$/i

/** The published table of variables that a command may be given, and the values that are as harmless. */
export const HARMLESS_VARIABLES: Readonly<Record<string, RegExp>> = {
  CI: SWITCH,
  NODE_ENV: /^[\w-]*$/,
  MIX_ENV: STAGE,
  RAILS_ENV: STAGE,
  RACK_ENV: STAGE,
  APP_ENV: STAGE,
  FLASK_ENV: STAGE,
  FORCE_COLOR: /^(true|false|\d)?$/,
  NO_COLOR: SWITCH,
  CLICOLOR: SWITCH,
  CLICOLOR_FORCE: SWITCH,
  TERM: /^[a-z][\w.+-]*$/i,
  COLORTERM: /^\w*$/,
  COLUMNS: NUMBER,
  LINES: NUMBER,
  // A zone that begins with a slash or a colon is a file to read.
  TZ: /^[A-Z][\w+-]*(\/[A-Z][\w+-]*){0,2}$/i,
  LANG: LOCALE,
  LC_ALL: LOCALE,
  LC_CTYPE: LOCALE,
  LC_COLLATE: LOCALE,
  LC_MESSAGES: LOCALE,
  LC_NUMERIC: LOCALE,
  LC_TIME: LOCALE,
  DEBUG: /^[\w:*,. -]*$/,
  LOG_LEVEL: /^\w*$/,
  PORT: NUMBER,
  PYTHONUNBUFFERED: SWITCH,
  PYTHONDONTWRITEBYTECODE: SWITCH,
  PYTHONHASHSEED: /^(\d+|random)$/,
  PYTHONUTF8: SWITCH,
  RUST_BACKTRACE: /^(0|1|full)$/,
  RUST_LOG: PLAIN,
  CARGO_TERM_COLOR: /^\w+$/,
  CARGO_INCREMENTAL: SWITCH,
  CGO_ENABLED: SWITCH,
  GOOS: /^\w+$/,
  GOARCH: /^\w+$/,
  NODE_NO_WARNINGS: SWITCH,
  TURBO_TELEMETRY_DISABLED: SWITCH,
  NEXT_TELEMETRY_DISABLED: SWITCH,
  DO_NOT_TRACK: SWITCH,
  NO_UPDATE_NOTIFIER: SWITCH,
  DEBIAN_FRONTEND: /^(noninteractive|readline|teletype)$/,
  HUSKY: /^0$/,
}

/** Why a variable that is set keeps a command from being covered by a rule that allows, or `null`. */
export function flawOfVariable(name: string, value: string | null): string | null {
  const form = Object.hasOwn(HARMLESS_VARIABLES, name) ? HARMLESS_VARIABLES[name] : undefined
  if (form === undefined) return `${shown(name)}=… may choose what runs`
  if (value === null) return `what ${shown(name)} is set to is only known once it runs`
  return form.test(value) ? null : `${shown(name)} is set to something that nobody knows the meaning of`
}

/** The same of all that are set in front of a command. */
export function flawOfAssignments(assignments: readonly Assigned[]): string | null {
  for (const { name, value } of assignments) {
    const flaw = flawOfVariable(name, value)
    if (flaw !== null) return flaw
  }
  return null
}

const SHOWN_CHARS_MAX = 60

function shown(name: string): string {
  return name.slice(0, SHOWN_CHARS_MAX)
}

/** The published list of variables by which a shell, a loader, git or a language is told what to run. */
const CHOOSING = new RegExp(
  `^(${[
    'BASH_ENV|ENV|PROMPT_COMMAND|PROMPT_DIRTRIM|BASH_(ALIASES|CMDS|LOADABLES_PATH|XTRACEFD)|SHELLOPTS|BASHOPTS',
    'PATH|CDPATH|FPATH|MODULE_PATH|ZDOTDIR|HOME|SHELL|EXECIGNORE|XDG_CONFIG_(HOME|DIRS)|COMSPEC|PATHEXT',
    'LD_.*|DYLD_.*|GCONV_PATH|LESSOPEN|LESSCLOSE|LESS|LESSKEY.*|MANPAGER|MANOPT|TAR_OPTIONS|RSYNC_RSH|CVS_RSH',
    'GIT_(?!AUTHOR_|COMMITTER_|TERMINAL_PROMPT|OPTIONAL_LOCKS|TRACE|PAGER|EDITOR|SEQUENCE_EDITOR).*',
    'SSH_ASKPASS|SUDO_ASKPASS|SSH_AUTH_SOCK|SVN_SSH|HGRCPATH|EDITOR_COMMAND',
    'NODE_(OPTIONS|PATH|REPL_EXTERNAL_MODULE)|npm_config_.*|NPM_CONFIG_.*|pnpm_config_.*|YARN_(?!ENABLE).*|BUN_OPTIONS',
    'PYTHON(PATH|STARTUP|HOME|BREAKPOINT|INSPECT|EXECUTABLE|PLATLIBDIR|USERBASE|PYCACHEPREFIX|WARNINGS)',
    'PERL5(OPT|LIB|DB|SHELL)|PERLLIB|RUBY(OPT|LIB|SHELL)|BUNDLE_GEMFILE|PHPRC|PHP_INI_SCAN_DIR|LUA_INIT.*|LUA_C?PATH.*',
    '_?JAVA_(TOOL_)?OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_.*|GRADLE_.*|SBT_OPTS|JAVA_HOME',
    'RUSTC.*|RUSTFLAGS|RUSTDOC.*|RUSTUP_TOOLCHAIN|CARGO(_(?!TERM_|INCREMENTAL|NET_).*)?|GOFLAGS|GOENV|GOTOOLCHAIN|GOROOT|GOPROXY',
    'CC|CXX|CPP|LD|AR|AS|CFLAGS|CXXFLAGS|LDFLAGS|CGO_.*FLAGS|MAKE|MAKEFLAGS|MFLAGS|MAKEFILES|GNUMAKEFLAGS',
    'DOCKER_(HOST|CONFIG)|KUBECONFIG|OPENSSL_CONF|TERMINFO.*|DJANGO_SETTINGS_MODULE',
  ].join('|')})$`,
)
/** Those that only say where modules lie, which the program that is run would be free to load anyway. */
const PLACES =
  /^(PYTHON(PATH|WARNINGS|PYCACHEPREFIX)|NODE_PATH|CLASSPATH|CARGO_TARGET_DIR|DJANGO_SETTINGS_MODULE)$/
const PLAIN_PLACES = /^[\w./:,@+-]*$/
/** Options of node that load nothing. */
const NODE_SETTINGS = new RegExp(
  `^(${[
    '--(max-old-space-size|max-semi-space-size|stack-trace-limit)=\\d+',
    '--(no-warnings|no-deprecation|trace-\\w+|enable-source-maps|experimental-vm-modules)',
    '--openssl-legacy-provider|\\s',
  ].join('|')})*$`,
)
/** Those that name a program to show or change text with; some of these run nothing. */
const SHOWING = /^(.*_)?(PAGER|EDITOR|VISUAL|BROWSER|EXTERNAL_DIFF|ASKPASS)$/
const SHOWS_NOTHING = /^(|:|cat|true|less|more|vi|vim|nano|echo|false)$/

/**
 * Whether a variable makes programs run others, so nobody can say what a command runs: by its name, or by
 * a substitution in the text that it is set to, which a shell behind it may work out.
 */
export function choosesProgram(name: string, value: string | null, isRun: boolean): boolean {
  if (!/^\w+$/.test(name) && name !== '') return /^BASH_|[()]/.test(name)
  // bash expands it for each line that it shows.
  if (/^PS[0-4]$/.test(name)) return value === null || /[$`\\]/.test(value)
  if (SHOWING.test(name)) return value === null || !SHOWS_NOTHING.test(value)
  if (PLACES.test(name)) return value === null || !PLAIN_PLACES.test(value)
  if (name === 'NODE_OPTIONS') return value === null || !NODE_SETTINGS.test(value)
  return CHOOSING.test(name) || (isRun && value !== null && CODE.test(value))
}
