import { createInterface } from 'node:readline'
import type { ReadStream } from 'node:tty'

export interface LineOptions {
  readonly input: ReadStream
  readonly output: NodeJS.WriteStream
  readonly prompt: string
  readonly signal: AbortSignal
  readonly interrupt: () => void
}

/** A line of text with the usual editing; `null` when it is withdrawn, or nobody is there any more. */
export function readLine({ input, output, prompt, signal, interrupt }: LineOptions): Promise<string | null> {
  return new Promise((resolve) => {
    const editor = createInterface({ input, output, terminal: true, historySize: 0 })
    const settle = (text: string | null) => {
      signal.removeEventListener('abort', withdraw)
      resolve(text)
      editor.close()
    }
    const withdraw = () => settle(null)
    signal.addEventListener('abort', withdraw, { once: true })
    editor.on('SIGINT', interrupt)
    // After Ctrl-Z it comes back paused, and nothing would keep the process alive.
    editor.on('SIGCONT', () => editor.resume())
    editor.once('close', withdraw)
    editor.question(prompt, settle)
  })
}
