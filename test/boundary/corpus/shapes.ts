import type { Row } from './row.ts'

/** Words that mean nothing by themselves: what a project calls its files, branches, scripts and people. */
const NAMES = new RegExp(
  `^(${[
    'src|docs|lib|dist|test|tests|logs|scripts|packages|build|out|new|old|deep|copy|other|evil|web|cart|spec',
    'lint|build|deploy|weather|typecheck|a|b|c|d|x|y|z|f|n|p|foo|index|guide|notes|list|status|sorted|all',
    'log|gen|errors|fixture|current|work',
    'main|master|feature|bugfix|fix|total|origin|wip|later|ann|shop|cmd|app|keys|server|motd|hosts|passwd|shadow',
  ].join('|')})$`,
)
/** Endings of files that nothing depends on. */
const PLAIN_FILE =
  /^[\w@-][\w.@-]*\.(ts|tsx|js|md|txt|json|csv|log|py|go|rs|rb|exs|java|html|css|sh|ts\.bak)$/i
/** Names that mean something, whatever they end with. */
const MEANING =
  /^(package\.json|agents\.md|claude\.md|gemini\.md|tsconfig\.json|settings\.json|mcp\.json|tasks\.json)$/i

/** A row without what it calls things: two rows of one shape say the same twice. */
export function shapeOf(row: Row): string {
  const { boundary, policy, settings, world, isBackground, hasBash, repository, action, verdict } = row
  const around = { boundary, policy, settings, world, isBackground, hasBash, repository }
  return [JSON.stringify(around), JSON.stringify(action), verdict].map(withoutNames).join(' ')
}

/** A text with a placeholder for every name and every number. */
export function withoutNames(text: string): string {
  return text
    .replace(/[\p{L}\p{M}\p{Cf}\p{N}_@.-]+/gu, (word) => (isName(word) ? '_' : word))
    .replace(/\d+/g, '0')
    .replace(/_(\/_)+/g, '_')
}

function isName(word: string): boolean {
  return /^\d+$/.test(word) || NAMES.test(word) || (PLAIN_FILE.test(word) && !MEANING.test(word))
}
