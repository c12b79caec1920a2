import { createInterface, emitKeypressEvents } from 'node:readline'
import type { ReadStream } from 'node:tty'

/**
 * The keys of the person at the terminal. It listens all the time: what is typed while nobody asks is thrown away,
 * so that no key pressed earlier can answer a question that was not on the screen yet.
 */
export interface Keyboard {
  /** The next key that is one of these; `null` when it is withdrawn, or nobody is there any more. */
  key(isMeant: (key: string) => boolean, signal: AbortSignal): Promise<string | null>
  /** A line of text, with the usual editing; `null` as above. */
  line(prompt: string, signal: AbortSignal): Promise<string | null>
  close(): void
}

export interface KeyboardOptions {
  readonly input: ReadStream
  readonly output: NodeJS.WriteStream
  /** Ctrl-C, which no signal tells of while keys come one by one. */
  readonly interrupt: () => void
  /** Ctrl-Z: called before the process stops, and after it goes on. */
  readonly leave: () => void
  readonly comeBack: () => void
}

interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly sequence?: string | undefined
}

export function createKeyboard({ input, output, interrupt, leave, comeBack }: KeyboardOptions): Keyboard {
  let waiting: ((key: string | null) => void) | null = null
  let isEditing = false
  let isOver = false

  function pressed(character: string | undefined, { name, ctrl, sequence }: Key): void {
    if (isEditing) return
    if (ctrl && name === 'c') return interrupt()
    if (ctrl && name === 'z') return stopHere()
    // A key with a sequence of its own, an arrow for example, has no character.
    if (!ctrl) waiting?.(name === 'return' || name === 'enter' ? 'enter' : (character ?? sequence ?? ''))
  }

  function stopHere(): void {
    leave()
    input.setRawMode(false)
    process.once('SIGCONT', () => {
      if (isOver) return
      input.setRawMode(true)
      comeBack()
    })
    // The whole group, as the terminal itself would have done it.
    process.kill(0, 'SIGTSTP')
  }

  function gone(): void {
    isOver = true
    waiting?.(null)
  }

  function listen(): void {
    input.setRawMode(true)
    input.resume()
  }

  emitKeypressEvents(input)
  input.on('keypress', pressed)
  input.once('end', gone)
  // A terminal that was closed says so more than once.
  input.on('error', gone)
  listen()

  return {
    key: (isMeant, signal) =>
      new Promise((resolve) => {
        const settle = (key: string | null) => {
          if (key !== null && !isMeant(key)) return
          waiting = null
          signal.removeEventListener('abort', withdraw)
          resolve(key)
        }
        const withdraw = () => settle(null)
        if (signal.aborted || isOver) return resolve(null)
        signal.addEventListener('abort', withdraw, { once: true })
        waiting = settle
      }),
    async line(prompt, signal) {
      if (signal.aborted || isOver) return null
      isEditing = true
      try {
        return await readLine({ input, output, prompt, signal, interrupt })
      } finally {
        isEditing = false
        if (!isOver) listen()
      }
    },
    close() {
      isOver = true
      waiting?.(null)
      input.off('keypress', pressed)
      input.setRawMode(false)
      input.pause()
    },
  }
}

interface LineOptions extends Pick<KeyboardOptions, 'input' | 'output' | 'interrupt'> {
  readonly prompt: string
  readonly signal: AbortSignal
}

function readLine({ input, output, prompt, signal, interrupt }: LineOptions): Promise<string | null> {
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
