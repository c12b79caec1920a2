/**
 * The supervisor against its abstract model: every state, every event in it, also those that make no sense
 * there, walked on the real runtime. After every edge: each task's state, holders and place in the queue, the
 * slots, the open model calls counted at the model, the open questions, what the caller was told, how tasks
 * ended and how often a person was told so, and no actor that nobody owns. At the end of each way everything
 * is let go, and everything must end.
 *
 * TROUPE_WALKS=long walks those as well that take minutes.
 */
import { describe, expect, it } from 'vitest'
import { workspaceWith } from '../support/runtime.ts'
import { walk } from './walk.ts'
import { LONG_WALKS, WALKS } from './walks.ts'

const LIMIT_MS = 600_000
const isLong = process.env['TROUPE_WALKS'] === 'long'

describe('every edge of the model, on the real runtime', () => {
  it.each(Object.entries(isLong ? { ...WALKS, ...LONG_WALKS } : WALKS))(
    '%s',
    async (_, [rules, vocabulary]) => {
      const { edges, steps } = await walk(rules, vocabulary, await workspaceWith())
      expect(steps).toBeGreaterThanOrEqual(edges)
    },
    LIMIT_MS,
  )
})
