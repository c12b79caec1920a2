/** What both sides are given to do: the same task, the same tool, the same words. */

export const INSTRUCTIONS = 'You are a careful agent. Use the echo tool to read notes, then answer.'

export const ECHO = {
  name: 'echo',
  description: 'Read one note by its path and return its text.',
  path: 'Path of the note',
}

const FILLER = ' lorem ipsum dolor sit amet consectetur adipiscing elit'.repeat(4)

/** A tool that costs nothing, and counts its calls. */
export function createEcho() {
  const echo = ({ path }) => {
    echo.calls++
    return `content of ${path}:${FILLER}`
  }
  echo.calls = 0
  return echo
}

/** A task of so many turns with one call each, and an answer. The server reads the plan in it. */
export function promptOf({ turns, tag }) {
  const plan = Buffer.from(JSON.stringify({ turns, tag })).toString('base64url')
  return `Read the notes one by one, then answer. BENCH:${plan}`
}

export const answerTo = ({ turns, tag }) => `done ${tag} after ${turns} calls`
