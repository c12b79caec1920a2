/** What a command of the same user could reach without a sandbox: looked up, never read. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Exposure, exposureInWords, exposureOf } from '../../../src/hosts/node/environment/exposure.ts'
import { workspaceOf } from '../../cli/binary.ts'

const WORKSPACE = '/nowhere/project'

async function exposureWith(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
) {
  const home = await workspaceOf(files)
  return exposureOf({ environment, home, workspace: WORKSPACE })
}

async function socketAt(path: string): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  return path
}

describe('keys', () => {
  it('those that are there and can be read are named, and no others', async () => {
    const { keyPlaces } = await exposureWith({
      '.ssh/id': '',
      '.config/gh/hosts.yml': '',
      '.netrc': '',
      '.bashrc': '',
    })
    expect(keyPlaces).toEqual(['~/.ssh', '~/.config/gh', '~/.netrc'])
    expect((await exposureWith({})).keyPlaces).toEqual([])
  })

  it('what lies in the workspace is under the rules of the workspace', async () => {
    const home = await workspaceOf({ '.npmrc': '', '.aws/credentials': '' })
    const { keyPlaces } = await exposureOf({ environment: {}, home, workspace: home })
    expect(keyPlaces).toEqual([])
  })

  it('a program that signs for whoever asks is named where it listens', async () => {
    const directory = await workspaceOf({ plain: '' })
    const agentsOf = async (socket: string) =>
      (await exposureWith({}, { SSH_AUTH_SOCK: socket })).keyAgents.filter((it) => it === 'SSH_AUTH_SOCK')
    expect(await agentsOf(await socketAt(join(directory, 'agent')))).toEqual(['SSH_AUTH_SOCK'])
    expect(await agentsOf(join(directory, 'gone'))).toEqual([])
    expect(await agentsOf(join(directory, 'plain'))).toEqual([])
  })
})

describe('variables', () => {
  const environment = { EDITOR: 'vi', MY_TOKEN: 'hidden', BASH_ENV: '/x', LINK: 'https://me:hidden@host/' }

  it('their names, by whether a command inherits them', async () => {
    const home = await workspaceOf()
    const exposure = await exposureOf({ environment, home, workspace: WORKSPACE })
    expect(exposure).toMatchObject({ inherited: ['EDITOR'], leftOut: ['BASH_ENV', 'LINK', 'MY_TOKEN'] })
    expect(JSON.stringify(exposure)).not.toContain('hidden')
  })

  it('what the user lets commands inherit counts as inherited', async () => {
    const home = await workspaceOf()
    const { inherited } = await exposureOf({ environment, home, workspace: WORKSPACE, kept: ['MY_TOKEN'] })
    expect(inherited).toEqual(['EDITOR', 'MY_TOKEN'])
  })
})

// Only Linux shows its programs as files.
it.skipIf(process.platform !== 'linux')('programs whose environment can be read are counted', async () => {
  expect((await exposureWith({})).readablePrograms).toBeGreaterThan(0)
})

describe('in words', () => {
  const nothing: Exposure = {
    inherited: [],
    leftOut: [],
    keyPlaces: [],
    keyAgents: [],
    readablePrograms: 0,
    canWriteHome: false,
    isRoot: false,
  }

  it('only what is so is said', () => {
    expect(exposureInWords(nothing)).toEqual(['It inherits no variable.'])
    expect(
      exposureInWords({
        inherited: ['A'],
        leftOut: ['B', 'C'],
        keyPlaces: ['~/.ssh'],
        keyAgents: ['SSH_AUTH_SOCK'],
        readablePrograms: 3,
        canWriteHome: true,
        isRoot: true,
      }),
    ).toEqual([
      'You are root: a command could read and change everything on this machine.',
      'It could read where your keys lie: ~/.ssh.',
      'It could have these sign or act for you: SSH_AUTH_SOCK.',
      'It could read the environment of 3 programs, Troupe among them, in /proc; what it does not inherit still stands there.',
      'It could write to your home directory, where a shell runs files when it starts.',
      'It inherits 1 variable: A.',
      'It does not inherit 2 variables: B, C.',
    ])
  })

  it('many names are cut where that is wished for, and counted', () => {
    const said = exposureInWords({ ...nothing, inherited: ['A', 'B', 'C'] }, 1)
    expect(said).toEqual(['It inherits 3 variables: A and 2 more.'])
  })
})
