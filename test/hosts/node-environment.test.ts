import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { commandEnvironment } from '../../src/hosts/node/environment/environment.ts'
import { directoryOf } from './workspace.ts'

const GONE = `
  BASH_ENV ENV SHELLOPTS BASHOPTS CDPATH GLOBIGNORE PROMPT_COMMAND PS4 LD_PRELOAD LD_LIBRARY_PATH
  BASH_FUNC_ls%% BASH_FUNC_ls() POSIXLY_CORRECT OPENAI_API_KEY OPENAI_BASE_URL AWS_PROFILE
  AWS_SECRET_ACCESS_KEY ANTHROPIC_API_KEY APIKEY my_token NPM_TOKEN TOKEN DB_PASSWORD PGPASSWORD MYSQL_PWD
  PASS DB_PASS PASSWORD1 PASSCODE REDIS_URL MONGODB_URI AMQP_URL JWT AUTHORIZATION BEARER CREDS GIT_CREDS STRIPE_SK
  SLACK_WEBHOOK_URL ENCRYPTION_KEY_BASE64 ACCESSTOKENS MNEMONIC RIPGREP_CONFIG_PATH GIT_CONFIG_COUNT GIT_DIR
  GIT_CONFIG_KEY_0 GIT_SSL_NO_VERIFY GIT_SSL_KEY SSH_AUTH_SOCK GPG_AGENT_INFO LD_DEBUG_OUTPUT DYLD_FRAMEWORK_PATH EXECIGNORE GIT_EXTERNAL_DIFF GIT_WORK_TREE GIT_INDEX_FILE TROUPE_HOME
  SECRET_KEY_BASE GIT_CREDENTIAL GOOGLE_APPLICATION_CREDENTIALS CLIENT_SECRET SENTRY_DSN DATABASE_URL npm_config__auth`
const KEPT = `
  HOME PWD OLDPWD TERM TMPDIR USER NODE_OPTIONS HTTP_PROXY KEYBOARD EDITOR SSH_ASKPASS SSH_AGENT_PID COMPASS
  GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL GIT_SSH_COMMAND GIT_SSL_CAINFO AWS_CA_BUNDLE MONKEY_BUSINESS PATHEXT`
const inherited = (
  environment: Readonly<Record<string, string | undefined>>,
  workspace = '/home/ann/shop',
) => {
  const { GIT_OPTIONAL_LOCKS: locks, ...rest } = commandEnvironment(environment, workspace)
  expect(locks).toBe('0')
  return rest
}
const names = (list: string) => list.trim().split(/\s+/)

it.each(names(GONE))('%s is not handed to a command', (name) => {
  expect(inherited({ [name]: 'x' })).toEqual({})
})

it.each(names(KEPT))('%s is', (name) => {
  expect(inherited({ [name]: 'x' })).toEqual({ [name]: 'x' })
})

it.each([
  ['C', true],
  ['de_DE.UTF-8', true],
  ['C.utf8', true],
  ['zh_CN.GBK', false],
  ['zh_TW', false],
])('LC_ALL=%s is handed on: %s, as a letter of another set may hold a backslash', (value, isKept) => {
  expect(inherited({ LC_ALL: value, LANG: value })).toEqual(isKept ? { LC_ALL: value, LANG: value } : {})
})

it('what is not set stays unset', () => {
  expect(inherited({ A: undefined, B: '' })).toEqual({ B: '' })
})

it('a value that has a password in it is not handed on, whatever it is called', () => {
  expect(inherited({ STORE: 'redis://:hunter2@h:1', B: 'postgres://a:b@h/x', C: 'http://h:80/a@b' })).toEqual(
    {
      C: 'http://h:80/a@b',
    },
  )
})

it('no program is looked up in the workspace: it would decide what ls is', async () => {
  const root = await directoryOf()
  await mkdir(join(root, 'shop/bin'), { recursive: true })
  await symlink(join(root, 'shop/bin'), join(root, 'alias'))
  const own = [join(root, 'tools'), '/usr/bin']
  const theirs = [
    ...[
      '',
      '.',
      'bin',
      './node_modules/.bin',
      join(root, 'shop'),
      join(root, 'shop/bin'),
      join(root, 'alias'),
    ],
    ...[join(root, 'shop/none'), join(root, 'node_modules/.bin'), '/opt/x/node_modules/.bin/'],
  ]
  const PATH = [theirs, own, theirs].flat().join(':')
  expect(inherited({ PATH }, join(root, 'shop'))).toEqual({ PATH: own.join(':') })
  expect(inherited({ PATH: '/usr/bin:/opt' }, '/'), 'the whole machine as workspace').toEqual({
    PATH: '/usr/bin',
  })
})
