import { describe, expect, it } from 'vitest'
import { meet, parseLayer } from '../../src/boundary/layer.ts'
import { UsageError } from '../../src/errors.ts'

const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (UsageError.is(error)) return (error as UsageError).message
    throw error
  }
  return 'nothing was refused'
}

describe('parseLayer refuses the whole layer, by name', () => {
  it.each([
    [{ allowedTool: ['read_file'] }, 'S54: a key nobody knows', 'Did you mean "allowedTools"?'],
    [{ filePattern: ['src/**'], readOnly: true }, 'beside one that is known', 'Did you mean "filePatterns"?'],
    [{ colour: 1 }, 'a key like no other', 'Known: filePatterns'],
    [
      { filePatterns: ['(a+)+b'] },
      'S64: a pattern that is a regular expression',
      'filePatterns has a pattern that can\'t be used: "(a+)+b"',
    ],
    [{ writePatterns: ['src/**', '../x'] }, 'one that leads up', '"../x"'],
    [{ commandPatterns: ['npm test; rm'] }, 'one with a shell in it', 'commandPatterns has a pattern'],
    [{ filePatterns: Array(65).fill('a') }, 'too many', 'more than 64'],
    [{ filePatterns: 'src/**' }, 'no list', 'filePatterns is wrong'],
    [{ readOnly: 'yes' }, 'no truth value', 'readOnly is wrong'],
    [{ deniedTools: ['rm -rf'] }, 'no name of a tool', 'deniedTools.0'],
    [null, 'nothing', 'it is wrong'],
    [[], 'a list', 'it is wrong'],
    [JSON.parse('{"__proto__": {"readOnly": false}}'), 'a prototype', '__proto__'],
  ])('%j: %s', (value, _, words) => {
    const message = refusal(() => parseLayer(value, 'permissions'))
    expect(message).toMatch(/^permissions: /)
    expect(message).toContain(words)
  })

  it('names a tool that is not there, where the tools are known', () => {
    const tools = ['read_file', 'write_file']
    expect(refusal(() => parseLayer({ deniedTools: ['write_fil'] }, 'x', tools))).toContain(
      'Did you mean "write_file"?',
    )
    expect(parseLayer({ deniedTools: ['write_file'] }, 'x', tools)).toEqual({ deniedTools: ['write_file'] })
  })
})

describe('parseLayer keeps what was said', () => {
  it('S70: an empty list stays an empty list, and an absent key absent', () => {
    expect(parseLayer({ filePatterns: [], readOnly: false }, 'x')).toStrictEqual({
      filePatterns: [],
      readOnly: false,
    })
    expect(parseLayer({}, 'x')).toStrictEqual({})
  })

  it('nobody changes it afterwards', () => {
    const given = { filePatterns: ['src/**'] }
    const layer = parseLayer(given, 'x')
    given.filePatterns.push('**')
    expect(layer).toEqual({ filePatterns: ['src/**'] })
    expect(Object.isFrozen(layer) && Object.isFrozen(layer.filePatterns)).toBe(true)
  })
})

describe('meet', () => {
  it('S63: appends a layer and keeps every one before it, whole', () => {
    const parent = meet([], { filePatterns: ['src/**'] })
    const child = meet(parent, { filePatterns: ['**'], readOnly: true })
    expect(child).toEqual([{ filePatterns: ['src/**'] }, { filePatterns: ['**'], readOnly: true }])
    expect(parent).toHaveLength(1)
    expect(Object.isFrozen(child) && child.every((layer) => Object.isFrozen(layer))).toBe(true)
    expect(JSON.parse(JSON.stringify(child))).toEqual(child)
  })
})
