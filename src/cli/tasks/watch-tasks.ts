import { setTimeout as sleep } from 'node:timers/promises'
import { printResult } from '../output.ts'
import type { Interruption } from '../run/interruption.ts'
import { createScreen, type Screen } from '../terminal/screen.ts'
import { looksOf, painted, type Row, span } from '../terminal/style.ts'
import { findTasks, type Found, listingOf } from './listing.ts'
import { pageColumns, printRows } from './page.ts'
import type { Selection } from './selection.ts'
import { listingRows } from './task-table.ts'
import type { OpenWorkspace } from './workspace-runtime.ts'

/** How often it is looked what has changed; less often where looking takes long. */
const LOOK_MS = 300
const LOOK_SHARE = 10
/** Where nothing can be drawn in place, so often at most. */
const REPRINT_MS = 1_000

export interface Watch {
  readonly workspace: OpenWorkspace
  readonly selection: Selection
  readonly isAll: boolean
  readonly interruption: Interruption
}

/** Shows the tasks anew whenever they change, until it is interrupted. */
export async function watchTasks(watch: Watch): Promise<void> {
  const { isLive, isColoured } = looksOf(process.stdout.isTTY, process.env)
  if (isLive) await drawInPlace(watch, createScreen(process.stdout, isColoured))
  else await reprint(watch)
}

async function drawInPlace(watch: Watch, screen: Screen): Promise<void> {
  const leave = () => screen.clear()
  process.on('exit', leave)
  let last: readonly Row[] = []
  try {
    await untilInterrupted(watch, LOOK_MS, (found) => {
      last = rowsOf(watch, found, Date.now())
      screen.draw([], fitted(last, screen.rows - 1))
    })
  } finally {
    screen.clear()
    process.off('exit', leave)
  }
  printRows(last)
}

async function reprint(watch: Watch): Promise<void> {
  let before = ''
  await untilInterrupted(watch, REPRINT_MS, (found) => {
    // Time goes on in every picture: only what has happened is worth a new one.
    const still = textOf(rowsOf(watch, found, 0))
    if (still === before) return
    printResult(`${before === '' ? '' : '\n'}${textOf(rowsOf(watch, found, Date.now()))}`)
    before = still
  })
}

async function untilInterrupted(
  { workspace, selection, interruption }: Watch,
  leastMs: number,
  show: (found: Found) => void,
): Promise<void> {
  const { signal } = interruption
  while (!signal.aborted) {
    const began = performance.now()
    show(await findTasks(workspace, selection))
    const tookMs = performance.now() - began
    await sleep(Math.max(leastMs, tookMs * LOOK_SHARE), undefined, { signal }).catch(() => {})
  }
}

function rowsOf({ isAll }: Watch, found: Found, now: number): readonly Row[] {
  return listingRows(listingOf(found, { isAll, now }), pageColumns())
}

/** As many rows as there is room for. */
function fitted(rows: readonly Row[], rowsMax: number): readonly Row[] {
  if (rows.length <= rowsMax) return rows
  const kept = rows.slice(0, Math.max(1, rowsMax - 1))
  return [...kept, [span(`  … ${rows.length - kept.length} more rows`, 'faint')]]
}

function textOf(rows: readonly Row[]): string {
  const { isColoured } = looksOf(process.stdout.isTTY, process.env)
  return rows.map((row) => `${painted(row, isColoured).trimEnd()}\n`).join('')
}
