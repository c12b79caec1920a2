import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createRuntime } from '../../src/hosts/node.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { brokenInvariants, hangs, scriptedModel } from '../../src/testing/testing.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { z } from 'zod'
import { bundle, removeBundle } from './driver/lives.ts'
import type { RacePlan, RaceReport } from './world/race.ts'

const RACES = 1_000
/** So many are in one store. */
const RACES_AT_ONCE = 200

let script = ''
beforeAll(async () => void (script = await bundle('races', '../world/racing.child.ts')))
afterAll(() => removeBundle(script))

describe('L4: two processes want the same task', () => {
  it(`${RACES} times: each task begins once, acts once and ends once, whoever wins`, async () => {
    const mails: string[] = []
    for (let count = 0; count < RACES; count += RACES_AT_ONCE) {
      const directory = await manyTasks(RACES_AT_ONCE)
      const reports = await race(directory, ['resume', 'resume', 'cancel'], ['resume', 'cancel', 'cancel'])
      const sent = readFileSync(join(directory, 'mails'), 'utf8').split('\n').filter(Boolean)
      const journals = await journalsIn(directory)
      expect(journals.size).toBe(RACES_AT_ONCE)
      expect([...journals].flatMap(([id, entries]) => problemsWith(id, { entries, reports, sent }))).toEqual(
        [],
      )
      mails.push(...sent)
    }
    // Else it was no race.
    expect(new Set(mails.map((line) => line.split(' ')[1])).size).toBeGreaterThan(1)
  }, 300_000)
})

interface Raced {
  readonly entries: readonly Entry[]
  readonly reports: readonly RaceReport[]
  readonly sent: readonly string[]
}

function problemsWith(id: string, { entries, reports, sent }: Raced): readonly string[] {
  const wishes = reports.map((report) => report[id])
  const isCancelled = wishes.some((wish) => wish?.verb === 'cancel')
  const begun = entries.filter(({ fact }) => fact.type === 'task.resumed').length
  const acted = sent.filter((line) => line.startsWith(`${id} `)).length
  const ends = entries.flatMap(({ fact }) => (fact.type === 'task.ended' ? [fact.outcome.status] : []))
  const [end] = ends
  const wrong = [
    ...brokenInvariants(entries),
    ...(begun > 1 ? [`it was resumed ${begun} times`] : []),
    ...(ends.length === 1 ? [] : [`it ended ${ends.length} times`]),
    ...(acted > 1 || (acted === 0 && end === 'completed') ? [`it acted ${acted} times`] : []),
    ...(!isCancelled && end !== 'completed' ? [`it is ${end}`] : []),
    ...wishes.flatMap((wish) => (wish?.status === end ? [] : [`one was told ${wish?.status}, it is ${end}`])),
    ...wishes.flatMap((wish) => (isFine(wish) ? [] : [`${wish?.verb} came to ${wish?.answer}`])),
  ]
  return wrong.map((what) => `${id}: ${what}`)
}

async function journalsIn(directory: string): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const store = await openSqlite({ directory: join(directory, 'workspace/.troupe/state') })
  const journals = new Map<string, readonly Entry[]>()
  for (const { spec } of await store.tasks()) journals.set(spec.id, await store.read(spec.id))
  await store.close()
  return journals
}

/** Who comes too late is told that it is over, and that is all that may go wrong. */
function isFine(wish: RaceReport[string] | undefined): boolean {
  return wish?.answer === 'done' || (wish?.verb === 'resume' && wish.answer === 'task/has-ended')
}

/** Tasks that were at work when their process died. */
async function manyTasks(count: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-races-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const workspace = join(directory, 'workspace')
  mkdirSync(workspace)
  const entries = await oneAtWork(workspace)
  const store = await openSqlite({ directory: join(workspace, '.troupe/state') })
  const ids = Array.from({ length: count }, (_, n) => `t_race${n}`)
  await Promise.all(
    ids.map(async (taskId) => {
      const mine = entries.map((entry) => of(taskId, entry))
      let token = 0
      for (const entry of mine) {
        await (entry.seq === 1 ? store.create(entry) : store.append(entry, token))
        token = entry.runId
      }
      await store.release(taskId)
    }),
  )
  await store.close()
  writeFileSync(join(directory, 'ids'), ids.join('\n'))
  return directory
}

async function oneAtWork(workspace: string): Promise<readonly Entry[]> {
  const store = memoryStore()
  const mail = defineTool({
    name: 'mail',
    description: 'Mails.',
    input: z.strictObject({}),
    execute: () => '',
  })
  const model = scriptedModel({ lead: [hangs()] })
  const runtime = await createRuntime({ workspace, settings: false, store, model, tools: [mail] })
  const { id } = await runtime.start({ message: 'Send a mail.' })
  const entries = await store.read(id)
  await runtime.close({ graceMs: 0 })
  return entries
}

function of(taskId: string, entry: Entry): Entry {
  const { fact } = entry
  return {
    ...entry,
    taskId,
    fact: fact.type === 'task.created' ? { ...fact, spec: { ...fact.spec, id: taskId } } : fact,
  }
}

async function race(directory: string, ...wishes: RacePlan['verbs'][]): Promise<readonly RaceReport[]> {
  const racers = wishes.map((verbs) => {
    const child = spawn(process.execPath, [script, JSON.stringify({ directory, verbs } satisfies RacePlan)])
    onTestFinished(() => void child.kill('SIGKILL'))
    let out = ''
    child.stdout.on('data', (text) => (out += String(text)))
    child.stderr.pipe(process.stderr)
    const isReady = once(child.stdout, 'data')
    const isOver = once(child, 'close')
    return {
      child,
      isReady,
      report: async () => (await isOver, JSON.parse(out.slice('ready\n'.length)) as RaceReport),
    }
  })
  await Promise.all(racers.map(({ isReady }) => isReady))
  for (const { child } of racers) child.stdin.write('go\n')
  return Promise.all(racers.map(({ report }) => report()))
}
