import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isState, protectionOf } from '../../../src/boundary/files/control-files.ts'
import { spellingsOf } from '../../../src/boundary/files/paths.ts'
import { suspicionOf } from '../../../src/boundary/files/suspicions.ts'
import { COST_MS_MAX, costMs } from '../workspace.ts'

describe('a path is suspected for what it is as text', () => {
  it.each<readonly [path: string, why: RegExp]>([
    ['a\0b', /control character/],
    ['src/a\nb.ts', /control character/],
    ['a\rb', /control character/],
    ['\u001b[2Ka', /control character/],
    ['a\u0085b', /control character/],
    ['a\u009bb', /control character/],
    ['a\u007f', /control character/],
    ['a\tb', /control character/],
    ['a\u2028b', /control character/],
    ['a\u202etxt.exe', /direction/],
    ['a\u2066b', /direction/],
    ['\u200fa', /direction/],
    ['a\u061cb', /direction/],
    ['a\ud800', /half a character/],
    ['\udc00b', /half a character/],
    ['\\\\server\\share\\a', /another machine/],
    ['\\\\?\\C:\\a', /device/],
    ['\\\\.\\PhysicalDrive0', /device/],
    ['\\??\\C:\\a', /device/],
    ['//?/C:/a', /device/],
    ['C:\\Users\\a', /drive/],
    ['c:x', /drive/],
    ['C:/x', /drive/],
    ['.git::$INDEX_ALLOCATION/config', /attribute/],
    ['a.txt::$DATA', /attribute/],
    ['dir:$i30:$INDEX_ALLOCATION', /attribute/],
  ])('denied: %j', (path, why) => {
    expect(suspicionOf(path)).toMatchObject({ verdict: 'deny', why: expect.stringMatching(why) })
  })

  it.each<readonly [path: string, why: RegExp]>([
    ['src/a.txt:stream', /second stream/],
    ['nul', /device on Windows/],
    ['src/CON.txt', /device on Windows/],
    ['Com1', /device on Windows/],
    ['a/lpt9 .log/b', /device on Windows/],
    ['CONIN$', /device on Windows/],
    ['a\uf03ab', /reserved/],
    ['a／b', /like a slash/],
    ['a∕b', /like a slash/],
    ['src/a\u200bb.ts', /nobody sees/],
    ['\ufeffa.ts', /nobody sees/],
    ['a\u00adb.ts', /nobody sees/],
    ['a\u{e0041}b', /nobody sees/],
    ['.g\u200cit/x', /nobody sees/],
    ['a\u3164', /nobody sees/],
    ['a\u034fb', /nobody sees/],
    ['README\ufe0f.md', /nobody sees/],
    ['．．/etc', /looks like \./],
    ['a/‥/b', /looks like \./],
    ['․․/x', /looks like \./],
    ['．/x', /looks like \./],
    ['ｐackage.json', /look like plain ones/],
    ['．ｅｎｖ', /look like plain ones/],
    ['𝐬𝐫𝐜/a.ts', /look like plain ones/],
    ['рackage.json', /mixes letters/],
    ['src/аpp.ts', /mixes letters/],
    ['тeст.md', /mixes letters/],
    ['Αdmin.ts', /mixes letters/],
    ['hօme.ts', /mixes letters/],
    ['.ԁοсκеr', /./],
    ['.ѕѕһ/config', /looks like \.ssh/],
    ['.ɡit/config', /looks like \.git/],
    ['GIT~1/config', /short name/],
    ['TROUPE~1/agents', /short name/],
    ['env~1.loc', /short name/],
    ['a\\GI7EBA~1', /short name/],
  ])('asked for: %j', (path, why) => {
    expect(suspicionOf(path)).toMatchObject({ verdict: 'ask', why: expect.stringMatching(why) })
  })

  it.each([
    ...[
      'src/a.ts',
      'README.md',
      '.github/workflows/ci.yml',
      'a b/c d.txt',
      "it's.md",
      'say "hi".md',
      'a+b.ts',
    ],
    ...[
      'app/[id]/page.tsx',
      'app/(group)/layout.tsx',
      '@types/node',
      '#notes',
      '$lib/a.ts',
      'c++/x.cpp',
      'a~',
      '~backup',
    ],
    ...[
      'src/a.test.ts~',
      'x.~1~',
      'PROGRA~1',
      'a~1.txt',
      '.',
      '..',
      '../x',
      '/etc/hosts',
      './a//b',
      'a,b;c',
      '100%.md',
    ],
    ...[
      '10:30.log',
      'App::cpanminus.3pm',
      'console.ts',
      'auxiliary.c',
      'com10.txt',
      'null.ts',
      'connection/x',
    ],
    ...[
      'größe.md',
      'cafe\u0301.txt',
      'Straße.ts',
      'ısı.md',
      'İstanbul.md',
      'naïve.ts',
      'łódź.txt',
      'việt.md',
      'ångström.ts',
    ],
    ...[
      'отчёт.docx',
      'Договор_v2.pdf',
      'README_по-русски.md',
      'отчёт-final.docx',
      'тестAPI.ts',
      'сор.txt',
      'їжак.md',
    ],
    ...[
      'ελληνικά.md',
      'α-beta.md',
      'Δt.ts',
      'µs.rs',
      'μm.md',
      'π.ts',
      'λx.hs',
      'σ_max.py',
      'x².md',
      'ﬁle.txt',
    ],
    ...[
      '日本語.md',
      'テストtest.ts',
      '資料（最終）.docx',
      'Ａ社.md',
      '見積：2026.xlsx',
      '葛\u{e0100}城.txt',
      '中文 文件.md',
    ],
    ...[
      '한국어.md',
      'ไทย.txt',
      'עברית.md',
      'العربية.md',
      'می\u200cخواهم.md',
      'हिन्दी.md',
      'क्\u200dष.md',
      'தமிழ்.md',
    ],
    ...[
      '🎉.md',
      '❤️.md',
      '👨‍👩‍👧.png',
      '1️⃣.md',
      '🏴󠁧󠁢󠁥󠁮󠁧󠁿.svg',
      '👍🏽.md',
      'Nintendo™.png',
      '½.md',
      '①.md',
      '…and more.md',
      '№1.md',
    ],
    ...['Հայերեն.md', 'ქართული.md', 'a–b.md', 'a\u00a0b.md', 'Ⅳ.md', '℃.md'],
  ])('an ordinary name of a real project is not: %j', (path) => {
    expect(suspicionOf(path)).toBeNull()
  })

  it('whatever a path holds, it is judged, and within the time', () => {
    const letters = fc.constantFrom(...'a.~/\\: $1éаρ\u200b\u200d❤️\ufe0f👨．ｅ\u0301\ud800\u202eक')
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 60 }), (path) => {
        expect(['deny', 'ask', undefined]).toContain(suspicionOf(path)?.verdict)
        expect(spellingsOf(path).every((spelling) => typeof spelling === 'string')).toBe(true)
      }),
      { numRuns: 2_000 },
    )
    for (const length of [250, 1_000, 65_000])
      for (const unit of [
        'a',
        '.',
        ' ',
        '/',
        '\u200d',
        '❤️',
        '\u0301',
        'क\u200d',
        'аb',
        'a~1/',
        '1:',
        'c.',
        'é/',
        '．',
        'a\u0301',
      ]) {
        const path = `${unit.repeat(Math.floor(length / unit.length))}é`
        expect(
          costMs(() => suspicionOf(path)),
          `${JSON.stringify(unit)} suspicionOf`,
        ).toBeLessThan(COST_MS_MAX)
        expect(
          costMs(() => isState(path)),
          `${JSON.stringify(unit)} isState`,
        ).toBeLessThan(COST_MS_MAX)
      }
  })
})

describe('what is protected is protected by every spelling that a file system may know it by', () => {
  it.each([
    ...[
      '.GIT/hooks/x',
      '.git /config',
      '.git./config',
      '.git. . /config',
      '.g\u200cit/config',
      '.ｇｉｔ/config',
    ],
    ...[
      '.git::$INDEX_ALLOCATION/config',
      '.git :x/config',
      '.GiT:x/config',
      'GIT~1/config',
      'sub/git~2/hooks/x',
    ],
    ...[
      'GI7EBA~1/config',
      '.ENV',
      '.env.local',
      'src/.Env',
      'ENV~1',
      'ENV~1.LOC',
      'c:.env',
      'C:\\shop\\.env',
    ],
    ...[
      '.ſsh/config',
      '.ßh/config',
      '.\u212aube/config',
      '.gıt/config',
      '.gİt/config',
      '.TROUPE/State',
      'TROUPE~1/x',
    ],
    ...[
      'PACKAG~1.JSO',
      'web/packag~3.jso',
      'GITHUB~1/workflows/x.yml',
      'NPMRC~1',
      'ID_RSA~1',
      'SERVIC~1.JSO',
      'X~1.COD',
    ],
    ...['AGENTS~1.MD', 'VSCODE~1/tasks.json', '.env\u00a0', '.env\u3000', 'BASHRC~1', 'SERVER~1.PEM'],
  ])('%j', (path) => {
    expect(protectionOf(path)).not.toBeNull()
  })

  it.each([
    '.TROUPE/State',
    'TROUPE~1/state/x',
    'a/troupe~1/STATE',
    '.troupe./state /x',
    '.troupe:x/state',
    '.trou\u200bpe/state',
  ])('L13: the state of Troupe is, too: %j', (path) => {
    expect(isState(path)).toBe(true)
  })

  it.each(['GITTY~1/x', 'PROGRA~1', 'a~1.ts', 'git~', 'README~1.MD', 'ENV~1234', 'straße/x', 'STAT~1'])(
    'no other name is: %j',
    (path) => {
      expect(protectionOf(path)).toBeNull()
      expect(isState(path)).toBe(false)
    },
  )
})
