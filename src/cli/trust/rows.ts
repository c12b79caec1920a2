import { SETTINGS_PATH } from '../../hosts/control-files.ts'
import { tooWide, type Trust } from '../../hosts/trust.ts'
import { safeLine } from '../safe-text.ts'
import { textRows } from '../terminal/request-rows.ts'
import { type Look, type Row, span } from '../terminal/style.ts'
import { wrapped } from '../terminal/width.ts'

const INDENT = '  '

/** Everything that a person says yes or no to: what the folder wants, then every byte of its files. */
export async function trustRows(trust: Trust, columns: number): Promise<readonly Row[]> {
  const { files, ignored, wants, flaw } = trust
  const never = ignored.filter((it) => !wants.includes(it))
  const shown = [
    ...(files.settings === null ? [] : [{ path: SETTINGS_PATH, text: files.settings }]),
    ...files.agents,
  ]
  return [
    [span(safeLine(files.root), 'strong')],
    ...prose(await remarkOn(trust), 'caution', columns),
    ...prose(flaw ?? '', 'bad', columns),
    [],
    ...listed('Counts only once you trust it', wants, columns),
    ...listed('Never counts', never, columns),
    ...listed('Not read', files.refusals, columns),
    ...shown.flatMap(({ path, text }) => [...textRows(path, text, columns), []]),
  ]
}

async function remarkOn({ files, why }: Trust): Promise<string> {
  const wide = await tooWide(files.root)
  const said = {
    changed: 'You trusted it before, and it has changed since.',
    refused: 'You have said no to exactly this.',
    granted: '',
    none: '',
  }[why]
  const width = wide === null ? '' : `This is ${wide}: tasks that work here reach all of it.`
  return [said, width].filter((it) => it !== '').join('\n')
}

function prose(text: string, look: Look, columns: number): readonly Row[] {
  if (text === '') return []
  return text
    .split('\n')
    .flatMap((line) => wrapped(safeLine(line), columns).map((row): Row => [span(row, look)]))
}

function listed(title: string, items: readonly string[], columns: number): readonly Row[] {
  if (items.length === 0) return []
  const rows = items.flatMap((item) =>
    wrapped(safeLine(item), columns - 4).map(
      (line, at): Row => [span(at === 0 ? `${INDENT}! ` : `${INDENT}  `, 'caution'), span(line)],
    ),
  )
  return [[span(title, 'caution')], ...rows, []]
}
