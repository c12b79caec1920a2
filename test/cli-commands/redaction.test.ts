/** What `troupe export` leaves out: secrets in every form they come in, and nothing else. */
import { readFile } from 'node:fs/promises'
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dotEnvOf } from '../../src/hosts/redaction/dot-env.ts'
import { createRedactor } from '../../src/hosts/redaction/redactor.ts'
import { workspaceOf } from '../cli/binary.ts'

/** Put together here, so that nobody takes them for real ones. */
const key = (...parts: readonly string[]) => parts.join('')
const letters = (count: number) => 'aB3dE5gH7jK9mN1pQ2sT4vW6xY8zA0cD'.repeat(4).slice(0, count)

const KEYS: readonly (readonly [string, string])[] = [
  ['OpenAI', key('sk-', 'proj-', letters(40))],
  ['Anthropic', key('sk-', 'ant-api03-', letters(60))],
  ['GitHub', key('ghp', '_', letters(36))],
  ['GitHub, fine-grained', key('github', '_pat_', letters(60))],
  ['GitLab', key('glpat', '-', letters(20))],
  ['AWS', key('AKIA', 'ABCDEFGH12345678')],
  ['Slack', key('xoxb', '-123456789012-', letters(24))],
  ['npm', key('npm', '_', letters(36))],
  ['Google', key('AIza', letters(35))],
  ['Stripe', key('sk', '_live_', letters(24))],
  ['Hugging Face', key('hf', '_', letters(34))],
  ['SendGrid', key('SG', '.', letters(22), '.', letters(43))],
  ['JWT', ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', letters(43)].join('.')],
]
const PRIVATE_KEY = [
  key('-----BEGIN ', 'RSA PRIVATE KEY-----'),
  'Proc-Type: 4,ENCRYPTED',
  ...Array.from({ length: 6 }, () => letters(64)),
  key('-----END ', 'RSA PRIVATE KEY-----'),
].join('\n')

const plain = createRedactor({})
const json = (text: string) => JSON.stringify(text)

describe('keys of known forms', () => {
  it.each(KEYS)('%s: gone in text, in JSON, in JSON in JSON, and in base64', (_, secret) => {
    const around = `before\n${secret} after`
    const forms = [
      around,
      json(around),
      json(json(around)),
      Buffer.from(around).toString('base64'),
      `x/${Buffer.from(`{"auth":"${Buffer.from(`me:${secret}`).toString('base64')}"}`).toString('base64')}`,
      Buffer.from(`${'long '.repeat(30)}${around}`)
        .toString('base64')
        .replace(/.{76}/g, '$&\n'),
    ]
    for (const form of forms) {
      const told = plain.text(form)
      expect(told, form).not.toContain(secret.slice(0, 16))
      expect(told, form).toContain('[redacted')
    }
    expect(plain.text(around)).toBe('before\n[redacted] after')
    expect(JSON.parse(plain.text(json(around))), 'still JSON').toBe('before\n[redacted] after')
  })

  it('private keys: in lines, in JSON, in base64, and where the end was cut off', () => {
    for (const form of [PRIVATE_KEY, json(PRIVATE_KEY), json(json(PRIVATE_KEY)), PRIVATE_KEY.slice(0, 200)]) {
      const told = plain.text(`before ${form} after`)
      expect(told).not.toContain(letters(16))
      expect(told.startsWith('before ')).toBe(true)
    }
    expect(plain.text(`before ${PRIVATE_KEY} after`)).toBe('before [redacted private key] after')
    expect(plain.text(Buffer.from(PRIVATE_KEY).toString('base64'))).toBe('[redacted base64]')
  })
})

describe('what is named like a secret', () => {
  it.each([
    ['DB_PASSWORD=hunter2', 'DB_PASSWORD=[redacted]'],
    ['export API_KEY="abc def ghi"\nNAME=me', 'export API_KEY=[redacted]\nNAME=me'],
    ['AWS_SECRET_ACCESS_KEY=abc123/def npm test', 'AWS_SECRET_ACCESS_KEY=[redacted] npm test'],
    [json('A=1\nAPI_TOKEN=abc123def\n'), json('A=1\nAPI_TOKEN=[redacted]\n')],
    ['{"password": "correct horse"}', '{"password": "correct horse"}'],
    ['{"password": "correcthorse"}', '{"password": "[redacted]"}'],
    [json('{"apiKey": "abcdefgh"}'), json('{"apiKey": "[redacted]"}')],
    [String.raw`{"password": "it's-a\"quote"}`, '{"password": "[redacted]"}'],
    ['token: "abc123def456"', 'token: "[redacted]"'],
    ['-H "x-api-key: abcdefgh"', '-H "x-api-key: [redacted]"'],
    ['Set-Cookie: session=abcdefghi; Path=/', 'Set-Cookie: session=[redacted]; Path=/'],
    ['db:\n  password: s3cretwords\n', 'db:\n  password: [redacted]\n'],
    ['postgres://me:s3cret@db/x', 'postgres://me:[redacted]@db/x'],
    ['-H "Authorization: Bearer abc.def-1234567890"', '-H "Authorization: Bearer [redacted]"'],
    ['authorization: Basic bWU6c2VjcmV0', 'authorization: Basic [redacted]'],
    ['login --password hunter2 --user me', 'login --password [redacted] --user me'],
  ])('%j', (given, told) => {
    expect(plain.text(given)).toBe(told)
  })
})

describe('the values of the environment', () => {
  const secret = 'corr"ect\\horse/é'
  const redactor = createRedactor({
    environment: [
      { MY_API_KEY: secret, HOME: '/home/me-myself', DB_PASS: 'postgres', SHORT_TOKEN: 'abc' },
      { DATABASE_URL: 'postgres://me:fourwords@db/x' },
    ],
    values: ['said-by-the-host'],
  })

  it('are gone wherever they stand, in whatever form, and the name says what was there', () => {
    const told = redactor.text(`a ${secret} b`)
    expect(told).toBe('a [redacted MY_API_KEY] b')
    for (const form of [json(secret), json(json(secret)), encodeURIComponent(secret)])
      expect(redactor.text(form)).toMatch(/^[\\"]*\[redacted MY_API_KEY\][\\"]*$/)
    for (const shift of ['', 'x', 'xy', 'xyz'])
      expect(redactor.text(Buffer.from(`${shift}${secret}`).toString('base64'))).toBe('[redacted base64]')
    expect(redactor.text('the fourwords of it')).toBe('the [redacted DATABASE_URL] of it')
    expect(redactor.text('said-by-the-host')).toBe('[redacted]')
  })

  it('what is no secret stays: other variables, words that many use, what is too short', () => {
    const text = '/home/me-myself runs postgres, abc'
    expect(redactor.text(text)).toBe(text)
  })

  it('a value in data, also where it is the name of a field', () => {
    const given = { fact: { output: [secret, 1, null, true], [secret]: { deep: `x${secret}` } } }
    expect(redactor.value(given)).toEqual({
      fact: {
        output: ['[redacted MY_API_KEY]', 1, null, true],
        '[redacted MY_API_KEY]': { deep: 'x[redacted MY_API_KEY]' },
      },
    })
  })

  it('those of .env files count too; links and what is no secret do not', async () => {
    const path = await workspaceOf({
      '.env': 'PORT=8080\nexport SECRET_KEY="in quotes" # a remark\n',
      '.env.local': "TOKEN='another one'\n",
      'app.env': 'APP_PASSWORD=third-value # a remark\n',
      'notes.txt': 'PASSWORD=not-read-here\n',
    })
    const { text } = createRedactor({ environment: await dotEnvOf(path) })
    expect(text('in quotes, another one, third-value, not-read-here, 8080')).toBe(
      '[redacted SECRET_KEY], [redacted TOKEN], [redacted APP_PASSWORD], not-read-here, 8080',
    )
  })
})

describe('ordinary text stays as it is', () => {
  it.each([
    ['hashes', createHash('sha256').update('x').digest('hex')],
    ['an integrity', `"integrity": "sha512-${createHash('sha512').update('x').digest('base64')}"`],
    ['an id', '123e4567-e89b-12d3-a456-426614174000 t_01jd0000k8aB3dE5gH7jK9mN1'],
    ['names with dashes', 'task-force-of-the-whole-department sk-loading-indicator-large disk-usage'],
    ['types', 'interface User { readonly password: string; token: Token<string>; secret?: SecretValue }'],
    ['references', 'const key = process.env.API_KEY; const token = await readToken(input)'],
    ['shell references', 'API_KEY=$OTHER_KEY npm test && MAX_TOKENS=4096 TOKEN=${TOKEN:-none}'],
    ['counts', '{"usage":{"inputTokens":1234567,"outputTokens":3},"tokens": 12345678}'],
    ['prose', 'Bearer of bad news. Basic internationalization. The password: it is asked for every time.'],
    ['an address', 'https://user@example.com/path?key=value#x and git@github.com:me/it.git'],
    [
      'code that looks for keys',
      String.raw`if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return '-----BEGIN x'`,
    ],
    ['a picture', `data:image/png;base64,${randomBytes(300).toString('base64')}`],
  ])('%s', (_, text) => {
    expect(plain.text(text)).toBe(text)
  })

  it('every source file of the command line but for what must look like a secret', async () => {
    for (const path of ['commands/run.ts', 'terminal/frame.ts', 'safe-text.ts', 'arguments.ts', 'main.ts']) {
      const text = await readFile(new URL(`../../src/cli/${path}`, import.meta.url), 'utf8')
      expect(plain.text(text), path).toBe(text)
      expect(plain.text(json(text)), path).toBe(json(text))
    }
  })
})

describe('time', () => {
  const PIECES = [
    'a',
    'eyJaaaaaaaaaa-',
    'eyJaaaaaaaaaa.',
    'sk-',
    'xoxb-',
    '-----BEGIN RSA PRIVATE KEY-----\n',
    '-----END ',
    'password: ',
    'password="',
    'A_KEY=',
    'A_KEY="',
    'http://a:',
    'a://a:a',
    'authorization: ',
    'bearer ',
    'cookie: a=',
    'password="a\\a',
    'password\\": \\"',
    '--token=',
    `${'A'.repeat(76)}\n`,
    '\\n',
    'AAAA/',
  ]

  it.each(PIECES)('grows with the text and no faster: %j', (piece) => {
    const redactor = createRedactor({
      environment: [{ A_KEY: 'some-secret-value', B_TOKEN: 'another-secret' }],
    })
    // Time of the processor, which does not grow because the machine is busy with something else.
    const took = (length: number) => {
      const text = piece.repeat(Math.ceil(length / piece.length))
      const began = process.cpuUsage()
      redactor.text(text)
      return process.cpuUsage(began).user / 1_000
    }
    took(20_000)
    // Eight times the text would take 64 times as long if it grew with the square.
    const short = Math.min(took(50_000), took(50_000), took(50_000))
    const long = Math.min(took(400_000), took(400_000))
    expect(long).toBeLessThan(Math.max(100, short * 8 * 4))
  })
})
