const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?=\s|\\+[nr])/g
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y
const END_BEGINS = '-----END '
const CHARACTERS_MAX = 32_768
/** What may stand in a key whose end is missing. */
const REST = /(?:[A-Za-z0-9+/=\s:,]|-(?!----)|\\+[nr])*/y

/** The same without private keys, in lines or in JSON. One that was cut off is left out, too. */
export function withoutPrivateKeys(text: string): string {
  if (!text.includes('-----BEGIN ')) return text
  let told = ''
  let toldTo = 0
  for (const found of text.matchAll(BEGIN)) {
    if (found.index < toldTo) continue
    told += `${text.slice(toldTo, found.index)}[redacted private key]`
    toldTo = endOf(text, found.index + found[0].length)
  }
  return told + text.slice(toldTo)
}

function endOf(text: string, from: number): number {
  const at = text.slice(from, from + CHARACTERS_MAX).indexOf(END_BEGINS)
  if (at >= 0) {
    END.lastIndex = from + at
    if (END.test(text)) return END.lastIndex
  }
  const rest = text.slice(from, from + CHARACTERS_MAX)
  REST.lastIndex = 0
  return from + (REST.exec(rest)?.[0].length ?? 0)
}
