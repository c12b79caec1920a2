import { explain, globsOf, pathsOf } from '../../../src/boundary/decide.ts'
import { meet, parseLayer } from '../../../src/boundary/layer.ts'
import { parsePolicy } from '../../../src/boundary/policy/policy.ts'
import { UsageError } from '../../../src/errors.ts'
import { joinPolicies, readOwnSettings, readSettings } from '../../../src/hosts/settings.ts'
import type { Boundary, Policy } from '../../../src/protocol/boundary.ts'
import type { Expected, Given, Row } from './row.ts'
import { SHOP, SHOP_ON_WINDOWS } from './world.ts'

/** What came out for a row, and all the words by which it was said. */
export interface Judged {
  readonly verdict: Expected
  readonly words: string
}

/** Takes a row the way a task goes: its layers and rules are read, its paths located, its call judged. */
export function judgeRow(row: Row): Judged {
  const { action, world = 'shop', repository = null, isBackground = false, hasBash = true } = row
  const { own, locate, links: linksIn } = world === 'shop' ? SHOP : SHOP_ON_WINDOWS
  try {
    const boundary = boundaryOf(row)
    const policy = policyOf(row)
    const links = new Map(globsOf(action).map((path) => [path, linksIn(path)]))
    const places = new Map(pathsOf(action, links).map((path) => [path, locate(path)]))
    const { verdict } = explain({
      boundary,
      policy,
      action,
      places,
      links,
      repository,
      own,
      isBackground,
      hasBash,
    })
    return { verdict: verdict.verdict, words: `${verdict.layer}: ${verdict.rule}: ${verdict.why}` }
  } catch (error) {
    if (error instanceof UsageError) return { verdict: 'refused', words: error.message }
    throw error
  }
}

/** The layers of a row, read as they come from outside. */
export function boundaryOf({ boundary = [] }: Given): Boundary {
  return boundary.reduce<Boundary>(
    (above, layer, index) => meet(above, parseLayer(layer, `layer ${index + 1}`)),
    [],
  )
}

function policyOf({ policy = {}, settings }: Given): Policy {
  if (settings === undefined) return parsePolicy(policy, 'policy')
  const { user = '{}', folder, isTrusted } = settings
  return joinPolicies(
    readOwnSettings(user, 'settings.json').policy,
    readSettings(folder, '.troupe/settings.json', isTrusted).policy,
  )
}
