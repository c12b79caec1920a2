import { choice, isOneIn, oneOf, type Draft } from './draft.ts'

const BENIGN = ['good', 'alsogood', 'other', 'git', 'npm', 'cat', 'echo']
const DENIED = ['evil', 'bad']

/** Commands that no rule denies, written as people do. */
const BENIGN_COMMANDS = [
  'good',
  'good x',
  'alsogood sub',
  'alsogood sub x',
  'good build --fast',
  'git status',
  'npm test',
  'echo x',
  'other',
]
const DENIED_COMMANDS = ['evil', 'evil x', 'bad push', 'bad push now', 'git push', 'evil -v --all', 'Evil']

/** A plain command without quotes, to be put inside of something else. */
export function payload(draft: Draft): string {
  return oneOf(draft, draft.isBenign || isOneIn(draft, 5) ? BENIGN_COMMANDS : DENIED_COMMANDS)
}

/** One plain word that is the name of a program. */
export function programName(draft: Draft): string {
  return oneOf(draft, draft.isBenign || isOneIn(draft, 3) ? BENIGN : DENIED)
}

const split = (name: string) => [name.slice(0, 1), name.slice(1)] as const
const hex = (letter: string) => (letter.codePointAt(0) ?? 0).toString(16)
const octal = (letter: string) => (letter.codePointAt(0) ?? 0).toString(8)

/** The ways to say a name that bash takes for the same. */
export const SPELLINGS = choice('a name spelled', {
  'as it is': [40, programName],
  'with quotes inside': (draft) => cut(draft, (head, tail) => `${head}'${tail}'`),
  'with double quotes inside': (draft) => cut(draft, (head, tail) => `"${head}"${tail}`),
  'behind a backslash': (draft) => `\\${programName(draft)}`,
  'with a backslash inside': (draft) => cut(draft, (head, tail) => `${head}\\${tail}`),
  'over two lines': (draft) => cut(draft, (head, tail) => `${head}\\\n${tail}`),
  'with empty quotes': (draft) => cut(draft, (head, tail) => `${head}''${tail}`),
  'in hex': (draft) => cut(draft, (head, tail) => `$'\\x${hex(head)}${tail}'`),
  'in octal': (draft) => cut(draft, (head, tail) => `$'\\${octal(head)}'${tail}`),
  'in unicode': (draft) => cut(draft, (head, tail) => `$'\\u00${hex(head)}'"${tail}"`),
  'for translation': (draft) => `$"${programName(draft)}"`,
  'with an empty variable': (draft) => cut(draft, (head, tail) => `${head}${'${nothing}'}${tail}`),
  'with no parameters': (draft) => cut(draft, (head, tail) => `${head}$@${tail}`),
  'as a default': (draft) => `\${nothing:-${programName(draft)}}`,
  'as an assigned default': (draft) => `\${nothing:=${programName(draft)}}`,
  'with braces': (draft) => `{${programName(draft)},x}`,
  'with braces of letters': (draft) => cut(draft, (head, tail) => `{${head},}${tail}`),
  'with a set': (draft) => cut(draft, (head, tail) => `[${head}]${tail}`),
  'with a question mark': (draft) => cut(draft, (_, tail) => `?${tail}`),
  'with a star': (draft) => cut(draft, (head) => `${head}*`),
  printed: (draft) => `$(echo ${programName(draft)})`,
  'printed in backticks': (draft) => `\`printf %s ${programName(draft)}\``,
  'in a variable': (draft) => `n=${programName(draft)}; $n`,
  'in capitals, lowered': (draft) => `n=${programName(draft).toUpperCase()}; \${n,,}`,
  'with letters taken out': (draft) => cut(draft, (head, tail) => `n=${head}zz${tail}; \${n//z/}`),
  'in a variable of a variable': (draft) => `n=${programName(draft)}; m=n; \${!m}`,
  'by a name reference': (draft) => `n=${programName(draft)}; declare -n m=n; $m`,
  'in an array': (draft) => `n=(${programName(draft)} x); "\${n[@]}"`,
  'as parameters': (draft) => `set -- ${programName(draft)} x; "$@"`,
  read: (draft) => `read -r n <<< ${programName(draft)}; $n`,
  'as what was said last': (draft) => `: ${programName(draft)}; $_`,
  'by printf': (draft) => `printf -v n %s ${programName(draft)}; $n`,
  'as home': (draft) => `HOME=${draft.bin}/${programName(draft)}; ~`,
  'as the directory before': (draft) => `OLDPWD=${draft.bin}/${programName(draft)}; ~-`,
  'by its path': (draft) => `${draft.bin}/${programName(draft)}`,
  'by its path, roundabout': (draft) => `${draft.bin}/.././bin//${programName(draft)}`,
  'in the workspace': [5, (draft) => `./${programName(draft)}`],
  'in a directory of the workspace': [3, (draft) => `tools/${programName(draft)}`],
  'from the directory': (draft) => `~+/${programName(draft)}`,
  'in another case': (draft) => cut(draft, (head, tail) => head.toUpperCase() + tail),
  'with a separator of fields': (draft) => `${programName(draft)}\${IFS}x`,
  'with what looks the same': (draft) => programName(draft).replace('e', 'е').replace('o', 'ο'),
  'with a no-break space': (draft) => `${programName(draft)}\u00a0x`,
  'with a carriage return': (draft) => `${programName(draft)}\r`,
  'as part of the line': (draft) =>
    `${programName(draft)} x; \${BASH_EXECUTION_STRING:0:${oneOf(draft, ['4', '5', '3'])}}`,
})

function cut(draft: Draft, join: (head: string, tail: string) => string): string {
  return join(...split(programName(draft)))
}

/** One argument. */
export const ARGUMENTS = choice('an argument', {
  plain: [8, 'x'],
  'of these programs': [10, (draft) => oneOf(draft, ['sub', 'push', 'status', 'test', 'run', 'build'])],
  option: [3, (draft) => oneOf(draft, ['-v', '--all', '--', '-', '-C', '-n', '--name=x', '-c'])],
  file: [4, (draft) => oneOf(draft, ['README.md', 'src/a.ts', './list.txt', 'docs/', 'run.sh', '.'])],
  'the name of a program': [2, programName],
  'in double quotes': (draft) => `"two ${programName(draft)}"`,
  'in single quotes': (draft) => `'$(${payload(draft)}) ; "'`,
  escaped: (draft) => `\\;\\ ${programName(draft)}`,
  'a variable': (draft) =>
    oneOf(draft, ['$x', '"$x"', '${x}', '$HOME', '$?', '$!', '$$', '"$@"', '$*', '${#x}']),
  'a wildcard': (draft) => oneOf(draft, ['*', '*.md', 's?c', '[a-z]*', '~', '~+', '**/*']),
  braces: (draft) => oneOf(draft, ['{a,b}', '{1..3}', '{evil,x}', '{}', '{a,{b,c}}', '\\{a,b}']),
  'a reserved word': (draft) =>
    oneOf(draft, ['if', 'then', 'fi', 'do', 'done', 'in', '{', '}', '!', 'time', '[[', ']]', 'case', 'esac']),
  'the sign of a comment': (draft) =>
    oneOf(draft, ['x#y', `# ${payload(draft)}`, `#${payload(draft)}\n`, '\\#', '$#']),
  'an assignment': (draft) => oneOf(draft, ['a=b', 'PATH=.', 'a+=b', 'a[0]=b', '=', '==', 'a=~']),
  'unusual characters': (draft) =>
    oneOf(draft, [
      'é',
      '\u00a0',
      '\u2028',
      '\ufeff',
      '\u200b',
      '文字',
      '\u0007',
      '\u001b[0m',
      '🙂',
      '\r',
      '\t',
      '\v',
    ]),
  'a very long word': (draft) => 'x'.repeat(1 << (4 + draft.below(8))),
  'a substitution': [3, (draft) => `$(${draft.inner()})`],
  'a substitution in quotes': [2, (draft) => `"a $(${draft.inner()}) b"`],
})

/** A name and some arguments. */
export function simple(draft: Draft): string {
  if (draft.below(2) === 0) return payload(draft)
  const words = [SPELLINGS.draw(draft)]
  for (let left = draft.below(4); left > 0; left -= 1) words.push(ARGUMENTS.draw(draft))
  return words.join(oneOf(draft, [' ', ' ', ' ', '  ', '\t', ' \\\n']))
}

const target = (draft: Draft) =>
  oneOf(draft, ['out', 'src/out', '/dev/null', '"o u t"', `out\${x}`, '&1', 'README.md'])

/** Where a command reads from or writes to. */
export const REDIRECTIONS = choice('a redirection', {
  'to nowhere': [4, '>/dev/null'],
  'to the other stream': [3, '2>&1'],
  out: (draft) => `> ${target(draft)}`,
  'out, appended': (draft) => `>>${target(draft)}`,
  'out, whatever is set': (draft) => `>|${target(draft)}`,
  'all out': (draft) => `&>${target(draft)}`,
  'all out, appended': (draft) => `&>>${target(draft)}`,
  'all out, the old way': (draft) => `>&${target(draft)}`,
  in: '< list.txt',
  'in and out': (draft) => `<>${target(draft)}`,
  'from a text': (draft) => `<<< "${payload(draft)}"`,
  'from a text that is made': (draft) => `<<< $(${draft.inner()})`,
  'to a stream of its own': (draft) => `3>${target(draft)}`,
  'to a stream with a name': (draft) => `{fd}>${target(draft)}`,
  'to a stream with a name that is reckoned': (draft) => `{fd[$(${draft.inner()})]}>/dev/null`,
  closed: (draft) => oneOf(draft, ['2>&-', '<&-', '3<&-', '>&-']),
  copied: (draft) => oneOf(draft, ['3>&1', '<&0', '2>&1-', '1<&0']),
  'to what a substitution says': (draft) => `>"$(${draft.inner()})"`,
  'to a program': (draft) => `> >(${draft.inner()})`,
  'from a program': (draft) => `< <(${draft.inner()})`,
})

/** What stands in front of a command. */
export const ASSIGNMENTS = choice('an assignment in front', {
  plain: [3, 'a=b'],
  empty: 'a=',
  'of the path': (draft) =>
    oneOf(draft, ['PATH=.', 'PATH=', 'PATH=tools', `PATH=$PWD:$PATH`, 'PATH+=:tools']),
  'of a substitution': (draft) => `a=$(${draft.inner()})`,
  'of a substitution in quotes': (draft) => `a="x$(${draft.inner()})"`,
  'of a substitution in backticks': (draft) => `a=\`${payload(draft)}\``,
  'of an array': (draft) => `a=(x $(${draft.inner()}) [3]=y)`,
  'to an element that is reckoned': (draft) => `a[$(${draft.inner()})]=x`,
  appended: (draft) => `a+=$(${draft.inner()})`,
  'of what a shell reads first': (draft) => `BASH_ENV='$(${payload(draft)})'`,
  'of what separates fields': 'IFS=x',
})
