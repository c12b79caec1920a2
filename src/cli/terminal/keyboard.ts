import { emitKeypressEvents } from 'node:readline'
import type { ReadStream } from 'node:tty'
import { readLine } from './line-editor.ts'

/**
 * The keys of the person at the terminal. It listens all the time: what is typed while nobody asks is thrown
 * away, so that no key pressed earlier can answer a question that was not on the screen yet.
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

type Answer = (key: string | null) => void

interface Listening {
  readonly options: KeyboardOptions
  waiting: Answer | null
  isEditing: boolean
  isOver: boolean
}

interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
}

export function createKeyboard(options: KeyboardOptions): Keyboard {
  const { input } = options
  const listening: Listening = { options, waiting: null, isEditing: false, isOver: false }
  const onKey = (character: string | undefined, key: Key) => pressed(listening, character, key)
  const gone = () => {
    listening.isOver = true
    listening.waiting?.(null)
  }

  emitKeypressEvents(input)
  input.on('keypress', onKey)
  input.once('end', gone)
  // A terminal that was closed says so more than once.
  input.on('error', gone)
  listen(listening)

  return {
    key: (isMeant, signal) => nextKey(listening, isMeant, signal),
    async line(prompt, signal) {
      if (signal.aborted || listening.isOver) return null
      listening.isEditing = true
      try {
        return await readLine({ ...options, prompt, signal })
      } finally {
        listening.isEditing = false
        listen(listening)
      }
    },
    close() {
      gone()
      input.off('keypress', onKey)
      input.setRawMode(false)
      input.pause()
    },
  }
}

/** Keys one by one, unseen. */
function listen({ options: { input }, isOver }: Listening): void {
  if (isOver) return
  input.setRawMode(true)
  input.resume()
}

function pressed(listening: Listening, character: string | undefined, { name, ctrl }: Key): void {
  const { options, waiting, isEditing } = listening
  if (isEditing) return
  if (ctrl && name === 'c') options.interrupt()
  else if (ctrl && name === 'z') stopHere(listening)
  // A key with a sequence of its own, an arrow for example, has no character.
  else if (!ctrl) waiting?.(name === 'return' || name === 'enter' ? 'enter' : (character ?? ''))
}

/** What the terminal itself would have done, had it been left to read the keys. */
function stopHere(listening: Listening): void {
  const { input, leave, comeBack } = listening.options
  leave()
  input.setRawMode(false)
  process.once('SIGCONT', () => {
    if (listening.isOver) return
    listen(listening)
    comeBack()
  })
  process.kill(0, 'SIGTSTP')
}

function nextKey(
  listening: Listening,
  isMeant: (key: string) => boolean,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    const settle: Answer = (key) => {
      if (key !== null && !isMeant(key)) return
      listening.waiting = null
      signal.removeEventListener('abort', withdraw)
      resolve(key)
    }
    const withdraw = () => settle(null)
    if (signal.aborted || listening.isOver) return resolve(null)
    signal.addEventListener('abort', withdraw, { once: true })
    listening.waiting = settle
  })
}
