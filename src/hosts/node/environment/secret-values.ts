import { createRedactor } from '../../redaction/redactor.ts'
import { looksRandom } from './randomness.ts'

/** What no journal may show looks like a secret in an environment, too: one table of forms for both. */
const REDACTOR = createRedactor({})
/** `scheme://user:password@`, whatever the name. */
const PASSWORD_IN_ADDRESS = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/[^/\s:@]{0,500}:[^/\s@]{1,500}@/i
/** `Server=db;Password=hunter2`, `host=db password=hunter2`, `?sig=…`: the parts of a connection. */
const PASSWORD_IN_PARTS = new RegExp(
  `(^|[\\s;&?,{"'-])(${[
    'password|passwd|pwd|secret|token|api_?-?key|access_?-?key|account_?-?key|shared ?access ?(key|signature)',
    'client_?-?secret|sig|signature|auth',
  ].join('|')})["']?\\s*[=:]\\s*["']?[^\\s;&"',}$%]{4,}`,
  'i',
)
/** The path is all there is to know. */
const WEBHOOK =
  /https?:\/\/(hooks?\.[\w.-]{1,200}\/|([\w.-]{0,200}\.)?discord(app)?\.com\/api\/webhooks\/)\S/i

/**
 * Variables that are known to hold long texts which are no secrets: places, looks, sessions of the desktop,
 * and what names a state of the code. A known form of a key is one under these names as well.
 */
const HARMLESS_NAME = new RegExp(
  `^(${[
    'PATH|SHLVL|SHELL|HOME|USER|LOGNAME|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE|PS[1-4]|LANG|LANGUAGE|LC_\\w+|TZ|_',
    'TERM\\w*|COLORTERM|LS_COLORS|LSCOLORS|GREP_COLORS?|GCC_COLORS|LESS\\w*|PAGER|EDITOR|VISUAL|DISPLAY|XAUTHORITY',
    'XDG_\\w+|DBUS_\\w+|WAYLAND_\\w+|GNOME_\\w+|KDE_\\w+|GTK_\\w+|QT_\\w+|VTE_\\w+|NIX_\\w+|WSL\\w*|ITERM_\\w+',
    'INVOCATION_ID|JOURNAL_STREAM|MANAGERPID|SYSTEMD_\\w+|MEMORY_PRESSURE_\\w+|SESSION_MANAGER|WINDOWID|TMUX\\w*',
    'npm_package_\\w+|npm_lifecycle_\\w+|npm_node_\\w+',
  ].join('|')})$`,
)
/** The name of a state of the code, of a build, or of something that is looked up by it. */
const NAMES_A_STATE =
  /(^|_)(SHA\d*(SUM)?|COMMIT|REVISION|REV|HEAD|REF|HASH|DIGEST|CHECKSUM|MD5|INTEGRITY|VERSION|ETAG|FINGERPRINT|BUILD|TAG|IMAGE)(_|$)/i
const NAMES_A_PLACE = /(PATH|PATHS|DIR|DIRS|DIRECTORY|FOLDER|ROOT|PREFIX|HOME|FILE)$/i
const NAMES_A_THING = /_(U?U?ID|GUID)$/i

/** Whether a value looks like something that nobody else may see, by its form or by how little it says. */
export function isSecretValue(name: string, value: string): boolean {
  if (PASSWORD_IN_ADDRESS.test(value) || PASSWORD_IN_PARTS.test(value) || WEBHOOK.test(value)) return true
  if (REDACTOR.text(value) !== value) return true
  return !isHarmlessName(name) && looksRandom(value)
}

function isHarmlessName(name: string): boolean {
  return [HARMLESS_NAME, NAMES_A_STATE, NAMES_A_PLACE, NAMES_A_THING].some((it) => it.test(name))
}
