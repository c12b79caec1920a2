/** Traps of git, each alone in a repository that is harmless otherwise: nothing else may be what stops it. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gitIn } from './repository.ts'
import type { World } from './world.ts'

export interface GitTrap {
  readonly wants: string
  readonly plant: (world: World) => Promise<unknown>
  /** What a careless person would run. */
  readonly byHand: string
  /** Where it is to be run; absent: at the root. */
  readonly cwd?: string
}

/** What the trap runs, wherever it is. */
const TRAP = 'lib/trap'
const trapIn = ({ workspace }: World) => join(workspace, TRAP)
const USER = '-c user.name=E -c user.email=e@e'

const configured =
  (...settings: readonly (readonly [name: string, value: string])[]) =>
  async (world: World) => {
    for (const [name, value] of settings)
      gitIn(world, 'config', name, value.replaceAll('$TRAP', trapIn(world)))
  }

const hook = (name: string) => async (world: World) => {
  await world.canary(`.git/hooks/${name}`, 'trap')
}

/** A repository of its own in a directory, with a monitor that is a program. */
async function trappedRepository(world: World, directory: string): Promise<void> {
  await mkdir(join(world.workspace, directory), { recursive: true })
  gitIn(world, 'init', '-q', directory)
  await world.write(`${directory}/a.txt`, 'x\n')
  gitIn(world, '-C', directory, 'add', '.')
  gitIn(world, '-C', directory, 'commit', '-q', '-m', 'x')
  gitIn(world, '-C', directory, 'config', 'core.fsmonitor', trapIn(world))
}

export const GIT_TRAPS: readonly GitTrap[] = [
  { wants: 'core.fsmonitor', plant: configured(['core.fsmonitor', '$TRAP']), byHand: 'git status' },
  {
    wants: 'core.fsmonitor, written as CORE.FsMonitor with a comment behind it',
    plant: async ({ workspace }) => {
      const path = join(workspace, '.git/config')
      await writeFile(path, `${await readFile(path, 'utf8')}\n[CORE] FsMonitor = ./${TRAP} # harmless\n`)
    },
    byHand: 'git status',
  },
  {
    wants: 'core.fsmonitor, by include.path',
    plant: async (world) => {
      await world.write('evil.config', `[core]\n\tfsmonitor = ${trapIn(world)}\n`)
      gitIn(world, 'config', 'include.path', '../evil.config')
    },
    byHand: 'git status',
  },
  {
    wants: 'core.fsmonitor, by includeIf',
    plant: async (world) => {
      await world.write('evil.config', `[core]\n\tfsmonitor = ${trapIn(world)}\n`)
      gitIn(world, 'config', `includeIf.gitdir:${world.workspace}/.path`, '../evil.config')
    },
    byHand: 'git status',
  },
  {
    wants: 'core.fsmonitor, by config.worktree',
    plant: async (world) => {
      gitIn(world, 'config', 'extensions.worktreeConfig', 'true')
      await world.write('.git/config.worktree', `[core]\n\tfsmonitor = ${trapIn(world)}\n`)
    },
    byHand: 'git status',
  },
  {
    wants: 'core.hooksPath',
    plant: async (world) => {
      await world.canary('hooks/post-index-change', 'trap')
      gitIn(world, 'config', 'core.hooksPath', 'hooks')
    },
    byHand: 'touch README.md; git status',
  },
  {
    wants: 'a hook that reading runs',
    plant: hook('post-index-change'),
    byHand: 'touch README.md; git status',
  },
  {
    wants: 'a hook before a commit',
    plant: hook('pre-commit'),
    byHand: `git ${USER} commit --allow-empty -m x`,
  },
  { wants: 'a hook after a checkout', plant: hook('post-checkout'), byHand: 'git checkout -b y' },
  {
    wants: 'diff.external',
    plant: configured(['diff.external', '$TRAP']),
    byHand: 'echo x >> README.md; git diff',
  },
  {
    wants: 'a driver of diffs that turns files into text',
    plant: async (world) => {
      await world.write('.gitattributes', '*.md diff=evil\n')
      gitIn(world, 'config', 'diff.evil.textconv', trapIn(world))
    },
    byHand: 'git show HEAD; git log -p; git blame README.md',
  },
  {
    wants: 'a filter that cleans',
    plant: async (world) => {
      await world.write('.gitattributes', '*.md filter=evil\n')
      gitIn(world, 'config', 'filter.evil.clean', trapIn(world))
      await world.write('README.md', '# Shop, changed\n')
    },
    byHand: 'git status; git diff',
  },
  {
    wants: 'a filter that smudges',
    plant: async (world) => {
      await world.write('.git/info/attributes', '*.md filter=evil\n')
      gitIn(world, 'config', 'filter.evil.smudge', trapIn(world))
    },
    byHand: 'rm README.md; git checkout -- README.md',
  },
  {
    wants: 'gpg.program, by a commit that is signed',
    plant: async (world) => {
      const commit = [
        `tree ${gitIn(world, 'write-tree').trim()}`,
        'author E <e@e> 1 +0000',
        'committer E <e@e> 1 +0000',
        'gpgsig -----BEGIN PGP SIGNATURE-----',
        ' ',
        ' x',
        ' -----END PGP SIGNATURE-----',
        '',
        'Signed',
        '',
      ]
      await world.write('lib/commit', commit.join('\n'))
      const id = gitIn(world, 'hash-object', '-t', 'commit', '-w', 'lib/commit').trim()
      gitIn(world, 'update-ref', 'HEAD', id)
      await configured(['gpg.program', '$TRAP'], ['log.showSignature', 'true'])(world)
    },
    byHand: 'git log -1; git show -s',
  },
  {
    wants: 'core.pager',
    plant: configured(['core.pager', '$TRAP']),
    byHand: "script -qec 'git log' /dev/null",
  },
  {
    wants: 'pager.log',
    plant: configured(['pager.log', '$TRAP']),
    byHand: "script -qec 'git log' /dev/null",
  },
  { wants: 'an alias', plant: configured(['alias.st', '!$TRAP']), byHand: 'git st' },
  {
    wants: 'core.sshCommand',
    plant: configured(['core.sshCommand', '$TRAP'], ['remote.origin.url', 'ssh://evil.invalid/x']),
    byHand: 'git fetch; git ls-remote origin',
  },
  {
    wants: 'a remote that is a program',
    plant: configured(['remote.origin.url', 'ext::$TRAP'], ['protocol.ext.allow', 'always']),
    byHand: 'git fetch; git remote show origin',
  },
  {
    wants: 'a repository that is bare, at the root',
    plant: async (world) => {
      for (const part of ['HEAD', 'objects', 'refs', 'config', 'index'])
        await rename(join(world.workspace, '.git', part), join(world.workspace, part))
      await rm(join(world.workspace, '.git'), { recursive: true })
      const path = join(world.workspace, 'config')
      const settings = [
        'repositoryformatversion = 0',
        `worktree = ${world.workspace}`,
        `fsmonitor = ${trapIn(world)}`,
      ]
      await writeFile(path, ['[core]', ...settings, ''].join('\n'))
    },
    byHand: 'git status',
  },
  {
    wants: 'a repository that is bare, further down',
    plant: async (world) => {
      await trappedRepository(world, 'inner')
      await rename(join(world.workspace, 'inner/.git'), join(world.workspace, 'inner/deep'))
      gitIn(world, '--git-dir=inner/deep', 'config', 'core.worktree', '..')
    },
    byHand: 'cd inner/deep && git status',
    cwd: 'inner/deep',
  },
  {
    wants: 'a .git that is a file and names another directory',
    plant: async (world) => {
      await rename(join(world.workspace, '.git'), join(world.workspace, 'evil'))
      await world.write('.git', 'gitdir: ./evil\n')
      gitIn(world, 'config', 'core.fsmonitor', trapIn(world))
    },
    byHand: 'git status',
  },
  {
    wants: 'a .git whose settings lie elsewhere (commondir)',
    plant: async (world) => {
      await trappedRepository(world, 'evil')
      await world.write('.git/commondir', '../evil/.git\n')
    },
    byHand: 'git status',
  },
  {
    wants: 'a HEAD that says nothing, so that git looks further',
    plant: async (world) => {
      await trappedRepository(world, 'x')
      await rename(join(world.workspace, '.git'), join(world.workspace, 'src/.git'))
      await rename(join(world.workspace, 'x/.git'), join(world.workspace, '.git'))
      await writeFile(join(world.workspace, 'src/.git/HEAD'), 'nothing\n')
    },
    byHand: 'cd src && git status',
    cwd: 'src',
  },
  {
    wants: 'a repository in a directory',
    plant: (world) => trappedRepository(world, 'nested'),
    byHand: 'git -C nested status',
    cwd: 'nested',
  },
  {
    wants: 'a submodule, into which git goes by itself',
    plant: async (world) => {
      await trappedRepository(world, 'vendor')
      gitIn(world, 'add', 'vendor')
    },
    byHand: 'git status; git diff',
  },
]

/** A repository with nothing in it that anyone would mind. */
export async function harmlessRepository(world: World): Promise<void> {
  await world.write('README.md', '# Shop\n')
  await world.write('src/main.ts', 'export const answer = 42\n')
  gitIn(world, 'init', '-q')
  gitIn(world, 'add', 'README.md', 'src')
  gitIn(world, 'commit', '-q', '-m', 'Shop')
  await world.canary(TRAP, 'trap', 'exit 1')
}
