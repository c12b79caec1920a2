import type { CommandPart, Touched } from '../../boundary/commands/judgement.ts'
import { codeRunBy } from '../../boundary/commands/known/code-runners.ts'
import type { Leaf } from '../../boundary/commands/leaves/leaf.ts'
import type { ShellWord } from '../../boundary/commands/shell.ts'
import type { Finding } from '../../boundary/findings.ts'
import { isAnswered } from '../../boundary/policy/answers.ts'
import { type Exposure, exposureInWords } from '../../hosts/node/environment/exposure.ts'
import { boundaryLines } from '../requests/boundary-words.ts'
import { everyCharacter, safeLine } from '../safe-text.ts'
import { labelledRows, nextRow } from '../tasks/page.ts'
import { foldedRow, type Row, type Span, span } from '../terminal/style.ts'
import { padTo, widthOf, wrapped } from '../terminal/width.ts'
import { adviceRows, byRows, callInWords, type Told } from './check-page.ts'
import type { Ground } from './ground.ts'
import type { Judged } from './judged.ts'
import { ANSWERS, MODE_WORDS, speakerOf } from './words.ts'

const INDENT = '  '
const SPEAKER_COLUMNS = 11
const NOTHING = 'nothing against it'

/** Everything that is known and was said of a call, on a page. */
export function explainRows(told: Told, columns: number): readonly Row[] {
  const { asked, judged, ground } = told
  const { sign, word } = ANSWERS[judged.verdict.verdict]
  const advice = adviceRows(told, columns)
  return [
    ...foldedRow([span(callInWords(asked), 'strong')], columns),
    [],
    ...groundRows(ground, columns),
    ...takenFor(told, columns),
    ...heading('What is said of it'),
    ...saidRows(told, columns),
    [],
    [sign, span(' '), word],
    ...byRows(told, columns),
    ...(advice.length > 0 ? [[], ...advice] : []),
    ...(asked.kind === 'command' ? [[], nextRow('What a sandbox would stop', 'troupe policy explain')] : []),
  ]
}

/** Who would do it, in what mode and in what boundary. */
export function groundRows({ task, policy, origins, found }: Ground, columns: number): readonly Row[] {
  const layers = task.boundary.map(
    (layer, at) => `${at + 1} ${origins[at]}: ${boundaryLines([layer])[0] ?? 'no more limits'}`,
  )
  const { mode, neverAsks = false } = policy
  const unasked = neverAsks && mode !== 'dontAsk' ? '; nobody is asked: that is refused' : ''
  const { ignored } = found.trust
  return [
    ...labelledRows('agent', [`${task.agent}${task.background ? ', in the background' : ''}`], columns),
    ...labelledRows('mode', [`${mode}: ${MODE_WORDS[mode]}${unasked}`], columns),
    ...labelledRows(
      'boundary',
      (layers.length === 0 ? ['no limits of its own'] : layers).map(safeLine),
      columns,
    ),
    ...(ignored.length > 0
      ? labelledRows(
          'trust',
          [`this folder is not trusted (troupe trust); ignored: ${ignored.map(safeLine).join('; ')}`],
          columns,
        )
      : []),
  ]
}

function heading(text: string): readonly Row[] {
  return [[], [span(text, 'faint')]]
}

/** What a call is taken for, before any rule is asked. */
function takenFor({ asked, judged }: Told, columns: number): readonly Row[] {
  const { command, action, decision } = judged
  if (asked.kind === 'path') {
    const { reads = [], writes = [] } = action.access ?? {}
    const touched = (given: string): Touched => ({ given, place: decision?.places.get(given) ?? 'outside' })
    return [...heading('What it touches'), ...touchedRows(reads.map(touched), writes.map(touched), columns)]
  }
  if (command === null) return []
  const rows = command.parts.flatMap((part) => partRows(part, columns))
  const whole =
    command.kind === 'unreadable'
      ? [command.why]
      : command.isPlain
        ? []
        : ['no rule can allow it: it is more than simple commands joined by && || ; |']
  return [
    ...heading('What it is taken for'),
    ...rows,
    ...touchedRows(command.reads, command.writes, columns),
    ...whole.flatMap((text) => indented([span(safeLine(text))], columns)),
  ]
}

/** One simple command: the programs it runs, and what is known of them. */
function partRows({ leaves, kind, why }: CommandPart, columns: number): readonly Row[] {
  const run = leaves.filter(({ isWrapper }) => !isWrapper)
  const wrappers = leaves.filter(({ isWrapper }) => isWrapper).map(({ words }) => nameOf(words))
  const behind = wrappers.length > 0 ? [`it stands behind ${wrappers.join(', ')}`] : []
  return (run.length > 0 ? run : leaves).flatMap((leaf) => [
    ...indented([span(textOf(leaf), 'strong')], columns),
    ...[...known(leaf, kind, why), ...behind].flatMap((text) =>
      wrapped(safeLine(text), columns - 4).map((line) => [span(`${INDENT}${INDENT}${line}`)]),
    ),
  ])
}

function known(leaf: Leaf, kind: CommandPart['kind'], why: string): readonly string[] {
  const words = leaf.words.flatMap(({ value }) => value ?? [])
  const code = words.length === leaf.words.length ? codeRunBy(words) : null
  const rights = leaf.rights.length > 0 ? [`it has the rights of ${leaf.rights.join(' ')}`] : []
  const uncovered = leaf.flaw === null ? [] : [`no rule can cover it: ${leaf.flaw}`]
  if (kind === 'read') return ['it is known to only read', ...rights, ...uncovered]
  if (kind === 'files') return ['it is known to read and write these files, and nothing else', ...rights]
  const said = leaf.flaw === null ? [code === null ? why : `it ${code}`] : uncovered
  return [...said, ...rights]
}

function textOf({ words, isOpen }: Leaf): string {
  return `${words.map(wordInText).join(' ')}${isOpen ? ' …' : ''}`
}

function wordInText({ value, shape }: ShellWord): string {
  const text = everyCharacter(value ?? shape)
  return text === '' || /\s/.test(text) ? `'${text}'` : text
}

function nameOf([name]: Leaf['words']): string {
  return name ? wordInText(name) : 'nothing'
}

function touchedRows(reads: readonly Touched[], writes: readonly Touched[], columns: number): readonly Row[] {
  const rowsOf = (label: string, touched: readonly Touched[]) =>
    [...new Set(touched.map(placeInWords))].flatMap((text, at) =>
      foldedRow([span(text)], columns - SPEAKER_COLUMNS - INDENT.length).map((row, line) => [
        span(INDENT + padTo(at === 0 && line === 0 ? label : '', SPEAKER_COLUMNS), 'faint'),
        ...row,
      ]),
    )
  return [...rowsOf('reads', reads), ...rowsOf('writes', writes)]
}

function placeInWords({ given, place }: Touched): string {
  const shown = everyCharacter(given)
  if (place === 'outside') return `${shown}, outside the workspace`
  const leads = place.path !== given && place.path !== '' ? `, which is ${everyCharacter(place.path)}` : ''
  const what = place.kind === 'absent' ? ', not there yet' : place.kind === 'directory' ? ', a directory' : ''
  return `${shown}${leads}${what}${place.isHardLinked ? ', with another name elsewhere' : ''}`
}

function indented(row: Row, columns: number): readonly Row[] {
  return foldedRow(row, columns - INDENT.length).map((piece) => [span(INDENT), ...piece])
}

/** What each of them said, also those that had nothing against it. */
function saidRows({ judged, ground }: Told, columns: number): readonly Row[] {
  const { findings } = judged
  const { boundary } = ground.task
  const { length } = boundary
  const layers = boundary.map((_, at) => ({ layer: `layer ${at + 1} of ${length}` }))
  const speakers = [{ layer: 'runtime' }, ...layers, { layer: 'policy' }, { layer: 'mode' }]
  const others = findings.filter(({ layer }) => speakers.every((it) => it.layer !== layer))
  return [...others.map(({ layer }) => ({ layer })), ...speakers].flatMap((speaker) => {
    const said = distinct(findings.filter(({ layer }) => layer === speaker.layer)).map((it) =>
      sayingOf(it, isAnsweredHere(it, judged)),
    )
    const sayings = said.length === 0 ? [{ sign: span('·', 'faint'), text: NOTHING }] : said
    return sayings.flatMap((saying, at) => sayingRows(at === 0 ? speakerOf(speaker) : '', saying, columns))
  })
}

function sayingOf({ verdict, rule, why, isFirm }: Finding, isSettled: boolean): Saying {
  const firm = verdict === 'ask' && isFirm ? ' (no rule and no mode answers it)' : ''
  const settled = isSettled ? ' (answered beforehand, by your rules or the mode)' : ''
  return { sign: ANSWERS[isSettled ? 'allow' : verdict].sign, text: `${rule}: ${why}${firm}${settled}` }
}

/** Whether nobody is asked what a rule asks, because a rule that allows or the mode has answered it. */
function isAnsweredHere(finding: Finding, { action, command, decision }: Judged): boolean {
  if (decision === null) return false
  const { places, policy } = decision
  const writes = (action.access?.writes ?? []).map((given) => ({
    given,
    place: places.get(given) ?? 'outside',
  }))
  return isAnswered(finding, policy, { action, command, writes })
}

interface Saying {
  readonly sign: Span
  readonly text: string
}

function sayingRows(speaker: string, { sign, text }: Saying, columns: number): readonly Row[] {
  const head = INDENT + padTo(safeLine(speaker), SPEAKER_COLUMNS)
  const indent = widthOf(head) + 2
  return wrapped(safeLine(text), columns - indent).map((line, at) =>
    at === 0 ? [span(head, 'faint'), sign, span(` ${line}`)] : [span(' '.repeat(indent)), span(line)],
  )
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const isSame = (left: Finding, right: Finding) =>
    left.verdict === right.verdict && left.rule === right.rule && left.why === right.why
  return findings.filter((it, at) => findings.findIndex((other) => isSame(other, it)) === at)
}

/** What a command could reach, because it runs as the user. */
export function exposureRows(exposure: Exposure, columns: number): readonly Row[] {
  const said = ['There is no sandbox: a command that runs has your rights.', ...exposureInWords(exposure)]
  return [
    ...heading('What a sandbox would stop'),
    ...said.flatMap((text) =>
      wrapped(safeLine(text), columns - 4).map((line, at) => [
        span(at === 0 ? '  · ' : '    ', 'faint'),
        span(line),
      ]),
    ),
  ]
}
