/**
 * What was found, heaviest first. Nothing becomes a finding without a place that shows it.
 */
import { ruleSearches } from '../choices.ts'
import type { Hit } from '../reading/outputs.ts'
import { searchKey, type Survey } from '../survey.ts'
import { documentFindings } from './document-checks.ts'
import { isRunByHand, kindOf } from './kinds.ts'
import { isSecretFile } from './listing-checks.ts'
import { manifestFindings } from './manifest-checks.ts'
import type { SearchRule, Verdict } from './search-rules.ts'
import { shapeFindings } from './shape-checks.ts'
import { standingAt } from './syntax.ts'

/** A verdict with everything that speaks for it. */
export interface Finding extends Verdict {
  /** Never empty. */
  readonly places: readonly Evidence[]
  /** The search was cut off, so there may be more. */
  readonly isAtLeast: boolean
}

export interface Evidence {
  readonly path: string
  readonly line: number | null
  /** Words of the workspace, to be quoted. */
  readonly excerpt: string | null
  /** Our own words about this place. */
  readonly remark: string | null
}

/** Everything the rules find, in order of weight, then of frequency. */
export function findingsOf(survey: Survey): readonly Finding[] {
  const found = [
    ...searchFindings(survey),
    ...shapeFindings(survey),
    ...manifestFindings(survey),
    ...documentFindings(survey),
  ]
  return found
    .filter(({ places }) => places.length > 0)
    .toSorted((a, b) => b.weight - a.weight || b.places.length - a.places.length || (a.id < b.id ? -1 : 1))
}

/** How one rule's search went. `null` for what has not been answered. */
export interface RuleRun {
  readonly rule: SearchRule
  readonly hits: readonly Hit[]
  /**
   * Found by the search, and left out: in a kind of file where it means nothing, or not what the rule is
   * about.
   */
  readonly leftOut: number
  readonly isCut: boolean
}

/** The rules whose search was answered, each with the hits that count. */
export function ruleRuns(survey: Survey): readonly RuleRun[] {
  const known = new Set(survey.files.map(({ path }) => path))
  return ruleSearches(survey).flatMap(({ rule, search }) => {
    const found = survey.searches.get(searchKey(search))
    if (!found) return []
    const within = found.hits.filter(({ path }) => known.has(path))
    const hits = within.filter((hit) => counts(rule, hit))
    return [{ rule, hits, leftOut: within.length - hits.length, isCut: found.isCut }]
  })
}

function searchFindings(survey: Survey): readonly Finding[] {
  return ruleRuns(survey).map(({ rule, hits, isCut }) => ({
    ...verdictOf(rule),
    isAtLeast: isCut,
    places: hits.map(({ path, line, text }) => ({
      path,
      line,
      excerpt: rule.isSecret === true ? null : text,
      remark: rule.isSecret === true ? 'value left out' : null,
    })),
  }))
}

function verdictOf({ id, title, why, advice, weight }: Verdict): Verdict {
  return { id, title, why, advice, weight }
}

function counts(rule: SearchRule, hit: Hit): boolean {
  if (!rule.kinds.includes(kindOf(hit.path))) return false
  // Such a file is a finding by its name already.
  if (rule.isSecret === true && isSecretFile(hit.path)) return false
  if (rule.sparesRunByHand === true && isRunByHand(hit.path)) return false
  if (rule.accept && !rule.accept(hit)) return false
  if (rule.standing === undefined) return true
  const at = hit.text.search(new RegExp(rule.pattern, rule.ignoresCase === true ? 'i' : ''))
  return at >= 0 && standingAt(hit.text, at, hit.path) === rule.standing
}
