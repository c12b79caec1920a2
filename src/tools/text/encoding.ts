import { RuntimeError } from '../../errors.ts'

/** How the bytes of a text file are to be read. */
export type Encoding = 'utf8' | 'utf8-bom' | 'utf16le' | 'utf16be' | 'latin1'

export interface DecodedText {
  readonly text: string
  readonly encoding: Encoding
}

const UNITS_AT_ONCE = 8192

/** Reads bytes as text, so that writing the text gives the same bytes again; `null` when they are no text. */
export function decode(bytes: Uint8Array): DecodedText | null {
  const decoded = decodeAny(bytes)
  return decoded.text.includes('\0') ? null : decoded
}

function decodeAny(bytes: Uint8Array): DecodedText {
  const isEven = bytes.length % 2 === 0
  if (isEven && bytes[0] === 0xff && bytes[1] === 0xfe)
    return { text: utf16(bytes.subarray(2), 0), encoding: 'utf16le' }
  if (isEven && bytes[0] === 0xfe && bytes[1] === 0xff)
    return { text: utf16(bytes.subarray(2), 1), encoding: 'utf16be' }

  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\ufeff')
      ? { text: text.slice(1), encoding: 'utf8-bom' }
      : { text, encoding: 'utf8' }
  } catch {
    // Every byte is a character in Latin-1, so that whatever isn't UTF-8 survives an edit unharmed.
    return { text: joined(bytes.length, (index) => bytes[index] ?? 0), encoding: 'latin1' }
  }
}

/** Not by `TextDecoder`, which would mend half a character and so change the file. */
function utf16(bytes: Uint8Array, high: 0 | 1): string {
  return joined(bytes.length / 2, (index) => {
    const [first, second] = [bytes[index * 2] ?? 0, bytes[index * 2 + 1] ?? 0]
    return high === 1 ? first * 256 + second : second * 256 + first
  })
}

function joined(length: number, unitAt: (index: number) => number): string {
  const pieces: string[] = []
  for (let from = 0; from < length; from += UNITS_AT_ONCE) {
    const units = Array.from({ length: Math.min(UNITS_AT_ONCE, length - from) }, (_, index) =>
      unitAt(from + index),
    )
    pieces.push(String.fromCharCode(...units))
  }
  return pieces.join('')
}

/** Writes text the way it was read. Throws `tool/bad-input` for a character that the encoding lacks. */
export function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding === 'utf8') return new TextEncoder().encode(text)
  if (encoding === 'utf8-bom') return new TextEncoder().encode(`\ufeff${text}`)
  if (encoding === 'latin1') return latin1(text)
  const bytes = new Uint8Array(2 + text.length * 2)
  const view = new DataView(bytes.buffer)
  const isLittle = encoding === 'utf16le'
  view.setUint16(0, 0xfeff, isLittle)
  for (let index = 0; index < text.length; index += 1)
    view.setUint16(2 + index * 2, text.charCodeAt(index), isLittle)
  return bytes
}

/** The same, or `null` for a text that the encoding has not all characters for. */
export function encoded(text: string, encoding: Encoding): Uint8Array | null {
  try {
    return encode(text, encoding)
  } catch (error) {
    if (RuntimeError.is(error)) return null
    throw error
  }
}

function latin1(text: string): Uint8Array {
  const foreign = /[^\0-\xff]/u.exec(text)
  if (foreign) {
    const message = `The file is in Latin-1, which has no "${foreign[0]}". Write it anew with write_file, or do without.`
    throw new RuntimeError('tool/bad-input', message)
  }
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}

/** The line ending that most lines of a text have. */
export function lineEndingOf(text: string): '\n' | '\r\n' {
  const all = text.split('\n').length - 1
  return (text.split('\r\n').length - 1) * 2 > all ? '\r\n' : '\n'
}

/** A path or a line as one line: a control character in a file's name must not look like the next line. */
export function onOneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f\u2028\u2029]/g, (character) => JSON.stringify(character).slice(1, -1))
}
