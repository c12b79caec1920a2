/** Settings that hold no address, no program with its words, and no token. */
const HARMLESS_SETTING = new RegExp(
  `^(${[
    'user\\.(name|email|signingkey)',
    'core\\.(autocrlf|bare|editor|eol|excludesfile|filemode|hookspath|ignorecase|longpaths|symlinks)',
    'branch\\.[\\w./-]+\\.(merge|remote|rebase)',
    'init\\.defaultbranch',
    'pull\\.(rebase|ff)',
    'push\\.(default|autosetupremote)',
    'fetch\\.prune',
    'merge\\.conflictstyle',
    'rebase\\.(autostash|autosquash)',
    '(commit|tag)\\.gpgsign',
  ].join('|')})$`,
  'i',
)

/**
 * Whether what follows `git` asks of the repository what is no file, and changes nothing. A setting must have
 * its dot: `git config edit` is a command by now.
 */
export function isGitQuestion([name = '', ...rest]: readonly string[]): boolean {
  if (name === '--version' || name === 'version') return rest.length === 0
  if (name === 'tag') return rest.length === 0 || (/^(-l|--list)$/.test(rest[0] ?? '') && areListed(rest))
  if (name === 'worktree') return rest[0] === 'list' && areOf(rest.slice(1), /^(-v|--verbose|--porcelain)$/)
  if (name === 'remote') return rest.length === 0
  if (name !== 'config') return false
  const setting = rest.at(-1) ?? ''
  return HARMLESS_SETTING.test(setting) && areOf(rest.slice(0, -1), /^--(get|global|local)$/)
}

/** Whether it only shows addresses: nothing changes, but they may have a token in them. */
export function showsAddresses([name = '', ...rest]: readonly string[]): boolean {
  return name === 'remote' && rest.length === 1 && /^(-v|--verbose)$/.test(rest[0] ?? '')
}

function areListed(words: readonly string[]): boolean {
  return words.slice(1).every((word) => !word.startsWith('-'))
}

function areOf(words: readonly string[], known: RegExp): boolean {
  return words.every((word) => known.test(word))
}
