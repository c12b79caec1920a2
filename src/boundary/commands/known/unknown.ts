import { shortened } from '../../shortened.ts'
import { FILE_COMMANDS } from './file-command-table.ts'
import { showsAddresses } from './git-questions.ts'
import { isFamiliar } from './known-reads.ts'

/** What version managers put in front of programs of these names: files of the workspace say what it runs. */
const MANAGED = /^(node|npm|npx|pnpm|yarn|corepack|python[\d.]*|pip[\d.]*|ruby|go|java|php|deno|bun)$/
const TELLS = /^(--version|-v|-V|version)$/

/** Why a command is not known to do nothing but read, where nothing more is known of it. */
export function unknownInWords([name = '', ...rest]: readonly string[]): string {
  const [first = ''] = rest
  const said = shortened(name)
  if (name === 'git') {
    if (showsAddresses(rest)) return 'git remote -v shows addresses, which may have tokens in them'
    return `git ${shortened(first)}, with these words, is not known to only read`
  }
  if (MANAGED.test(name) && rest.length === 1 && TELLS.test(first))
    return `${name} may be that of a version manager, which files of the workspace tell what to run`
  if (Object.hasOwn(FILE_COMMANDS, name))
    return `${name}, with these words, is not known to touch only the files that it names`
  return isFamiliar([name])
    ? `${name}, with these words, is not known to only read`
    : `${said} is no command that is known to only read`
}
