import type { Parsed } from './command-line.ts'
import { piecesOf } from '../files/places.ts'

/** Programs that run what their words or their input say. */
export const RUNNERS = new RegExp(
  `^(${[
    'npx|npm|pnpm|pnpx|yarn|bunx?|deno|node|nodejs|tsx|python[\\d.]*|perl|ruby',
    'env|sudo|doas|su|nohup|time|timeout|nice|ionice|setsid|stdbuf|watch|script|strace|busybox',
    'xargs|find|parallel|exec|command|builtin|alias|trap',
  ].join('|')})$`,
)
/** Programs that read their words or their input as lines of their own. */
export const SHELLS = /^(sh|bash|dash|zsh|ksh|fish|eval|source|\.)$/

/** Whether a line runs troupe itself, by whatever way. */
export function runsTroupe({ commands, mentions }: Parsed): boolean {
  const named = commands.map(({ words }) => ({
    name: baseOf(words[0]?.value ?? ''),
    rest: words.slice(1).map(({ value, shape }) => value ?? shape),
  }))
  if (mentions.some((text) => /\.bin[\\/]+troupe/i.test(text))) return true
  if (named.some(({ name, rest }) => isTroupe(name) || (RUNNERS.test(name) && rest.some(namesTroupe))))
    return true
  return named.some(({ name }) => SHELLS.test(name)) && mentions.some(namesTroupe)
}

function namesTroupe(text: string): boolean {
  return piecesOf(text).some(
    (piece) => isTroupe(baseOf(piece)) || /node_modules[\\/]+troupe([\\/]|$)/i.test(piece),
  )
}

function isTroupe(name: string): boolean {
  return /^troupe(@.*)?(\.(cmd|ps1|exe|js|mjs|cjs))?$/i.test(name)
}

/** The name of a program, whatever its path. */
export function baseOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? ''
}

/** Where the programs of the system lie: a name with one of these in front is the plain name. */
export const SYSTEM_DIRECTORIES: readonly string[] = [
  '/bin',
  '/usr/bin',
  '/usr/local/bin',
  '/sbin',
  '/usr/sbin',
]

/** The name of a program without the directory of the system in front of it; any other path stays. */
export function withoutSystemPath(name: string): string {
  const directory = name.slice(0, Math.max(0, name.lastIndexOf('/')))
  return SYSTEM_DIRECTORIES.includes(directory) ? name.slice(directory.length + 1) : name
}
