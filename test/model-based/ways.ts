/** The shortest way to every place, found once for all who walk there. */
import { shortestWays } from './fold.ts'
import { KINDS } from './task.background.ts'

type Kind = keyof typeof KINDS
type Ways = ReturnType<typeof shortestWays>

export const WAYS = Object.fromEntries(
  Object.entries(KINDS).map(([kind, { spec }]) => [kind, shortestWays(spec)]),
) as Readonly<Record<Kind, Ways>>
