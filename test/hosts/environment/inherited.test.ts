/** What a real bash is handed: no secret by name or value, nothing that changes its line, the rest whole. */
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { nodeProcesses } from '../../../src/hosts/node-processes.ts'
import { directoryOf, never } from '../workspace.ts'

/** The same digits each run, and no two values alike: what chance makes of an alphabet. */
function chance(alphabet: string, length: number, seed: number): string {
  let state = seed * 2_654_435_761 + 12_345
  return Array.from({ length }, () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_507) + 0x9e3779b9) >>> 0
    return alphabet[(state >>> 8) % alphabet.length]
  }).join('')
}

const HEX = '0123456789abcdef'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Keys of forms that are known, or that say what they are, under a name that says nothing. */
const VALUES: readonly string[] = [
  `AKIA${chance(UPPER, 16, 1)}`,
  `ghp_${chance(BASE64, 36, 2)}`,
  `github_pat_${chance(BASE64, 40, 3)}`,
  `glpat-${chance(BASE64, 20, 4)}`,
  `sk-proj-${chance(BASE64, 40, 5)}`,
  `sk_live_${chance(BASE64, 24, 6)}`,
  `xoxb-${chance('0123456789', 12, 7)}-${chance(BASE64, 24, 8)}`,
  `AIza${chance(BASE64, 35, 9)}`,
  `npm_${chance(BASE64, 36, 10)}`,
  `hf_${chance(BASE64, 34, 11)}`,
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${chance(BASE64, 43, 12)}`,
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${chance(BASE64, 60, 13)}\n-----END OPENSSH PRIVATE KEY-----`,
  Buffer.from(`-----BEGIN RSA PRIVATE KEY-----\n${chance(BASE64, 60, 14)}`).toString('base64'),
  'postgres://shop:hunter2@db.internal:5432/shop',
  'redis://:hunter2hunter2@cache:6379',
  'Server=db;Database=shop;User Id=sa;Password=hunter2;',
  'host=db user=shop password=hunter2 dbname=shop',
  'DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=abcd1234==;',
  'Endpoint=sb://shop.example.net/;SharedAccessKeyName=Root;SharedAccessKey=qwer1234',
  'https://shop.example.net/c?sv=2022&sig=AbCd1234',
  `https://hooks.slack.com/services/T0000/B0000/${chance(BASE64, 24, 15)}`,
  `{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\\n${chance(BASE64, 40, 16)}"}`,
  `Bearer ${chance(BASE64, 32, 17)}`,
  chance(HEX, 32, 18),
  chance(HEX, 40, 19),
  chance(HEX.toUpperCase(), 64, 20),
  chance(BASE64, 20, 21),
  chance(BASE64, 24, 22),
  chance(BASE64, 32, 23),
  `${chance(BASE64, 40, 24)}==`,
  chance(LOWER, 32, 25),
  chance(LOWER, 40, 26),
  `key:${chance(BASE64, 28, 27)}`,
  `https://${chance(HEX, 32, 28)}@o1.ingest.example.io/1`,
  `${chance('0123456789', 9, 29)}:${chance(BASE64, 35, 30)}`,
  `user,${chance(BASE64, 22, 31)},eu-1`,
]
const NAMES = `
  OPENAI_API_KEY NPM_TOKEN GITHUB_TOKEN AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN DB_PASSWORD PGPASSWORD MYSQL_PWD
  STRIPE_SK SLACK_WEBHOOK_URL DATABASE_URL REDIS_URL SENTRY_DSN SSH_AUTH_SOCK GPG_PASSPHRASE SIGNING_KEY
  npm_config__auth HTTP_COOKIE JWT AZURE_CLIENT_SECRET ANTHROPIC_API_KEY VAULT_ADDR DJANGO_SECRET_KEY my_api_key`
  .trim()
  .split(/\s+/)

const HARMLESS: Readonly<Record<string, string>> = {
  LANG: 'en_US.UTF-8',
  TERM: 'xterm-256color',
  USER: 'ann',
  EDITOR: 'code --wait',
  LS_COLORS: 'rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35:*.tar=01;31:*.tgz=01;31:*.arc=01;31',
  XDG_RUNTIME_DIR: '/run/user/1000',
  XDG_SESSION_ID: '2',
  XDG_DATA_DIRS: '/usr/share/ubuntu:/usr/local/share/:/usr/share/:/var/lib/snapd/desktop',
  DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/1000/bus,guid=${chance(HEX, 32, 40)}`,
  INVOCATION_ID: chance(HEX, 32, 41),
  JOURNAL_STREAM: '8:31571',
  GITHUB_SHA: chance(HEX, 40, 42),
  CI_COMMIT_BEFORE_SHA: chance(HEX, 40, 43),
  PYTHON_SHA256: chance(HEX, 64, 44),
  NODE_OPTIONS: '--max-old-space-size=4096 --enable-source-maps',
  JAVA_HOME: '/usr/lib/jvm/java-17-openjdk-amd64',
  NVM_DIR: '/home/ann/.nvm',
  MANPATH: '/home/ann/.nvm/versions/node/v20.19.0/share/man:/usr/share/man',
  HTTP_PROXY: 'http://proxy.example.com:3128',
  NO_PROXY: 'localhost,127.0.0.1,.svc.cluster.local,registry.internal.example.com',
  TERM_SESSION_ID: 'w0t0p0:6F1A9C3B-7D2E-4F58-9A01-B2C3D4E5F607',
  VSCODE_IPC_HOOK: '/run/user/1000/vscode-6f1a9c3b-7d2e-4f58-9a01-b2c3d4e5f607.sock',
  LESSOPEN: '| /usr/bin/lesspipe %s',
  HOSTNAME: '3f2a9c1b7d4e',
  GNOME_TERMINAL_SCREEN: '/org/gnome/Terminal/screen/6f1a9c3b_7d2e_4f58_9a01_b2c3d4e5f607',
  npm_config_user_agent: 'npm/10.8.2 node/v20.19.0 linux x64 workspaces/false ci/github-actions',
  BUNDLE_GEMFILE: '/home/ann/shop/Gemfile',
  GIT_AUTHOR_NAME: 'Ann Example',
  CFLAGS: '-O2 -g -Wall -Wextra -fstack-protector-strong -D_FORTIFY_SOURCE=2 -march=x86-64-v3',
  SHOP_REGION: 'eu-central-1',
  SHOP_MODEL: 'claude-sonnet-4-5-20250929',
  GREETING: 'Hello there, this is a sentence with Some Words in it, and the number 42.',
  SHOP_URL: 'https://shop.example.com/products/list?page=2&sort=name',
  RUSTFLAGS: '-C target-cpu=native -C link-arg=-fuse-ld=lld',
  SHOP_LEVELS: 'debug,info,warning,error,critical',
  BUILD_TAG: 'jenkins-shop-backend-feature-1234-88',
}

/** What bash says of its environment, by name. */
async function inherited(
  environment: Readonly<Record<string, string>>,
  { line = 'env -0', keeps = [] }: { readonly line?: string; readonly keeps?: readonly string[] } = {},
) {
  const cwd = await directoryOf()
  const processes = nodeProcesses({ environment: { PATH: '/usr/bin:/bin', ...environment }, keeps })
  const asked = { line, cwd, timeoutMs: 10_000, keepBytes: 200_000 }
  const { output } = await processes.run(asked, { signal: never, progress() {} })
  return output
}

function variablesIn(output: string): ReadonlyMap<string, string> {
  return new Map(
    output
      .split('\0')
      .filter((it) => it.includes('='))
      .map((it) => [it.slice(0, it.indexOf('=')), it.slice(it.indexOf('=') + 1)]),
  )
}

describe('a command, in a real bash', () => {
  it('is shown none of 60 secrets, by whatever name and of whatever form', async () => {
    const byValue = Object.fromEntries(VALUES.map((value, at) => [`SHOP_SETTING_${at}`, value]))
    const byName = Object.fromEntries(NAMES.map((name, at) => [name, `plain words ${at} of a value`]))
    expect(VALUES.length + NAMES.length).toBeGreaterThanOrEqual(60)
    const seen = variablesIn(await inherited({ ...byValue, ...byName }))
    const leaked = [...Object.entries(byValue), ...Object.entries(byName)].filter(([name]) => seen.has(name))
    expect(leaked).toEqual([])
  })

  it('is shown all of more than 30 that are harmless, as they are', async () => {
    expect(Object.keys(HARMLESS).length).toBeGreaterThan(30)
    const seen = variablesIn(await inherited(HARMLESS))
    expect(Object.fromEntries(Object.keys(HARMLESS).map((name) => [name, seen.get(name)]))).toEqual(HARMLESS)
  })

  it('a known form of a key is no less one under a harmless name', async () => {
    const [key = ''] = VALUES
    const seen = variablesIn(await inherited({ GITHUB_SHA: key, XDG_NOTE: `see ${VALUES[1]}`, MY_PATH: key }))
    expect(['GITHUB_SHA', 'XDG_NOTE', 'MY_PATH'].filter((name) => seen.has(name))).toEqual([])
  })

  it('is handed what the user has named, whatever it looks like, and nothing that changes its line', async () => {
    const given = {
      NPM_TOKEN: VALUES[8] ?? '',
      SSH_AUTH_SOCK: '/tmp/agent.1',
      BASH_ENV: '/tmp/x',
      LD_PRELOAD: '/tmp/none.so',
    }
    const seen = variablesIn(await inherited(given, { keeps: Object.keys(given) }))
    expect(seen.get('NPM_TOKEN')).toBe(given.NPM_TOKEN)
    expect(seen.get('SSH_AUTH_SOCK')).toBe('/tmp/agent.1')
    expect(seen.has('BASH_ENV') || seen.has('LD_PRELOAD')).toBe(false)
    expect(variablesIn(await inherited(given, { keeps: ['npm_token'] })).has('NPM_TOKEN')).toBe(false)
  })

  it('means by its line what stands there, whatever shell Troupe was started from', async () => {
    const root = await directoryOf({ rc: 'echo SOURCED' })
    const trap = {
      BASH_ENV: `${root}/rc`,
      ENV: `${root}/rc`,
      HOME: root,
      SHELLOPTS: 'xtrace:verbose:noglob',
      BASHOPTS: 'extglob:xpg_echo',
      'BASH_FUNC_echo%%': '() { printf TRAPPED; }',
      'BASH_FUNC_ls()': '() { printf TRAPPED; }',
      printf: '() { :; }; echo TRAPPED',
      PROMPT_COMMAND: 'echo TRAPPED',
      PS4: '$(echo TRAPPED >&2)',
      BASH_XTRACEFD: '2',
      IFS: 'l',
      CDPATH: '/usr',
      GLOBIGNORE: '*',
      POSIXLY_CORRECT: '1',
      EXECIGNORE: '*',
    }
    for (const name of ['.bashrc', '.profile', '.bash_profile']) {
      await writeFile(`${root}/${name}`, 'echo SOURCED')
    }
    const line =
      'echo "a\\tb"; word=hello; for part in $word; do echo "$part"; done; ls /usr/bin/env; cd share 2>&1 | tr -d "\\n" | tail -c 9'
    expect(await inherited(trap, { line })).toBe('a\\tb\nhello\n/usr/bin/env\ndirectory')
  })
})
