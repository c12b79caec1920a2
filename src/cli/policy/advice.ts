import { parsePolicy } from '../../boundary/policy/policy.ts'
import { UsageError } from '../../errors.ts'
import type { PolicyRule } from '../../protocol/boundary.ts'
import type { Ground } from './ground.ts'
import { type Judged, wouldRunWith } from './judged.ts'
import { fileOfRule, placeOfLayer, userSettings } from './words.ts'

/** What a person can do about a verdict, in a sentence. Nothing where there is nothing to do. */
export function adviceFor(judged: Judged, ground: Ground): string {
  const { verdict } = judged
  if (verdict.verdict === 'allow') return ''
  return verdict.verdict === 'ask' ? aboutAsking(judged, ground) : aboutDenial(judged, ground)
}

/** Rules are named only after they were tried. */
function aboutAsking(judged: Judged, { home }: Ground): string {
  const { action, command } = judged
  const { tool } = action
  const place = `under permissions.allow in ${userSettings(home)}`
  const narrow = narrowestOf(judged)
  if (narrow.length > 0)
    return `It runs unasked with ${narrow.map(({ text }) => `"${text}"`).join(' and ')} ${place}.`
  if (!wouldRunWith(judged, ruleOf(tool)))
    return 'No rule lets it run unasked: a person says yes to it, each time.'
  const all = command === null ? `every call of ${tool}` : 'every command'
  return `It runs unasked with "${tool}" ${place}, which lets ${all} run.`
}

/** The fewest rules that speak of nothing but this call and are enough; none where that can't be. */
function narrowestOf(judged: Judged): readonly PolicyRule[] {
  const all = [...commandTexts(judged), ...writeTexts(judged)].flatMap(ruleOf)
  if (!wouldRunWith(judged, all)) return []
  // What allows a file allows it to others, too: a rule about the command comes before it.
  return all.reduceRight<readonly PolicyRule[]>((kept, rule) => {
    const fewer = kept.filter((it) => it !== rule)
    return wouldRunWith(judged, fewer) ? fewer : kept
  }, all)
}

/** What a line runs that is not known to only read, each as a rule that covers just that. */
function commandTexts({ action: { tool }, command }: Judged): readonly string[] {
  const parts = command?.parts.filter(({ kind }) => kind !== 'read') ?? []
  const leaves = parts.flatMap((part) => part.leaves).filter(({ isWrapper }) => !isWrapper)
  const texts = leaves.map(({ rights, words }) => [...rights, ...words.map(({ shape }) => shape)].join(' '))
  return [...new Set(texts)].map((text) => `${tool}(${text})`)
}

/** The files that it writes, each as a rule for just that file. */
function writeTexts({ action: { tool, access }, command, decision }: Judged): readonly string[] {
  const given = (access?.writes ?? []).map((path) => decision?.places.get(path) ?? 'outside')
  const places = command === null ? given : command.writes.map(({ place }) => place)
  const paths = places.flatMap((place) => (place === 'outside' ? [] : place.path))
  return [...new Set(paths)].map((path) => `${command === null ? tool : WRITES}(${path})`)
}

/** The tool by whose rules redirections and known file commands write. */
const WRITES = 'write_file'

/** What is written as no rule can be written is no candidate. */
function ruleOf(text: string): readonly PolicyRule[] {
  try {
    return parsePolicy({ allow: [text] }, 'policy').allow
  } catch (error) {
    if (UsageError.is(error)) return []
    throw error
  }
}

function aboutDenial({ verdict }: Judged, ground: Ground): string {
  const { layer, rule } = verdict
  const place = placeOfLayer(layer)
  if (place !== null)
    return `No rule and no mode lifts a layer. This one comes from ${ground.origins[place - 1]}.`
  if (layer === 'runtime') return 'No rule, no mode and no yes changes that.'
  if (layer === 'policy') {
    const file = fileOfRule(rule, ground)
    return file === null ? '' : `The rule stands in ${file}.`
  }
  if (layer === 'mode') return 'Another mode may run it or ask you: --mode default'
  return layer.startsWith('agent ') ? 'See who has it: troupe agents' : ''
}
