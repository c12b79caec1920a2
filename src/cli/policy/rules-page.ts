import { COMMAND_TOOLS } from '../../boundary/capabilities.ts'
import { SETTINGS_PATH } from '../../hosts/control-files.ts'
import type { Exposure } from '../../hosts/node/environment/exposure.ts'
import type { SaidPolicy } from '../../hosts/settings.ts'
import type { PolicyRule } from '../../protocol/boundary.ts'
import { safeLine } from '../safe-text.ts'
import { LABEL_COLUMNS, nextRow } from '../tasks/page.ts'
import { type Look, type Row, span } from '../terminal/style.ts'
import { padTo, widthOf, wrapped } from '../terminal/width.ts'
import { exposureRows, groundRows } from './explain-page.ts'
import type { Ground } from './ground.ts'
import { userSettings } from './words.ts'

/** The rules that are in force, and whose they are. */
export function rulesRows(ground: Ground, exposure: Exposure, columns: number): readonly Row[] {
  const { found, home } = ground
  const { said, trust } = found
  const note =
    trust.files.settings === null || trust.isTrusted ? '' : ', which nobody trusts: it only tightens'
  return [
    ...groundRows(ground, columns),
    ...ruleRows(userSettings(home), '', said.user, columns),
    ...ruleRows(SETTINGS_PATH, note, said.workspace, columns),
    ...exposureRows(exposure, columns),
    [],
    nextRow('What would happen', 'troupe policy explain "<command>"'),
  ]
}

const LISTS = [
  ['deny', 'bad'],
  ['ask', 'caution'],
  ['allow', 'good'],
] as const satisfies readonly (readonly [keyof SaidPolicy, Look])[]

function ruleRows(path: string, note: string, said: SaidPolicy, columns: number): readonly Row[] {
  const lists = LISTS.flatMap(([list, look]) =>
    listRows(
      list,
      said[list].map((rule) => `${rule.text}${readingOf(rule, list)}`),
      { look, columns },
    ),
  )
  const mode = said.mode === undefined ? [] : listRows('mode', [said.mode], { look: 'plain', columns })
  const rows = [...mode, ...lists]
  return [
    [],
    [span(safeLine(path), 'strong'), span(note, 'faint')],
    ...(rows.length > 0 ? rows : [[span('  no rules', 'faint')]]),
  ]
}

/** A last `:*` that was meant to stand for the rest of a word: of an address, or of the name of a script. */
const GLUED = /^(.*:\/\/.*|(npm|pnpm|yarn|bun) (run )?[\w.-]+)$/

/** How a rule about commands is read, where that could be taken otherwise. */
function readingOf({ tool, spec }: PolicyRule, list: keyof SaidPolicy): string {
  if (spec === null || !COMMAND_TOOLS.includes(tool)) return ''
  if (!spec.includes('*')) return list === 'allow' ? '  these words and no more' : ''
  if (!spec.endsWith(':*')) return ''
  const words = spec.slice(0, -2)
  const last = words.split(' ').at(-1) ?? ''
  const note = GLUED.test(words) ? `; not "${last}:…", which is another word` : ''
  return `  "${words}" and any further words${note}`
}

function listRows(
  label: string,
  texts: readonly string[],
  { look, columns }: { readonly look: Look; readonly columns: number },
): readonly Row[] {
  const head = padTo(`  ${label}`, LABEL_COLUMNS)
  return texts
    .flatMap((text) => wrapped(safeLine(text), columns - widthOf(head)))
    .map((line, at) => [span(at === 0 ? head : ' '.repeat(widthOf(head)), look), span(line)])
}
