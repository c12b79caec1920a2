/** The beginning of a text, never longer than said, never half a character; `…` says that there was more. */
export function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  return `${text.slice(0, charactersMax - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
