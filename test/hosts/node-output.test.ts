import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keptOutput } from '../../src/hosts/node/processes/output.ts'

describe('kept output', () => {
  it('puts characters together that arrive in pieces, also between two streams', () => {
    const shown: string[] = []
    const output = keptOutput(100, (text) => shown.push(text))
    const [first, second] = [output.stream(), output.stream()]
    first(Buffer.from([0xe2]))
    second(Buffer.from('x'))
    first(Buffer.from([0x82, 0xac]))
    expect(output.end()).toEqual({ text: 'x€', bytesDropped: 0 })
    expect(shown).toEqual(['x', '€'])
  })

  it('keeps all of what is short, and of the rest both ends, never half a character', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n'), maxLength: 30 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.nat(40), (pieces, keepBytes) => {
        const output = keptOutput(keepBytes, () => {})
        const write = output.stream()
        for (const text of pieces) for (const byte of Buffer.from(text)) write(Buffer.from([byte]))
        const whole = pieces.join('')
        const { text, bytesDropped } = output.end()
        if (Buffer.byteLength(whole) <= 2 * keepBytes) expect(text).toBe(whole)
        if (bytesDropped === 0) {
          expect(text).toBe(whole)
          return
        }
        const [head = '', tail = ''] = text.split(/\n… \d+ bytes dropped here …\n/)
        expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true)
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail) + bytesDropped).toBe(
          Buffer.byteLength(whole),
        )
        expect(Math.max(Buffer.byteLength(head), Buffer.byteLength(tail))).toBeLessThanOrEqual(keepBytes)
      }),
    )
  })

  it('shows no more than a megabyte, and keeps the end all the same', () => {
    let shown = 0
    const output = keptOutput(10, (text) => {
      shown += text.length
    })
    const write = output.stream()
    for (let count = 0; count < 100; count += 1) write(Buffer.alloc(65_536, 'y'))
    write(Buffer.from('the end'))
    expect(shown).toBeLessThan(1_200_000)
    expect(output.end().text.endsWith('the end')).toBe(true)
  })
})
