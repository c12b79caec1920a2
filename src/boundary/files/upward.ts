import type { Touched } from '../commands/judgement.ts'
import { tidyPath } from './paths.ts'
import type { Places } from './places.ts'

/** The parts of a path that stand in front of a `..`: what lies there decides where that leads. */
export function beforeUp(path: string): readonly string[] {
  if (!path.includes('..')) return []
  const parts = path.split('/')
  return parts.flatMap((part, index) => (part === '..' ? [parts.slice(0, index).join('/')] : []))
}

/** Where a path leads that goes up on its way. */
interface Upward {
  readonly path: string
  /** No link is on the way: what the path says as text is where it leads. */
  readonly isPlain: boolean
}

/**
 * Where a path leads, seen from the workspace: the system follows a link before it goes up from there.
 * `null`: out of it, or nobody knows.
 */
export function upward(path: string, places: Places): Upward | null {
  for (const before of beforeUp(path)) {
    const place = places.get(before)
    const isRoot = tidyPath(before) === ''
    if (isRoot || place === undefined || place === 'outside') return null
    if (place.path === tidyPath(before)) continue
    const above = place.path.split('/').slice(0, -1).join('/')
    if (place.path === '' || place.path === '.') return null
    return { path: tidyPath(above, path.slice(before.length + '/..'.length)), isPlain: false }
  }
  return { path: tidyPath(path), isPlain: true }
}

/** A path that a command is given, and where it leads. Behind a link and up again counts as outside. */
export function touchedAt(given: string, places: Places): Touched {
  // What Windows reads as a path of its own is a plain name to bash: nobody looked where that leads.
  const isForeign = /^(\\|[a-zA-Z]:)/.test(given)
  const isPlain = !isForeign && upward(given, places)?.isPlain === true
  return { given, place: isPlain ? (places.get(given) ?? 'outside') : 'outside' }
}
