import { commands, read, theme, under, type Entry, type Row } from '../row.ts'

const files = (pattern: string, ...entries: readonly Entry[]) =>
  under({ boundary: [{ filePatterns: [pattern] }] }, entries)
const rule = (pattern: string, ...entries: readonly Entry[]) =>
  under({ policy: { allow: commands(pattern) } }, entries)
const deep = `src/${'a/'.repeat(400)}b.ts`

/** Globs and patterns of commands: what people write is taken, what could hurt is refused or fast. */
export const PATTERNS: readonly Row[] = theme(
  'globs',
  files('src/**', [read('src/lib/deep/c.ts'), 'allow', 'only reads', 'everyday: all below']),
  files('**/*.md', [read('docs/guide.md'), 'allow', 'only reads', 'everyday: all of a kind']),
  files(
    'src/*.{ts,tsx}',
    [read('src/a.tsx'), 'allow', 'only reads', 'S74: (src|lib)+ as a glob'],
    [read('src/lib/c.ts'), 'deny', 'filePatterns', 'one star stays in its part'],
  ),
  files('{src,lib}/**', [read('lib/x.ts'), 'allow', 'only reads', 'S74: a choice of directories']),
  files(
    'src/[a-c].ts',
    [read('src/b.ts'), 'allow', 'only reads', 'S74: a set'],
    [read('src/d.ts'), 'deny', 'filePatterns', 'not in the set'],
  ),
  files('src/[!a]*.ts', [read('src/a1.ts'), 'deny', 'filePatterns', 'all but a letter']),
  files('packages/*/src/**/index.ts', [
    read('packages/web/src/cart/index.ts'),
    'allow',
    'only reads',
    'everyday: of each package',
  ]),
  files('test/fixture-?.json', [
    read('test/fixture-1.json'),
    'allow',
    'only reads',
    'everyday: any one letter',
  ]),
  files('docs/**/a b/*', [read('docs/x/a b/y'), 'allow', 'only reads', 'everyday: a space']),
  files('src', [read('src/a.ts'), 'deny', 'filePatterns', 'a directory by itself is not what is below']),
  files('**', [read('.github/workflows/ci.yml'), 'allow', 'only reads', 'everyday: hidden ones, too']),
  files('*', [read('src/a.ts'), 'deny', 'filePatterns', 'only at the root']),
  files('SRC/**', [read('src/a.ts'), 'deny', 'filePatterns', 'a pattern has its case']),
  files('*a*a*a*a*b', [read(`${'a'.repeat(250)}`), 'deny', 'filePatterns', 'S73: a*a*a*a*b took 22 seconds']),
  files(`${'*a'.repeat(100)}b`, [read('a'.repeat(254)), 'deny', 'filePatterns', 'S73: with a hundred stars']),
  files(`${'*?'.repeat(100)}b`, [read('a'.repeat(253)), 'deny', 'filePatterns', 'S73: stars and marks']),
  files(`${'**/a/'.repeat(40)}b`, [
    read(deep),
    'deny',
    'filePatterns',
    'S73: picomatch took 3 seconds for eight of them',
  ]),
  files(`${'**/*/'.repeat(40)}x`, [read(deep), 'deny', 'filePatterns', 'S73: both kinds of stars']),
  files('{*,?,[a-z],**}/**', [read(deep), 'allow', 'only reads', 'S73: all at once']),
  files('[[:alpha:]]*', [read('src/a.ts'), 'refused', 'plain set', 'S73: picomatch hangs on nine of them']),
  files('+(*a)', [read('a'), 'refused', '( )', 'S73: picomatch hangs']),
  files('(a+)+b', [read('a'), 'refused', '( )', 'S73: a regular expression in a glob passes through']),
  files('((a+))+', [read('a'), 'refused', '( )', 'S73: 172 ms for 24 letters, and doubling']),
  files('(a{1,99}){1,99}', [read('a'), 'refused', '( )', 'S73: repeats of repeats']),
  files('!(a*)', [read('a'), 'refused', '( )', 'S73: not this']),
  files('!src/**', [read('a'), 'refused', 'begins with !', 'a list names what is allowed']),
  files('src/\\*.ts', [read('a'), 'refused', '( )', 'a backslash means nothing here']),
  files('/etc/**', [read('a'), 'refused', 'relative', 'outside']),
  files('C:/x/**', [read('a'), 'refused', 'relative', 'a drive']),
  files('~/x/**', [read('a'), 'refused', 'relative', 'a home directory']),
  files('../x/**', [read('a'), 'refused', '..', 'above']),
  files('src/./a', [read('a'), 'refused', '"."', 'a part that means nothing']),
  files('src//a', [read('a'), 'refused', 'empty part', 'a part that is none']),
  files('src/', [read('a'), 'refused', 'ends with /', 'what it means is said']),
  files('src/**x', [read('a'), 'refused', '**', 'two stars beside letters']),
  files('', [read('a'), 'refused', 'empty', 'nothing is no pattern']),
  files('a\nb', [read('a'), 'refused', 'control character', 'a new line']),
  files('{a,{b,c}}', [read('a'), 'refused', 'braces', 'braces in braces']),
  files('{a', [read('a'), 'refused', 'braces', 'braces that are open']),
  files('{a,b}'.repeat(8), [read('a'), 'refused', 'alternatives', 'S73: {*,*}, ten times, hangs picomatch']),
  files('src/[z-a].ts', [read('a'), 'refused', 'plain set', 'a range that is turned']),
  files('x'.repeat(300), [read('a'), 'refused', 'longer', 'S73: length was not capped']),
  under({ boundary: [{ filePatterns: Array.from({ length: 65 }, (_, i) => `f${i}`) }] }, [
    [read('a'), 'refused', 'more than 64', 'S73: nor was number'],
  ]),
  under({ boundary: [{ filePatterns: Array.from({ length: 64 }, (_, i) => `${i}${'*a'.repeat(60)}`) }] }, [
    [read(`${'a'.repeat(250)}`), 'deny', 'filePatterns', 'S73: as many as may be, each as hostile'],
  ]),
)

/** Patterns of commands, in rules. */
export const COMMAND_PATTERNS: readonly Row[] = theme(
  'patterns of commands',
  rule('git status', ['git status -sv', 'ask', 'default', 'no word more']),
  rule(
    'npm run *',
    ['npm run x', 'allow', 'npm run *', 'everyday: a last word of one star'],
    ['npm run', 'allow', 'npm run *', 'is any further words, none, too'],
    ['npm runx', 'ask', 'default', 'but no longer word'],
  ),
  rule('npm run build*', [
    'npm run build:web -- --fast',
    'allow',
    'npm run build*',
    'everyday: glued, then any words',
  ]),
  rule(
    'npm * build',
    ['npm run build', 'allow', 'npm * build', 'everyday: a star for a word'],
    ['npm run x build', 'ask', 'default', 'for one'],
  ),
  rule(
    '* --version',
    ['cargo --version', 'allow', '* --version', 'everyday: of any program'],
    ['cargo --version --x', 'ask', 'default', 'and nothing behind'],
  ),
  rule('make test-*-unit', [
    'make test-web-unit',
    'allow',
    'make test-*-unit',
    'everyday: a star inside a word',
  ]),
  rule('docker compose -f compose.dev.yml up:*', [
    'docker compose -f compose.dev.yml up -d',
    'allow',
    'docker compose',
    'everyday: many words',
  ]),
  rule(
    '*',
    ['npm test', 'allow', 'execute_command(*)', 'everyday: any command of its own'],
    ['npm test && cargo test', 'allow', 'execute_command(*)', 'each of them'],
    ['npm test $(x)', 'ask', 'default', 'but no substitution'],
    ['sudo npm test', 'ask', 'default', 'and no other rights'],
  ),
  rule(
    'sudo systemctl status:*',
    [
      'sudo systemctl status nginx',
      'allow',
      'sudo systemctl status:*',
      'everyday: rights that the rule names',
    ],
    ['systemctl status nginx', 'ask', 'default', 'which is not the same without'],
  ),
  rule(
    'npm test:*',
    ['npm testx', 'ask', 'default', 'no longer word'],
    ['npm  test   --x', 'allow', 'npm test:*', 'everyday: spaces'],
    ['NPM test', 'ask', 'default', 'in other letters another program'],
  ),
  rule(
    'git push',
    ['git push origin', 'ask', 'default', 'no word more'],
    ['git pushx', 'ask', 'default', 'no longer word'],
  ),
  rule(
    `echo ${'*a'.repeat(100)}b`,
    [`echo ${'a'.repeat(1_000)}`, 'allow', 'only reads', 'S73: and fast'],
    [`touch ${'a'.repeat(200)}`, 'ask', 'default', 'another program'],
  ),
  rule('npm test; rm *', ['npm test', 'refused', 'shell', 'S66: a pattern is words, not a line']),
  rule('npm test && *', ['npm test', 'refused', 'shell', 'S66: two commands']),
  rule('npm test | *', ['npm test', 'refused', 'shell', 'S66: a pipe']),
  rule('npm test > *', ['npm test', 'refused', 'shell', 'S66: a redirection']),
  rule('npm test.*$', ['npm test', 'refused', 'shell', 'S66: a regular expression']),
  rule('^npm test', ['npm test', 'ask', 'default', 'S61: an anchor is a letter']),
  rule('npm "test"', ['npm test', 'refused', 'shell', 'quotes']),
  rule('npm [a-z]*', ['npm test', 'refused', 'only * stands', 'a set']),
  rule('npm tes?', ['npm test', 'refused', 'only * stands', 'any one letter']),
  rule('$(x)', ['npm test', 'refused', 'shell', 'a substitution']),
  rule(' ', ['npm test', 'refused', 'nothing in its parentheses', 'nothing is no pattern']),
  rule('x'.repeat(300), ['npm test', 'refused', 'longer', 'S73: length was not capped']),
)
