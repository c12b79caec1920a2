import { expect, it } from 'vitest'
import { commandEnvironment } from '../../src/hosts/node/environment.ts'

const GONE = `
  BASH_ENV ENV SHELLOPTS BASHOPTS CDPATH GLOBIGNORE PROMPT_COMMAND PS4 LD_PRELOAD LD_LIBRARY_PATH
  BASH_FUNC_ls%% BASH_FUNC_ls() POSIXLY_CORRECT OPENAI_API_KEY OPENAI_BASE_URL AWS_PROFILE
  AWS_SECRET_ACCESS_KEY ANTHROPIC_API_KEY APIKEY my_token NPM_TOKEN TOKEN DB_PASSWORD PGPASSWORD MYSQL_PWD
  SECRET_KEY_BASE GIT_CREDENTIAL GOOGLE_APPLICATION_CREDENTIALS CLIENT_SECRET SENTRY_DSN DATABASE_URL npm_config__auth`
const KEPT = `
  PATH HOME PWD OLDPWD LANG TERM TMPDIR USER NODE_OPTIONS HTTP_PROXY KEYBOARD EDITOR SSH_AUTH_SOCK`
const names = (list: string) => list.trim().split(/\s+/)

it.each(names(GONE))('%s is not handed to a command', (name) => {
  expect(commandEnvironment({ [name]: 'x' })).toEqual({})
})

it.each(names(KEPT))('%s is', (name) => {
  expect(commandEnvironment({ [name]: 'x' })).toEqual({ [name]: 'x' })
})

it('what is not set stays unset', () => {
  expect(commandEnvironment({ A: undefined, B: '' })).toEqual({ B: '' })
})
