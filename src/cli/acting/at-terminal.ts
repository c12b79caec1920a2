import { createKeyboard } from '../terminal/keyboard.ts'
import { looksOf } from '../terminal/style.ts'
import type { Asking } from '../terminal/terminal-human.ts'

/** Whether somebody can be shown something here, and be asked about it. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks the person at the terminal. Ctrl-C withdraws the question. */
export async function atTerminal<T>(ask: (asking: Asking, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { stdin, stderr } = process
  const controller = new AbortController()
  const keyboard = createKeyboard({
    input: stdin,
    output: stderr,
    interrupt: () => controller.abort(),
    leave() {},
    comeBack() {},
  })
  try {
    const { isColoured } = looksOf(stderr.isTTY, process.env)
    return await ask({ keyboard, output: stderr, isColoured }, controller.signal)
  } finally {
    keyboard.close()
  }
}
