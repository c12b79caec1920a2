import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../../boundary/findings.ts'
import { SETTINGS_PATH } from '../../hosts/control-files.ts'
import type { Mode, Verdict } from '../../protocol/boundary.ts'
import { ruleWords } from '../requests/boundary-words.ts'
import { type Span, span } from '../terminal/style.ts'
import type { Ground } from './ground.ts'

type Answer = Verdict['verdict']

/** How each answer is shown: its sign and its word. */
export const ANSWERS: Readonly<Record<Answer, { readonly sign: Span; readonly word: Span }>> = {
  allow: { sign: span('✓', 'good'), word: span('allowed', 'good') },
  ask: { sign: span('?', 'caution'), word: span('asked for', 'caution') },
  deny: { sign: span('✗', 'bad'), word: span('denied', 'bad') },
}

/** What each mode lets run unasked, in a sentence. */
export const MODE_WORDS: Readonly<Record<Mode, string>> = {
  plan: 'what is known to only read runs; all else is refused',
  dontAsk: 'what is known to only read runs; what would be asked for is refused',
  default: 'what is known to only read runs; writes and other commands are asked for',
  acceptEdits: 'reads and known writes in the workspace run; other commands are asked for',
  bypassPermissions: 'what would be asked for runs, but for secrets and control files',
}

const SPEAKERS: Readonly<Record<string, string>> = {
  runtime: 'Troupe',
  policy: 'rules',
  mode: 'mode',
  host: 'this machine',
}

/** Who speaks, for a label: `layer 2`, `rules`, `mode`. */
export function speakerOf({ layer }: Pick<Finding, 'layer'>): string {
  const place = placeOfLayer(layer)
  return place === null ? (SPEAKERS[layer] ?? layer) : `layer ${place}`
}

/** The rule of a verdict and whose it is: `readOnly of layer 1 of 2 (agent explorer)`. */
export function saidBy(verdict: Verdict, ground: Ground): string {
  const { layer, rule } = verdict
  const words = ruleWords(verdict)
  const place = placeOfLayer(layer)
  if (place !== null) return `${words} (${ground.origins[place - 1] ?? 'unknown'})`
  const file = layer === 'policy' ? fileOfRule(rule, ground) : null
  return file === null ? words : `${words}, in ${file}`
}

/** Counted from one; `null` for what is no layer. */
export function placeOfLayer(layer: string): number | null {
  const [, place] = /^layer (\d+) of \d+$/.exec(layer) ?? []
  return place === undefined ? null : Number(place)
}

/** The settings file that a rule of the policy stands in. The user's own is named first. */
export function fileOfRule(rule: string, { found, home }: Ground): string | null {
  const isIn = ({ allow, ask, deny }: Ground['found']['said']['user']) =>
    [...allow.map(named('allow')), ...ask.map(named('ask')), ...deny.map(named('deny'))].some(
      (text) => text === rule || rule.startsWith(`${text},`),
    )
  if (isIn(found.said.user)) return userSettings(home)
  return isIn(found.said.workspace) ? SETTINGS_PATH : null
}

function named(list: string): (rule: { readonly text: string }) => string {
  return ({ text }) => `${list} ${text}`
}

/** How the user knows their own settings file. */
export function userSettings(home: string): string {
  const path = join(home, 'settings.json')
  const own = homedir()
  return path.startsWith(`${own}/`) ? `~${path.slice(own.length)}` : path
}
