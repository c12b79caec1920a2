import { choice, oneOf, type Draft } from './draft.ts'
import { payload } from './words.ts'

/** A text that runs something once bash reckons with it, in all its quotes. */
function index(draft: Draft): string {
  const what = payload(draft)
  const escaped = what.replaceAll(' ', '\\ ')
  return oneOf(draft, [
    `'a[$(${what})]'`,
    `"a[\\$(${what})]"`,
    `a[\\$\\(${escaped}\\)]`,
    `'a[\`${what}\`]'`,
    `$'a[\\x24(${what})]'`,
    `'a['"$"'(${what})]'`,
    `'1+a[$(${what})]'`,
    `'b[a[$(${what})]]'`,
    `'x=a[$(${what})]'`,
    `"a[\`echo \\$(${what})\`]"`,
  ])
}

const reckoned = (draft: Draft, name: string) =>
  oneOf(draft, [
    `(( ${name} ))`,
    `echo $(( ${name} + 1 ))`,
    `[[ ${name} -gt 0 ]]`,
    `let ${name}`,
    `echo "\${HOME:${name}}"`,
    `echo "\${b[${name}]}"`,
    `b[${name}]=x`,
    `declare -i y=${name}`,
    `for ((i = ${name}; i < 0; )); do :; done`,
    `echo $(( $${name} ))`,
    `[[ 0 -eq $${name} ]]`,
    `echo $[${name}]`,
    `(( x += ${name} ))`,
    `echo \${b:0:${name}}`,
    `: "\${!${name}}"`,
  ])

const variable = (draft: Draft) => oneOf(draft, ['x', 'y', 'value'])

/** Where bash reads a text for a second time, and runs what it finds in it. */
export const SECOND_READINGS = choice('a second reading', {
  'of an assignment': [
    3,
    (draft) => {
      const name = variable(draft)
      return `${name}=${index(draft)}; ${reckoned(draft, name)}`
    },
  ],
  'of what is read': (draft) => `read -r x <<< ${index(draft)}; ${reckoned(draft, 'x')}`,
  'of what is printed': (draft) => `printf -v x %s ${index(draft)}; ${reckoned(draft, 'x')}`,
  'of a word of a loop': (draft) => `for x in ${index(draft)}; do ${reckoned(draft, 'x')}; done`,
  'of a parameter': (draft) => `set -- ${index(draft)}; echo $(( $1 ))`,
  'of an argument': (draft) => `f() { (( $1 )); }; f ${index(draft)}`,
  'of an argument of a shell': (draft) => `bash -c '(( $1 ))' x ${index(draft)}`,
  'of a default': (draft) => `: \${x:=${index(draft)}}; ${reckoned(draft, 'x')}`,
  'of a default in a sum': (draft) => `echo $(( \${x:-${index(draft)}} ))`,
  'of a declaration': (draft) =>
    `${oneOf(draft, ['declare', 'typeset', 'export', 'readonly', 'declare -g'])} x=${index(draft)}; ${reckoned(draft, 'x')}`,
  'of an integer': (draft) =>
    `${oneOf(draft, ['declare -i', 'typeset -i', 'declare -ri', 'export -i', 'declare -ai'])} x=${index(draft)}`,
  'of an integer, later': (draft) =>
    `declare -i x\n${oneOf(draft, ['x=', 'x+=', 'read -r x <<< ', 'printf -v x %s ', 'x=1 x='])}${index(draft)}`,
  'of a name': (draft) =>
    `${oneOf(draft, ['read', 'read -r -a', 'printf -v', 'unset', 'unset -v', 'test -v', 'getopts x', 'mapfile', 'declare', 'declare -p', 'export', 'typeset', 'test -R', '[ -v', 'wait -n -p'])} ${index(draft)} x ]`,
  'of a test': (draft) => `[[ ${index(draft)} ${oneOf(draft, ['-eq', '-ne', '-lt', '-ge'])} 0 ]]`,
  'of the other side of a test': (draft) => `[[ 0 -eq ${index(draft)} ]]`,
  'of a name in a test': (draft) =>
    `[[ ${oneOf(draft, ['-v', '-R', '! -v', 'x == y || -v'])} ${index(draft)} ]]`,
  'of a reference': (draft) =>
    `declare -n r=${index(draft)}; ${oneOf(draft, ['echo "$r"', 'r=x', ': ${r:-x}', 'unset r', '(( r ))'])}`,
  'of a name of a name': (draft) =>
    `x=${index(draft)}; ${oneOf(draft, ['echo "${!x}"', ': ${!x}', 'echo ${!x:-y}', 'x=${!x}'])}`,
  'of an index in quotes': (draft) =>
    `${oneOf(draft, ['a[', 'echo ${a[', ': ${#a['])}'$(${payload(draft)})'`
      .replace(/^(a\[)(.*)$/, '$1$2]=x')
      .replace(/^((?:echo|:).*)$/, '$1]}'),
  'of an index of a map': (draft) => {
    const uses = [
      `m['$(${payload(draft)})']=x`,
      `k='$(${payload(draft)})'; (( m[$k]++ ))`,
      `k='$(${payload(draft)})'; unset "m[$k]"`,
      `k='$(${payload(draft)})'; [[ -v m[$k] ]]`,
      `k='$(${payload(draft)})'; test -v "m[$k]"`,
      `k='x$(${payload(draft)})'; let "m[$k]=1"`,
    ]
    return `declare -A m; ${oneOf(draft, uses)}`
  },
  'of an array': (draft) => `a=(${index(draft)}); echo $(( a ))`,
  'of an array of integers': (draft) => `declare -ai a=(${index(draft)})`,
  'as a prompt': (draft) =>
    `${oneOf(draft, ['x=', 'declare x=', 'read -r x <<< ', 'set -- ', 'x=y; x+=', 'export x='])}'$(${payload(draft)})'; echo "\${x@P}" "\${1@P}" "\${x[@]@P}"`,
  'as a prompt of a default': (draft) =>
    `: "\${x:='$(${payload(draft)})'}"; echo \${x@P}; x=\\$\\(evil\\); echo \${x@P}`,
  'as a trace': (draft) =>
    `${oneOf(draft, ['PS4', 'export PS4', 'declare PS4', 'readonly PS4'])}='$(${payload(draft)})'; ${oneOf(draft, ['set -x; good', 'set -o xtrace; good', 'bash -xc good', 'sh -x -c good', 'set -vx\ngood', 'bash -o xtrace -c :', 'SHELLOPTS=xtrace bash -c :'])}`,
  'as a trace, by what is around': (draft) =>
    `env ${oneOf(draft, ['', 'SHELLOPTS=xtrace '])}PS4='$(${payload(draft)})' bash -xc :`,
  'as what a shell reads first': (draft) =>
    `${oneOf(draft, ['export BASH_ENV', 'declare -x BASH_ENV', 'set -a; BASH_ENV', 'typeset -x BASH_ENV', 'BASH_ENV=x; export BASH_ENV; BASH_ENV'])}=${oneOf(draft, ['run.sh', './list.txt', `'$(${payload(draft)})'`])}; ${oneOf(draft, ['bash -c :', 'bash run.sh', 'env bash -c good', 'timeout 5 bash -c :', 'echo x | xargs bash -c :'])}`,
  'as what a wrapped shell reads first': (draft) =>
    `BASH_ENV=run.sh ${oneOf(draft, ['timeout 5 bash -c :', 'env bash -c :', 'nice bash -c :', 'xargs bash -c : < README.md', "sh -c 'bash -c :'", 'command bash -c :', "find README.md -exec bash -c : ';'"])}`,
  'as a prompt of a shell': (draft) =>
    `${oneOf(draft, ["PROMPT_COMMAND='", "PS1='$(", "PS0='$("])}${payload(draft)}${draft.below(2) === 0 ? ")'" : "'"} bash --norc -i ${oneOf(draft, ['<<< :', '', '-c :'])}`,
  'as the start of a shell': (draft) =>
    `bash ${oneOf(draft, ['--rcfile run.sh -i', '--init-file list.txt -i', '--rcfile <(echo evil) -i', '--rcfile=run.sh -i', '--rcfile run.sh -i -c :'])}`,
  'by an editor': (draft) =>
    `${oneOf(draft, ['FCEDIT', 'EDITOR', 'VISUAL'])}=${oneOf(draft, ['evil', 'bad'])} fc ${payload(draft)}`,
})

const to = (draft: Draft) =>
  oneOf(draft, ['bash', 'sh', 'bash -s', 'env sh', 'timeout 9 bash', 'nice sh', 'xargs -I{} sh -c {}'])

/** Ways on which the lines of a shell get to it. */
export const FEEDS = choice('a feed', {
  'into a group': (draft) => `echo '${payload(draft)}' | { ${to(draft)}; }`,
  'into a subshell': (draft) => `echo '${payload(draft)}' | ( ${to(draft)} )`,
  'into a condition': (draft) => `echo '${payload(draft)}' | if true; then ${to(draft)}; fi`,
  'into a loop': (draft) =>
    `echo '${payload(draft)}' | while read -r x; do ${oneOf(draft, ['$x', 'eval "$x"', '"$x"', 'sh -c "$x"', 'env $x', 'command $x', 'timeout 9 $x'])}; done`,
  'into a function': (draft) => `f() { ${to(draft)}; }; echo '${payload(draft)}' | f`,
  'into a process': (draft) => `echo '${payload(draft)}' > >(${to(draft)})`,
  'into a process, by tee': (draft) => `echo '${payload(draft)}' | tee >(${to(draft)})`,
  'through others': (draft) =>
    `echo '${payload(draft)}' | ${oneOf(draft, ['cat', 'tee out', 'sort', 'cat - | cat', 'env cat', "sed ''", "awk '{ print }'"])} | ${to(draft)}`,
  'into a coproc': (draft) =>
    `coproc ${oneOf(draft, ['bash', 'C { bash; }'])}; echo '${payload(draft)}' >&"\${COPROC[1]-\${C[1]}}"; exec {COPROC[1]}>&-; wait`,
  'from a here-document': (draft) => `${to(draft)} <<'E'\n${payload(draft)}\nE`,
  'from a here-document that is made': (draft) => `${to(draft)} <<E\n$(echo '${payload(draft)}')\nE`,
  'from a here-document in front': (draft) => `<<< '${payload(draft)}' ${to(draft)}`,
  'from a here-document of a group': (draft) => `{ read -r x; ${to(draft)}; } <<E\nx\n${payload(draft)}\nE`,
  'from a file': (draft) =>
    oneOf(draft, [
      'sh < list.txt',
      'bash 0< list.txt',
      '< list.txt sh',
      'exec < list.txt; sh',
      'cat list.txt | sh',
      'bash <(cat list.txt)',
      'sh -s x < list.txt',
      'exec 3< list.txt; bash <&3',
      'bash /dev/stdin < list.txt',
      '{ sh; } < list.txt',
      'while read -r x; do $x; done < list.txt',
      'mapfile -t a < list.txt; ${a[0]}',
      'read -r x < list.txt; $x',
      '$(< list.txt)',
      'eval "$(< list.txt)"',
      'eval "$(cat list.txt)"',
      '`cat list.txt`',
      'source <(cat list.txt)',
      'sh -c "$(cat list.txt)"',
      'for x in $(cat list.txt); do $x; done',
      'tee >(sh) < list.txt',
      '. list.txt',
      'bash -- list.txt',
      'sh -e list.txt x',
      'bash +x list.txt',
      'bash -O extglob list.txt',
      'sh ./src/../list.txt',
      'xargs -I{} sh -c {} < list.txt',
      'xargs -n1 env < list.txt',
      'env -S "$(cat list.txt)"',
    ]),
  'from a file by another program': (draft) =>
    oneOf(draft, [
      "awk '{ system($0) }' list.txt",
      "awk '{ $0 | getline }' list.txt",
      'awk \'{ print | "sh" }\' list.txt',
      'sed -n e list.txt',
      "sed 's/^//e' list.txt",
      "sed -E 's/(.*)/\\1/e' list.txt",
      "sed -n '1,2e' list.txt",
    ]),
  'by another program': (draft) =>
    oneOf(draft, [
      `awk 'BEGIN { print "${payload(draft)}" | "sh" }'`,
      `awk "BEGIN { system(\\"${payload(draft)}\\") }"`,
      `sed 's/.*/${payload(draft)}/e' README.md`,
      `sed -n '/x/e ${payload(draft)}' README.md`,
      `sed -n -e '1{e ${payload(draft)}' -e '}' README.md`,
      `sed --expression='1e ${payload(draft)}' README.md`,
      `sed 's/x/${payload(draft)}/;e' README.md`,
      `sed $'1e ${payload(draft)}' README.md`,
      `sed "1e ${payload(draft)}" README.md`,
    ]),
})
