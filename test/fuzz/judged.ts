import { decide, globsOf, pathsOf } from '../../src/boundary/decide.ts'
import { parseLayer } from '../../src/boundary/layer.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import type { Verdict } from '../../src/protocol/boundary.ts'
import { run } from '../boundary/workspace.ts'
import type { Rules } from './rules.ts'
import { locate, type ThrowAway } from './throw-away.ts'

/** Says what may be done with a line: the product, or one that has a fault in it. */
export type Judge = (line: string, rules: Rules, directory: ThrowAway) => Verdict['verdict']

export const judgedByTroupe: Judge = (...given) => verdictOf(...given).verdict

/** What the product says, from what people write to a verdict. */
export function verdictOf(line: string, { policy, layers }: Rules, directory: ThrowAway): Verdict {
  const action = run(line)
  return decide({
    boundary: layers.map((layer) => parseLayer(layer, 'a layer')),
    policy: parsePolicy(policy, 'a policy'),
    action,
    places: new Map(pathsOf(action).map((path) => [path, locate(directory, path)])),
    // There is no link in the directory.
    links: new Map(globsOf(action).map((path) => [path, isDirectory(directory, path) ? [] : null])),
    repository: null,
    own: { root: directory.workspace, home: directory.home, directories: [] },
  })
}

function isDirectory(directory: ThrowAway, path: string): boolean {
  const place = locate(directory, path)
  return place !== 'outside' && place.kind === 'directory'
}
