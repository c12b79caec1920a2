import type { Boundary, Layer, Verdict } from '../../protocol/boundary.ts'
import { everyCharacter } from '../safe-text.ts'

const LISTS = {
  filePatterns: 'files',
  writePatterns: 'writes',
  commandPatterns: 'commands',
  allowedTools: 'tools',
  deniedTools: 'not the tools',
} as const satisfies Partial<Record<keyof Layer, string>>

/** What needs no quotes to be told from what stands beside it. */
const SINGLE_WORD = /^[\w.@%+=~*?!/{}[\]-]+$/

/**
 * The layers of a boundary, each in a line, the outermost first; all of them must agree. What says nothing,
 * or the same again, is left out: where there are no limits, there are no lines.
 */
export function boundaryLines(boundary: Boundary): readonly string[] {
  const layers = [...new Set(boundary.map(layerWords).filter((words) => words !== ''))]
  return layers.map((words, at) => (layers.length === 1 ? words : `${at + 1}  ${words}`))
}

/** Whose a rule is, in words that stand everywhere: `the mode default`, `readOnly of layer 1 of 2`. */
export function ruleWords({ layer, rule }: Pick<Verdict, 'layer' | 'rule'>): string {
  if (layer === 'runtime') return `${rule}, a rule of Troupe itself`
  if (layer === 'mode') return `the mode ${rule}`
  if (layer === 'policy') return rule
  return layer.startsWith('layer ') ? `${rule} of ${layer}` : `${rule} (${layer})`
}

function layerWords(layer: Layer): string {
  const lists = Object.entries(LISTS).flatMap(([key, name]) => {
    const list = layer[key as keyof typeof LISTS]
    if (list === undefined) return []
    return `${name}: ${list.length === 0 ? nothing(key) : list.map(quoted).join(', ')}`
  })
  return [...(layer.readOnly === true ? ['reads only'] : []), ...lists].join(' · ')
}

function nothing(key: string): string {
  return key === 'deniedTools' ? 'none' : 'nothing'
}

function quoted(pattern: string): string {
  return everyCharacter(SINGLE_WORD.test(pattern) ? pattern : JSON.stringify(pattern))
}
