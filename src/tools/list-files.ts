import { z } from 'zod'
import type { Files } from '../host.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import { pathInput, strict } from './strict.ts'
import { onOneLine } from './text/encoding.ts'
import { linesWithin } from './text/lines-within.ts'
import { defineTool } from './tool.ts'

const FILES_MAX = 2000
const NOTE_BYTES_MAX = 200
/** Below what a model is shown, so that the answer is cut between lines and says so itself. */
const ANSWER_BYTES_MAX = DEFAULTS.toolOutputBytes - NOTE_BYTES_MAX

/** Lists files, for a model that doesn't know the workspace yet. */
export const listFiles = (files: Files) =>
  defineTool({
    name: 'list_files',
    description:
      `Lists the files below a directory, one a line: the path, two spaces, the size in bytes. At most ${FILES_MAX}, ` +
      'then the last line says that it was cut. Leaves out .git, node_modules and what .gitignore names. Says "No files." where there are none.',
    input: strict({
      path: pathInput('Directory, relative to the workspace. "." is all of it.').default('.'),
      glob: z
        .string()
        .min(1)
        .max(1000)
        .optional()
        .describe('Only files like this: "*.ts" at any depth, "src/**/*.ts" by path.'),
    }),
    effect: 'pure',
    access: ({ path }) => ({ reads: [path], writes: [], command: null, isFiltered: true }),
    async execute({ path, glob }, { signal, mayRead, judgedAt }) {
      const query = { path, glob: glob ?? null, filesMax: FILES_MAX, mayRead, at: judgedAt(path) }
      const listing = await files.list(query, signal)
      const all = listing.files.map((file) => `${onOneLine(file.path)}  ${file.size}`)
      const lines = linesWithin(all, ANSWER_BYTES_MAX)
      const isCut = listing.isCut || lines.length < all.length
      const note = isCut ? [`… cut at ${lines.length} files; narrow it with path or glob.`] : []
      const hidden = listing.filesHidden > 0 ? [hiddenNote(listing.filesHidden)] : []
      const shown = lines.length > 0 ? lines : ['No files.']
      return [...shown, ...note, ...hidden].join('\n')
    },
  })

function hiddenNote(count: number): string {
  return `… ${count === 1 ? '1 file is' : `${count} files are`} left out: this task may not read them.`
}
