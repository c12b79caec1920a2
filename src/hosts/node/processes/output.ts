import { StringDecoder } from 'node:string_decoder'

/** Beyond this nothing more is shown of a command while it runs. What is kept of it does not change. */
const SHOWN_BYTES_MAX = 1024 * 1024

/** What a command prints: shown as it comes, and kept as a beginning and an end. */
export interface Output {
  /** A way in for one stream. Characters that arrive in pieces are put together. */
  stream(): (chunk: Buffer) => void
  readonly bytes: number
  end(): { readonly text: string; readonly bytesDropped: number }
}

/** Keeps at most twice `keepBytes`, whatever comes. */
export function keptOutput(keepBytes: number, show: (text: string) => void): Output {
  let bytes = 0
  let shownBytes = 0
  let head = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  const decoders: StringDecoder[] = []

  const keep = (text: string) => {
    let piece = Buffer.from(text)
    bytes += piece.length
    if (head.length < keepBytes) {
      const taken = piece.subarray(0, keepBytes - head.length)
      head = Buffer.concat([head, taken])
      piece = piece.subarray(taken.length)
    }
    const joined = Buffer.concat([tail, piece])
    // Copied, so that the small end does not hold the large piece it was cut from.
    tail = Buffer.from(joined.subarray(Math.max(0, joined.length - keepBytes)))
  }
  const take = (text: string) => {
    if (text === '') return
    keep(text)
    if (shownBytes >= SHOWN_BYTES_MAX) return
    shownBytes += text.length
    show(shownBytes < SHOWN_BYTES_MAX ? text : `${text}\n… no more of the output is shown while it runs.\n`)
  }

  return {
    get bytes() {
      return bytes
    },
    stream() {
      const decoder = new StringDecoder('utf8')
      decoders.push(decoder)
      return (chunk) => take(decoder.write(chunk))
    },
    end() {
      for (const decoder of decoders.splice(0)) take(decoder.end())
      const bytesDropped = bytes - head.length - tail.length
      if (bytesDropped === 0) return { text: Buffer.concat([head, tail]).toString(), bytesDropped }
      const [first, last] = [untilWhole(head), fromWhole(tail)]
      const note = `\n… ${bytes - first.length - last.length} bytes dropped here …\n`
      return {
        text: first.toString() + note + last.toString(),
        bytesDropped: bytes - first.length - last.length,
      }
    },
  }
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/** Without a last character that was cut in two. */
function untilWhole(bytes: Buffer): Buffer {
  let start = bytes.length - 1
  while (start > 0 && isContinuation(bytes[start])) start -= 1
  const lead = bytes[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return start + length > bytes.length ? bytes.subarray(0, Math.max(0, start)) : bytes
}

function fromWhole(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length && isContinuation(bytes[start])) start += 1
  return bytes.subarray(start)
}
