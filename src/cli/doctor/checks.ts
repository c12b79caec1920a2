import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { RuntimeError, toFailure } from '../../errors.ts'
import { modelFromEnvironment } from '../../hosts/node-model.ts'
import { nodeFiles } from '../../hosts/node-files.ts'
import { nodeProcesses } from '../../hosts/node-processes.ts'
import { userDirectory } from '../../hosts/trust.ts'
import { readWorkspace } from '../../hosts/workspace.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'
import { exposureChecks } from './exposure-checks.ts'
import { type Check, checked, type Ground, missing, ok, warn } from './finding.ts'
import { storeChecks } from './store-checks.ts'
import { trustChecks } from './trust-checks.ts'

const NODE_MIN = [20, 19] as const
const COMMAND_TIMEOUT_MS = 5_000
const ONLINE_TIMEOUT_MS = 3_000
const OUTPUT_BYTES_MAX = 4_096
const DEFAULT_URL = 'https://api.openai.com/v1'

const node = checked('node', '', () => {
  const version = process.versions.node
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  const mend = `Install Node ${NODE_MIN.join('.')} or later.`
  return Promise.resolve([isEnough ? ok('node', version) : missing('node', `${version} is too old`, mend)])
})

const workspace = checked(
  'workspace',
  'Name a directory that is there: --workspace dir',
  async ({ workspace: path }) => {
    const { isDirectory } = await stat(path).then((found) => ({ isDirectory: found.isDirectory() }))
    if (!isDirectory)
      return [missing('workspace', `${path} is no directory`, 'Name a directory: --workspace dir')]
    const may = (mode: number) =>
      access(path, mode).then(
        () => true,
        () => false,
      )
    if (!(await may(constants.R_OK | constants.X_OK))) {
      return [missing('workspace', `${path} can't be read`, 'Give yourself the right to read it.')]
    }
    if (await may(constants.W_OK)) return [ok('workspace', `${path}, readable and writable`)]
    return [warn('workspace', `${path} can't be written to`, 'Agents can read here, and change nothing.')]
  },
)

const commands = checked('bash', 'Install bash; without it no command can be run.', async (ground) => [
  ok('bash', await outputOf('echo "$BASH_VERSION"', ground)),
])

const git: Check = async (ground) => {
  try {
    const [version = '', inside = ''] = (
      await outputOf('git --version && git rev-parse --is-inside-work-tree 2>&1', ground)
    ).split('\n')
    if (inside.trim() === 'true') return [ok('git', version)]
    return [
      warn(
        'git',
        `${version}; the workspace is no repository`,
        'Run git init, so that what agents change can be seen and undone.',
      ),
    ]
  } catch (error) {
    return [
      warn(
        'git',
        toFailure(error).message,
        'Install git, so that what agents change can be seen and undone.',
      ),
    ]
  }
}

/** Runs one line in the workspace, and gives its output. Throws when it can't be run or says no at once. */
async function outputOf(line: string, { workspace: cwd, environment }: Ground): Promise<string> {
  const processes = nodeProcesses({ environment })
  const asked = { line, cwd, timeoutMs: COMMAND_TIMEOUT_MS, keepBytes: OUTPUT_BYTES_MAX }
  const end = await processes.run(asked, { signal: new AbortController().signal, progress() {} })
  if (end.exitCode === 127) throw new RuntimeError('command/unavailable', 'It is not installed.')
  return end.output.trim()
}

const search = checked(
  'ripgrep',
  'Install ripgrep (rg): searching and listing files needs it.',
  async ({ workspace: path }) => {
    const files = await nodeFiles({ workspace: path })
    await files.list({ path: '.', glob: null, filesMax: 1 }, AbortSignal.timeout(COMMAND_TIMEOUT_MS))
    return [ok('ripgrep', 'finds files here')]
  },
)

const surroundings = checked(
  'settings',
  'Mend the file that it names.',
  async ({ workspace: path, environment }) => {
    const home = userDirectory(environment)
    const { agents, notes, warnings } = await readWorkspace({
      workspace: path,
      home,
      tools: [...BUILTIN_TOOLS],
    })
    return [
      ok('agents', agents.map(({ name }) => name).join(', ')),
      ...warnings.map((what) => warn('refused', what, 'Mend the file that it names.')),
      notes === null
        ? warn('notes', 'no AGENTS.md', 'Write down how to build and test here; agents are shown it.')
        : ok('notes', 'AGENTS.md is shown to agents'),
    ]
  },
)

const model = checked(
  'model',
  'Set OPENAI_API_KEY and OPENAI_BASE_URL as they should be.',
  ({ environment }) => {
    const { name } = modelFromEnvironment({ environment })
    if (name !== 'embedded') return Promise.resolve([ok('model', `${name} at ${urlOf(environment)}`)])
    const mend = 'For a real one set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own.'
    return Promise.resolve([warn('model', 'the built-in rule-driven one', mend)])
  },
)

/** Everything that can be known without leaving this machine. */
export const LOCAL_CHECKS: readonly Check[] = [
  node,
  workspace,
  commands,
  search,
  git,
  trustChecks,
  surroundings,
  exposureChecks,
  storeChecks,
  model,
]

/** Asks the server that the user's own environment names, and no other. */
export const modelAnswers: Check = async ({ environment }) => {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: base } = environment
  if (!key && !base) return [ok('online', 'the built-in model needs no server')]
  const url = urlOf(environment)
  const mend = 'Check OPENAI_BASE_URL and whether the server runs.'
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/models`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.timeout(ONLINE_TIMEOUT_MS),
      // A key is for the server that was named, and for none that it points to.
      redirect: 'manual',
    })
    await response.body?.cancel()
    if ([401, 403].includes(response.status)) {
      return [missing('online', `${url} refuses the key (${response.status})`, 'Check OPENAI_API_KEY.')]
    }
    return [ok('online', `${url} answers (${response.status})`)]
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : toFailure(error).message
    const why = isLate ? `did not answer within ${ONLINE_TIMEOUT_MS / 1_000} s` : `can't be reached: ${cause}`
    return [missing('online', `${url} ${why}`, mend)]
  }
}

/** The address without what may be secret in it. */
function urlOf({ OPENAI_BASE_URL: base }: Ground['environment']): string {
  const { origin, pathname } = new URL(base || DEFAULT_URL)
  return `${origin}${pathname}`
}
