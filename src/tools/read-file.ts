import { z } from 'zod'
import { RuntimeError } from '../errors.ts'
import type { FileContent, Files } from '../host.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import { nearest } from '../protocol/nearest.ts'
import { noteStamp } from './read-stamps.ts'
import { pathInput, strict } from './strict.ts'
import { decode, onOneLine } from './text/encoding.ts'
import { defineTool, type ToolContext } from './tool.ts'

/** What the tools for text read at most of one file. */
export const FILE_BYTES_MAX = 10 * 1024 * 1024
const LINES_MAX = 2000
const LINE_CHARACTERS_MAX = 2000
const HEADING_BYTES_MAX = 5000
/** Of one answer, so that nobody cuts it in the middle. What is left can be read from the next line on. */
const ANSWER_BYTES_MAX = DEFAULTS.toolOutputBytes - HEADING_BYTES_MAX
const NUMBER_WIDTH = 6
const NAMES_COMPARED_MAX = 5000

/** Reads a text file, and remembers that the task has seen it. */
export const readFile = (files: Files) =>
  defineTool({
    name: 'read_file',
    description:
      'Reads a text file. The first line of the answer says which lines of how many follow; then each line has its number, ' +
      `a tab and its text. At most ${LINES_MAX} lines or ${ANSWER_BYTES_MAX / 1000} KB at once: read on with "from". Lines over ${LINE_CHARACTERS_MAX} characters are cut. ` +
      'Binary files, directories and files over 10 MB are refused. A file must be read before it can be changed.',
    input: strict({
      path: pathInput('File, relative to the workspace.'),
      from: z.int().min(1).default(1).describe('First line to read, counting from 1.'),
      lines: z.int().min(1).max(LINES_MAX).default(LINES_MAX).describe('How many lines to read.'),
    }),
    effect: 'pure',
    access: ({ path }) => ({ reads: [path], writes: [], command: null }),
    async execute({ path, from, lines }, context) {
      const content = await readKnown(files, path, context)
      const decoded = textOf(content)
      const answer = page(onOneLine(content.path), decoded, { from, lines })
      noteStamp(context, content)
      return answer
    },
  })

/** What reading by name needs to know of a call. One without `mayRead` is told of no other file. */
export type Reading = Pick<ToolContext, 'signal'> & Partial<Pick<ToolContext, 'mayRead' | 'judgedAt'>>

/** Reads a file, and names the one that was probably meant where there is none. */
export async function readKnown(files: Files, path: string, reading: Reading): Promise<FileContent> {
  const { signal, judgedAt } = reading
  try {
    return await files.read(path, { maxBytes: FILE_BYTES_MAX, signal, at: judgedAt?.(path) ?? null })
  } catch (error) {
    if (!RuntimeError.is(error) || error.code !== 'file/not-found') throw error
    const meant = await similar(files, path, reading)
    const hint = meant ? `Did you mean ${meant}?` : 'Use list_files to see what there is.'
    throw new RuntimeError('file/not-found', `There is no file ${onOneLine(path)}. ${hint}`, { cause: error })
  }
}

/** Only of what the task may be shown. */
async function similar(files: Files, path: string, { signal, mayRead }: Reading): Promise<string | null> {
  if (!mayRead) return null
  try {
    const query = { path: '.', glob: null, filesMax: NAMES_COMPARED_MAX, mayRead, withoutSecrets: true }
    const { files: found } = await files.list(query, signal)
    const all = found.map((file) => file.path)
    const name = nameOf(path)
    const nearName = () => {
      const meant = nearest(name, all.map(nameOf))
      return all.find((it) => nameOf(it) === meant) ?? null
    }
    return nearest(path, all) ?? all.find((it) => nameOf(it) === name) ?? nearName()
  } catch {
    // A hint is worth no second failure.
    return null
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The text of a file, or `file/binary`. */
export function textOf(content: FileContent) {
  const decoded = decode(content.bytes)
  if (decoded) return decoded
  const message = `${onOneLine(content.path)} is binary (${content.size} bytes). It can't be read or edited as text.`
  throw new RuntimeError('file/binary', message)
}

function page(
  path: string,
  { text, encoding }: { text: string; encoding: string },
  part: { from: number; lines: number },
) {
  if (text === '') return `${path} (empty)`
  const all = text.split('\n')
  if (all.at(-1) === '') all.pop()
  if (part.from > all.length) {
    throw new RuntimeError(
      'tool/bad-input',
      `${path} has ${all.length} lines; line ${part.from} is past its end.`,
    )
  }
  const shown: string[] = []
  let bytes = 0
  for (const [index, line] of all.slice(part.from - 1, part.from - 1 + part.lines).entries()) {
    const numbered = `${String(part.from + index).padStart(NUMBER_WIDTH)}\t${cut(line.replace(/\r$/, ''))}`
    bytes += new TextEncoder().encode(numbered).length + 1
    if (bytes > ANSWER_BYTES_MAX) break
    shown.push(numbered)
  }
  const note = encoding === 'latin1' ? ', latin1' : ''
  return [
    `${path} (lines ${part.from}-${part.from + shown.length - 1} of ${all.length}${note})`,
    ...shown,
  ].join('\n')
}

function cut(line: string): string {
  if (line.length <= LINE_CHARACTERS_MAX) return line
  return `${line.slice(0, LINE_CHARACTERS_MAX)} … (line cut; ${line.length - LINE_CHARACTERS_MAX} more characters)`
}
