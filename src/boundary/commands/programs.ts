import type { Parsed } from './command-reads.ts'
import { piecesOf } from '../places.ts'

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
