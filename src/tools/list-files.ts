import { z } from 'zod'
import type { Files } from '../host.ts'
import { pathInput, strict } from './strict.ts'
import { onOneLine } from './text/encoding.ts'
import { defineTool } from './tool.ts'

const FILES_MAX = 2000

/** Lists files, for a model that doesn't know the workspace yet. */
export const listFiles = (files: Files) =>
  defineTool({
    name: 'list_files',
    description:
      `Lists the files below a directory, one a line: the path, two spaces, the size in bytes. At most ${FILES_MAX}, ` +
      'then the last line says that it was cut. Leaves out .git and what .gitignore names. Says "No files." where there are none.',
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
    access: ({ path }) => ({ reads: [path], writes: [], command: null }),
    async execute({ path, glob }, { signal }) {
      const listing = await files.list({ path, glob: glob ?? null, filesMax: FILES_MAX }, signal)
      const lines = listing.files.map((file) => `${onOneLine(file.path)}  ${file.size}`)
      if (listing.isCut) lines.push(`… cut at ${FILES_MAX} files; narrow it with path or glob.`)
      return lines.join('\n') || 'No files.'
    },
  })
