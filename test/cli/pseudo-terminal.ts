import { spawn } from 'node:child_process'
import { type Binary, type RunningTroupe, until, watched } from './binary.ts'

export interface TerminalSize {
  readonly columns?: number
  readonly rows?: number
}

export interface InTerminal extends RunningTroupe {
  /** Everything that came to the terminal so far, as it came. */
  readonly screen: () => string
  press(keys: string): void
  /** Waits until the terminal was sent something that it had not been sent before. */
  shows(text: string | RegExp): Promise<void>
}

/** Runs the command line in a real terminal of the kernel, as `script` opens them. */
export function inTerminal(
  troupe: Binary,
  args: readonly string[],
  options: TerminalSize & { readonly cwd: string; readonly environment: Readonly<Record<string, string>> },
): InTerminal {
  const { columns = 80, rows = 24, cwd, environment } = options
  const words = [process.execPath, troupe.main, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
  const line = `stty cols ${columns} rows ${rows}; exec ${words.join(' ')}`
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    cwd,
    env: { ...troupe.environment, TERM: 'xterm-256color', SHELL: '/bin/sh', ...environment },
  })
  const running = watched(child)
  let seenTo = 0
  return {
    ...running,
    screen: running.stdout,
    press: (keys) => void child.stdin.write(keys),
    async shows(text) {
      const found = () => {
        const fresh = running.stdout().slice(seenTo)
        const at = typeof text === 'string' ? fresh.indexOf(text) : fresh.search(text)
        if (at < 0) return false
        seenTo += at + 1
        return true
      }
      await until(found, `the terminal shows ${String(text)}`).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify(running.stdout().slice(-2_000))}`)
      })
    },
  }
}

/** The same without what only looks: colours, moves of the cursor, and lines that were written over. */
export function withoutLooks(screen: string): string {
  return screen
    .replace(/\x1b\[[?\d;]*[A-Za-z]/g, '')
    .replaceAll('\r\n', '\n')
    .replace(/[^\n]*\r/g, '')
}
