/** People are told how tasks in the background get on: in order, once, and without a bound only of ends. */
import { describe, expect, it } from 'vitest'
import { createNotices, type News, noticeOfReason, noticeOfResult } from '../../src/actors/notices.ts'
import type { Notice } from '../../src/host.ts'

const WAITING_MAX = 100

const progress = (id: string): News => ({ ...ended(id), kind: 'progress', status: 'running' })
const ended = (id: string): News => ({
  id,
  kind: 'ended',
  taskId: `t_${id}`,
  agent: 'coder',
  title: 'Mend it',
  status: 'completed',
  text: 'Mended.',
})

/** A person who is at one notice until the test says so. */
function busyPerson(max?: number) {
  const heard: Notice[] = []
  const warnings: string[] = []
  const finish: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  const notices = createNotices({
    notify: (notice) => {
      heard.push(notice)
      return new Promise<void>((resolve, reject) => void finish.push({ resolve, reject }))
    },
    warn: (text) => void warnings.push(text),
    ...(max === undefined ? {} : { max }),
  })
  return {
    notices,
    heard,
    warnings,
    ids: () => heard.map(({ id }) => id),
    async done(): Promise<void> {
      finish.shift()?.resolve()
      await settled()
    },
    async fail(): Promise<void> {
      finish.shift()?.reject(new Error('boom'))
      await settled()
    },
  }
}

/** A person who answers at once, with whatever the test says. */
function quickPerson(notify: (notice: Notice) => unknown) {
  const heard: Notice[] = []
  const warnings: string[] = []
  const notices = createNotices({
    notify: (notice) => {
      heard.push(notice)
      return notify(notice)
    },
    warn: (text) => void warnings.push(text),
  })
  return { notices, heard, warnings, ids: () => heard.map(({ id }) => id) }
}

/** Every microtask that is due, and those that follow from it. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve))

const numbered = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `${name}${index}`)

describe('a notice', () => {
  it('is told as its type says and no more, and nobody can change it', () => {
    const { notices, heard } = quickPerson(() => {})
    notices.tell({ ...ended('a'), ...{ instructions: 'secret' } })
    expect(heard).toEqual([{ ...ended('a'), dropped: 0 }])
    expect(Object.isFrozen(heard[0])).toBe(true)
  })

  it('that waits is the one that was told, whatever becomes of the object', async () => {
    const { notices, heard, done } = busyPerson()
    notices.tell(ended('a'))
    const news = { ...ended('b') }
    notices.tell(news)
    news.text = 'Changed.'
    await done()
    expect(heard[1]?.text).toBe('Mended.')
  })

  it('waits while the person is at another, in order', async () => {
    const { notices, ids, done } = busyPerson()
    for (const news of [progress('a'), ended('b'), progress('c'), ended('d')]) notices.tell(news)
    await settled()
    expect(ids()).toEqual(['a'])
    expect(notices.waiting).toBe(3)
    await done()
    expect(ids()).toEqual(['a', 'b'])
    await done()
    await done()
    expect(ids()).toEqual(['a', 'b', 'c', 'd'])
    expect(notices.waiting).toBe(0)
    await done()
    notices.tell(ended('e'))
    expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('of a burst is not dropped where the person takes no time', () => {
    const { notices, ids, heard } = quickPerson(() => {})
    const all = numbered(1_000, 'p')
    for (const id of all) notices.tell(progress(id))
    expect(ids()).toEqual(all)
    expect(heard.some(({ dropped }) => dropped > 0)).toBe(false)
  })

  it('that comes while another is told waits for its turn', () => {
    const order: string[] = []
    const { notices } = quickPerson(({ id }) => {
      order.push(`${id} begins`)
      if (id === 'a') notices.tell(ended('b'))
      order.push(`${id} is over`)
    })
    notices.tell(ended('a'))
    expect(order).toEqual(['a begins', 'a is over', 'b begins', 'b is over'])
  })

  it('goes nowhere where nobody can be told', () => {
    const notices = createNotices({ notify: undefined, warn: (text) => expect.fail(text) })
    for (const id of numbered(1_000, 'e')) notices.tell(ended(id))
    expect(notices.waiting).toBe(0)
  })
})

describe('S23: what is the same is told once', () => {
  it('while it waits, in its old place, or is being told', async () => {
    const { notices, ids, done } = busyPerson()
    for (const news of [ended('a'), ended('a'), progress('b'), ended('c'), progress('b')]) notices.tell(news)
    expect(notices.waiting).toBe(2)
    for (let at = 0; at < 6; at++) await done()
    expect(ids()).toEqual(['a', 'b', 'c'])
  })

  it.each([ended, progress])('and afterwards', async (news) => {
    const { notices, ids, done } = busyPerson()
    notices.tell(news('a'))
    await done()
    notices.tell(news('a'))
    expect(ids()).toEqual(['a'])
    expect(notices.waiting).toBe(0)
  })

  it('an end is told also when its progress has the same id', async () => {
    const { notices, heard, done } = busyPerson()
    notices.tell(progress('a'))
    notices.tell(ended('a'))
    notices.tell(ended('b'))
    notices.tell(progress('b'))
    for (let at = 0; at < 4; at++) await done()
    expect(heard.map(({ id, kind }) => [id, kind])).toEqual([
      ['a', 'progress'],
      ['a', 'ended'],
      ['b', 'ended'],
      ['b', 'progress'],
    ])
  })

  it('the last 1,000 of each kind are remembered, and no more', () => {
    const { notices, heard } = quickPerson(() => {})
    for (const id of numbered(1_001, 'e')) notices.tell(ended(id))
    for (const id of numbered(5_000, 'p')) notices.tell(progress(id))
    const before = heard.length
    notices.tell(ended('e1'))
    notices.tell(ended('e1000'))
    expect(heard).toHaveLength(before)
    notices.tell(ended('e0'))
    expect(heard).toHaveLength(before + 1)
  })

  it('what could not be told may be tried again', async () => {
    const { notices, ids, fail } = busyPerson()
    notices.tell(ended('a'))
    await fail()
    notices.tell(ended('a'))
    expect(ids()).toEqual(['a', 'a'])
  })
})

describe('S143: while the person is busy', () => {
  it('the oldest progress is dropped first, no end ever, and the next notice says how many', async () => {
    const { notices, heard, ids, done } = busyPerson()
    notices.tell(ended('first'))
    const tasks = numbered(WAITING_MAX + 30, '')
    for (const id of tasks) {
      notices.tell(progress(`p${id}`))
      notices.tell(ended(`e${id}`))
    }
    expect(notices.waiting).toBe(WAITING_MAX + tasks.length)
    for (let at = 0; at < 300; at++) await done()
    const expected = tasks.flatMap((id, index) => (index < 30 ? [`e${id}`] : [`p${id}`, `e${id}`]))
    expect(ids()).toEqual(['first', ...expected])
    expect(heard[0]?.dropped).toBe(0)
    expect(heard[1]?.dropped).toBe(30)
    expect(heard.slice(2).every(({ dropped }) => dropped === 0)).toBe(true)
  })

  it('exactly as many wait as may', async () => {
    const { notices, heard, ids, done } = busyPerson(3)
    for (const id of ['a', 'b', 'c', 'd']) notices.tell(progress(id))
    expect(notices.waiting).toBe(3)
    notices.tell(progress('e'))
    expect(notices.waiting).toBe(3)
    for (let at = 0; at < 5; at++) await done()
    expect(ids()).toEqual(['a', 'c', 'd', 'e'])
    expect(heard.map(({ dropped }) => dropped)).toEqual([0, 1, 0, 0])
  })

  it('what was dropped may be told again', async () => {
    const { notices, ids, done } = busyPerson(1)
    for (const id of ['a', 'b', 'c', 'b']) notices.tell(progress(id))
    for (let at = 0; at < 4; at++) await done()
    expect(ids()).toEqual(['a', 'b'])
  })

  it('who never comes back costs no memory but for ends, and is warned of once', async () => {
    const { notices, warnings, heard } = busyPerson()
    notices.tell(progress('stuck'))
    for (const id of numbered(20_000, 'p')) notices.tell(progress(id))
    expect(notices.waiting).toBe(WAITING_MAX)
    for (const id of numbered(500, 'e')) notices.tell(ended(id))
    expect(notices.waiting).toBe(WAITING_MAX + 500)
    await settled()
    expect(heard).toHaveLength(1)
    expect(warnings).toEqual([
      'notify is still at the notice that task t_stuck is running, and more than 100 notices wait. ' +
        'Until it is done, only the newest 100 of progress are kept, and every one of an end.',
    ])
  })

  it('is warned of again only when all was told in between', async () => {
    const { notices, warnings, done } = busyPerson(1)
    const burst = (name: string) => {
      for (const id of numbered(4, name)) notices.tell(ended(id))
    }
    burst('a')
    await done()
    burst('b')
    expect(warnings).toHaveLength(1)
    for (let at = 0; at < 8; at++) await done()
    expect(notices.waiting).toBe(0)
    burst('c')
    expect(warnings).toHaveLength(2)
  })
})

describe('a person who cannot be told', () => {
  const fails = (): never => {
    throw new Error('boom')
  }
  it.each([
    ['throws', fails],
    ['rejects', async () => fails()],
    ['returns what cannot be awaited', () => Object.defineProperty({}, 'then', { get: fails })],
    [
      'returns a promise that is none',
      () => Object.defineProperty(Promise.resolve(), 'constructor', { get: fails }),
    ],
  ])('is warned of, by task, and hears of the next, when notify %s', async (_, wrong) => {
    const { notices, ids, warnings } = quickPerson(({ id }) => (id === 'a' ? wrong() : undefined))
    for (const id of ['a', 'b', 'c']) notices.tell(ended(id))
    await settled()
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(warnings).toEqual(['The notice that task t_a is completed could not be told: boom'])
    expect(notices.waiting).toBe(0)
  })

  it('is told by the next notice what was dropped before', async () => {
    const { notices, heard, done, fail } = busyPerson(1)
    for (const id of ['a', 'b', 'c', 'd']) notices.tell(progress(id))
    notices.tell(ended('e'))
    await done()
    await fail()
    expect(heard.map(({ id, dropped }) => [id, dropped])).toEqual([
      ['a', 0],
      ['d', 2],
      ['e', 2],
    ])
  })

  it('is quoted, but not at any length', () => {
    const { notices, warnings } = quickPerson(() => {
      throw new Error('x'.repeat(100_000))
    })
    notices.tell(ended('a'))
    expect(warnings[0]).toMatch(/x{400}/)
    expect(warnings[0]?.length).toBeLessThan(700)
  })
})

describe('the line of a notice', () => {
  it.each([
    ['Done.', 'Done.'],
    ['', ''],
    [' \n\t\n', ''],
    ['\n\n  # Report  \nMore.', '# Report'],
    ['One\r\nTwo', 'One'],
    ['One\rTwo', 'One'],
    ['One\u2028Two', 'One'],
    ['One\u2029Two', 'One'],
    ['\u0085One\u0085Two', 'One'],
    ['One\vTwo\fThree', 'One'],
    ['\u001b[31mRed\u0007', '\u001b[31mRed\u0007'],
  ])('of %j is %j', (text, line) => {
    expect(noticeOfResult(text)).toBe(line)
    expect(noticeOfReason({ message: text })).toBe(line)
  })

  it('is cut to 200 characters, never in the middle of one', () => {
    expect(noticeOfResult('x'.repeat(200))).toBe('x'.repeat(200))
    expect(noticeOfResult('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`)
    for (const text of ['😀'.repeat(500), `x${'😀'.repeat(500)}`]) {
      expect(noticeOfResult(text).length).toBeLessThanOrEqual(200)
      expect(noticeOfResult(text)).not.toMatch(/\p{Cs}/u)
    }
  })

  it('costs no more than its text is long', () => {
    const began = performance.now()
    for (const text of [`${' '.repeat(1_000_000)}x`, '\n'.repeat(1_000_000), `x${' '.repeat(1_000_000)}y`])
      expect(noticeOfResult(text).length).toBeLessThanOrEqual(200)
    // Anything quadratic would take minutes.
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
