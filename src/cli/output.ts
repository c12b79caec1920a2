import { safeText } from './safe-text.ts'

/** For what the person or the script asked for. `text` must be safe already. */
export function printResult(text: string): void {
  process.stdout.write(text)
}

/** For everything else that is said to a person: one piece of prose, made safe here. */
export function printError(text: string): void {
  process.stderr.write(`${safeText(text)}\n`)
}

/** A reader that has gone is no reason to break off. What it would have read is lost. */
export function surviveBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** Resolves when everything that was written has left the process, or never will. */
export async function flushed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.destroyed || stream.writableLength === 0) continue
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve())
      stream.write('', () => resolve())
    })
  }
}
