/** Any way a task may go: each message and each report is told once, and nothing that was shown moves. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createConversation, linesUpTo } from '../../src/protocol/conversation.ts'
import type { Line } from '../../src/protocol/model.ts'
import { answered, ended, messaged, replied, SPEC, summarised } from './talk.ts'

type Step =
  | { readonly does: 'ask' | 'message' | 'end' | 'endAgain' | 'fail' | 'approve' | 'object' }
  | { readonly does: 'reply'; readonly calls: number }
  | { readonly does: 'answer'; readonly told: number | null }
  | { readonly does: 'summarise'; readonly back: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ does: 'ask' as const }) },
  { weight: 3, arbitrary: fc.constantFrom({ does: 'message' as const }, { does: 'end' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ does: 'endAgain' as const }, { does: 'fail' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ does: 'approve' as const }, { does: 'object' as const }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('reply' as const), calls: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('answer' as const), told: fc.option(fc.nat(255)) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('summarise' as const), back: fc.nat(2) }) },
)

/** Plays the chart and the model: when something may happen, and how much the model has not seen. */
function walk() {
  const talk = createConversation(SPEC)
  const said: string[] = []
  const tasks: string[] = []
  /** What the model was shown the last time, with no summary since. */
  let shown: readonly Line[] = []
  const dropped: string[] = []
  let [isAsked, unread, turn, summarisedTo] = [false, 0, 0, 0]
  let open: readonly string[] = []
  const isAtRest = () => !isAsked && open.length === 0

  const steps: { readonly [Does in Step['does']]: (step: Extract<Step, { does: Does }>) => void } = {
    ask() {
      if (!isAtRest()) return
      const lines = [...talk.lines]
      expect(lines.slice(0, shown.length)).toEqual(shown)
      shown = lines
      isAsked = true
      unread = 0
    },
    message() {
      said.push(`message ${said.length}`)
      talk.hear(messaged(said.at(-1) ?? ''))
      unread += 1
    },
    end() {
      tasks.push(`t${tasks.length + 2}`)
      talk.hear(ended(tasks.at(-1) ?? ''))
      unread += 1
    },
    endAgain() {
      if (tasks[0]) talk.hear(ended(tasks[0]))
    },
    fail() {
      isAsked = false
    },
    approve() {
      if (!open[0]) return
      said.push(`message ${said.length}`)
      talk.hear({ type: 'call.approved', callId: open[0], note: said.at(-1) ?? '' })
    },
    object() {
      if (isAtRest() && turn > 0) talk.hear({ type: 'stop.objected', note: 'Go on.' })
    },
    reply({ calls }) {
      if (!isAsked) return
      isAsked = false
      turn += 1
      talk.hear(replied(turn, calls), unread)
      open = Array.from({ length: calls }, (_, index) => `${turn}.${index}`)
      expect(talk.lines.slice(0, shown.length)).toEqual(shown)
      expect(talk.lines[shown.length]).toMatchObject({ role: 'agent', turn })
    },
    answer({ told }) {
      const [callId, ...rest] = open
      if (!callId) return
      open = rest
      const meant = told === null ? undefined : tasks.filter((_, index) => (told >> (index % 8)) & 1)
      talk.hear(answered(callId, meant))
    },
    summarise({ back }) {
      const upTo = turn - back
      if (!isAtRest() || upTo <= summarisedTo) return
      summarisedTo = upTo
      const before = talk.lines
      talk.hear(summarised(upTo))
      const after = reportsIn(talk.lines)
      const gone = reportsIn(before).filter((report) => !after.includes(report))
      // What it stands for is what it was made of, no less and no more.
      expect(gone).toEqual(reportsIn(linesUpTo(before, upTo)))
      dropped.push(...gone)
      shown = []
    },
  }
  return {
    take(next: Step) {
      // Each step is looked up by the word that tells its kind.
      const act = steps[next.does] as (step: Step) => void
      act(next)
      answersStandBehindTheirReply(talk.lines)
    },
    end() {
      while (open.length > 0) steps.answer({ does: 'answer', told: null })
      return { lines: talk.lines, said, tasks, dropped }
    },
  }
}

/** The tasks whose reports stand in these lines, in notes or in results, as often as they do. */
function reportsIn(lines: readonly Line[]): readonly string[] {
  return lines.flatMap((line) =>
    [...JSON.stringify(line).matchAll(/The result of (t\d+)\./g)].map(([, id = '']) => id),
  )
}

function answersStandBehindTheirReply(lines: readonly Line[]): void {
  for (const [at, line] of lines.entries()) {
    if (line.role !== 'agent') continue
    const behind = lines.slice(at + 1, at + 1 + line.calls.length)
    expect(behind.filter(({ role }) => role !== 'tool')).toEqual([])
  }
}

const byNumber = (ids: readonly string[]) => ids.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))

it('each message and each report is told once, and nothing that was shown moves', () => {
  const reached = { told: 0, dropped: 0, summaries: 0 }
  const holds = (steps: readonly Step[]) => {
    const task = walk()
    for (const next of steps) task.take(next)
    const { lines, said, tasks, dropped } = task.end()

    const words = lines.flatMap((line) => (line.role === 'user' ? [line.text] : []))
    expect(words.slice(1).toSorted()).toEqual(said.toSorted())
    expect(byNumber([...reportsIn(lines), ...dropped])).toEqual(tasks)
    const results = reportsIn(lines.filter(({ role }) => role === 'tool'))
    reached.told += results.length
    reached.dropped += dropped.length
    reached.summaries += lines.filter((line) => line.role === 'note' && line.source === 'summary').length
  }
  fc.assert(fc.property(fc.array(step, { maxLength: 60, size: 'max' }), holds), { numRuns: 1_000 })
  expect(Object.values(reached).every((count) => count > 100)).toBe(true)
})
