const RUN = /[A-Za-z0-9+/_-]+={0,2}/g
/** What is shorter holds no secret that would be known as one. */
const CHARACTERS_MIN = 16
/** Lines of encoded text are at least so long, but for the last one. */
const LINE_CHARACTERS_MIN = 60
/** Text in text: a file of settings with encoded passwords, encoded as a whole. */
const DEPTH_MAX = 2
/** What an encoded text may begin behind, such as the parts of a path. */
const SHIFTS = [0, 1, 2, 3]

interface Run {
  readonly from: number
  readonly to: number
  /** Without the breaks between its lines. */
  readonly text: string
}

/** The same without what is base64 of something with a secret in it. */
export function withoutEncoded(text: string, isSecret: (text: string) => boolean): string {
  let told = ''
  let toldTo = 0
  for (const { from, to, text: run } of runsIn(text)) {
    if (run.length < CHARACTERS_MIN || !hidesSecret(run, isSecret, DEPTH_MAX)) continue
    told += `${text.slice(toldTo, from)}[redacted base64]`
    toldTo = to
  }
  return told + text.slice(toldTo)
}

function hidesSecret(run: string, isSecret: (text: string) => boolean, depth: number): boolean {
  return SHIFTS.some((shift) => {
    const decoded = Buffer.from(run.slice(shift), 'base64').toString('utf8')
    if (isSecret(decoded)) return true
    if (depth <= 1 || !isText(decoded)) return false
    return runsIn(decoded).some(
      ({ text }) => text.length >= CHARACTERS_MIN && hidesSecret(text, isSecret, depth - 1),
    )
  })
}

/** What was not encoded comes out as noise. */
function isText(decoded: string): boolean {
  return !decoded.includes('\ufffd') && !/[\0-\x08\x0e-\x1f]/.test(decoded)
}

/** Pieces of text that may be base64; those on lines of their own, below each other, are one. */
function runsIn(text: string): readonly Run[] {
  const runs: { from: number; to: number; parts: string[]; last: number }[] = []
  for (const { 0: found, index } of text.matchAll(RUN)) {
    const before = runs.at(-1)
    const gap = before ? text.slice(before.to, Math.min(index + 1, before.to + 5)) : ''
    const joint = before && before.last >= LINE_CHARACTERS_MIN ? jointIn(gap) : null
    if (before && joint !== null && before.to + joint >= index) {
      // In JSON the letter behind the backslash is no part of the next line.
      const part = found.slice(before.to + joint - index)
      before.parts.push(part)
      before.to = index + found.length
      before.last = part.length
    } else runs.push({ from: index, to: index + found.length, parts: [found], last: found.length })
  }
  return runs.map(({ from, to, parts }) => ({ from, to, text: parts.join('') }))
}

/** How long a break between two lines is; `null`: there is none. */
function jointIn(gap: string): number | null {
  return /^(?:\r?\n|\\r\\n|\\n)/.exec(gap)?.[0].length ?? null
}
