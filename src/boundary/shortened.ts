const SAID_CHARACTERS_MAX = 200

/** A text as it is told again, in a reason that should stay readable. */
export function shortened(text: string): string {
  return text.length > SAID_CHARACTERS_MAX
    ? `${text.slice(0, SAID_CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, '')}…`
    : text
}
