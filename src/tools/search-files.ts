import { z } from 'zod'
import type { Files } from '../host.ts'
import { pathInput, strict } from './strict.ts'
import { onOneLine } from './text/encoding.ts'
import { defineTool } from './tool.ts'

const HITS_MAX = 500
const TEXT_CHARACTERS_MAX = 300
const PATTERN_CHARACTERS_MAX = 10_000

/** Searches the text of files by a regular expression that can't run away. */
export const searchFiles = (files: Files) =>
  defineTool({
    name: 'search_files',
    description:
      'Searches the lines of text files for a regular expression. The first line of the answer counts the matches, then ' +
      `each is "path:line: text", at most ${HITS_MAX}. Leaves out binary files, secrets, .git and what .gitignore names. Says "No matches." ` +
      "where there are none. The syntax is ripgrep's: no look-around, no back-references, one line at a time; escape ( [ { . * + ? with \\.",
    input: strict({
      pattern: z
        .string()
        .min(1)
        .max(PATTERN_CHARACTERS_MAX)
        .describe('Regular expression, matched within one line.'),
      path: pathInput('File or directory, relative to the workspace.').default('.'),
      glob: z
        .string()
        .min(1)
        .max(1000)
        .optional()
        .describe('Only files like this: "*.ts" at any depth, "src/**/*.ts" by path.'),
      ignore_case: z.boolean().default(false).describe('Whether upper and lower case are the same.'),
    }),
    effect: 'pure',
    access: ({ path }) => ({ reads: [path], writes: [], command: null, isFiltered: true }),
    async execute({ pattern, path, glob, ignore_case: ignoreCase }, context) {
      const { signal, mayRead, judgedAt } = context
      const limits = { hitsMax: HITS_MAX, mayRead, at: judgedAt(path) }
      const query = { pattern, path, glob: glob ?? null, ignoreCase, ...limits }
      const { hits, isCut, filesHidden } = await files.search(query, signal)
      const note = filesHidden > 0 ? [hiddenNote(filesHidden)] : []
      if (hits.length === 0) return ['No matches.', ...note].join('\n')

      const count = new Set(hits.map((hit) => hit.path)).size
      const lines = [
        `${hits.length} ${hits.length === 1 ? 'match' : 'matches'} in ${count} ${count === 1 ? 'file' : 'files'}`,
      ]
      for (const hit of hits) lines.push(`${onOneLine(hit.path)}:${hit.line}: ${shown(hit.text)}`)
      if (isCut) lines.push(`… cut at ${HITS_MAX} matches; narrow it with pattern, path or glob.`)
      return [...lines, ...note].join('\n')
    },
  })

function hiddenNote(count: number): string {
  const files = count === 1 ? '1 file is' : `${count} files are`
  return `… ${files} left out, as secrets are, or as not for this task to read. Name one as path to have it asked for.`
}

/** Cut between characters, not inside one that takes two units. */
function shown(text: string): string {
  const characters = Array.from(text.slice(0, 2 * TEXT_CHARACTERS_MAX))
  if (characters.length <= TEXT_CHARACTERS_MAX) return text
  return `${characters.slice(0, TEXT_CHARACTERS_MAX).join('')}…`
}
