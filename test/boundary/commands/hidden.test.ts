import { describe, expect, it } from 'vitest'
import { judge, run } from '../workspace.ts'

const deny = { mode: 'bypassPermissions', policy: { deny: ['execute_command(evil:*)'] } } as const
const verdictOf = (line: string) => judge(run(line), deny).verdict

describe('a text that bash works out again is hidden from no deny rule', () => {
  it.each([
    "printf -v 'a[$(evil)]' x",
    "builtin printf '-va[$(evil)]' x",
    "read 'a[$(evil)]' <<< x",
    "test -v 'a[$(evil)]'",
    "[ -v 'a[`evil`]' ]",
    "let 'a[$(evil)]=1'",
    "[[ 'a[$(evil)]' -eq 0 ]]",
    "[[ -v 'a[$(evil)]' ]]",
    "declare -i x='a[$(evil)]'",
    "declare -i x; x='a[$(evil)]'",
    "declare -a 'a[$(evil)]=x'",
    "declare -a 'a=($(evil))'",
    "export 'a[$(evil)]=x'",
    "readonly 'b[$(evil)]=x'",
    'declare -n r=\'a[$(evil)]\'; echo "$r"',
    "a=(x); unset 'a[$(evil)]'",
    "true & wait -p 'a[$(evil)]' -n",
    "mapfile 'a[$(evil)]' < src/a.ts",
    "mapfile -C 'evil' -c 1 x < src/a.ts",
    'readarray -C evil -c1 < README.md',
    "getopts x 'a[$(evil)]' -x",
    "x='a[$(evil)]'; echo $(( x + 1 ))",
    "x='a[$(evil)]'; (( x ))",
    'x=\'a[$(evil)]\'; echo "${HOME:x}"',
    'x=\'a[$(evil)]\'; echo "${b[x]}"',
    'x=\'a[$(evil)]\'; echo "${!x}"',
    "x='a[$(evil)]'; [[ x -lt 1 ]]",
    "x='a[$(evil)]'; b[x]=1",
    "x='a[$(evil)]'; for ((i = x; i < 1; i++)); do :; done",
    "x='a[$(evil)]'; let x+1",
    'x=\'a[$(evil)]\'; read "$x" <<< y',
    'x=\'a[$(evil)]\'; test -v "$x"',
    "x='a[$'; y='(evil)]'; z=$x$y; echo $((z))",
    'x=a[\\$\\(evil\\)]; (( x ))',
    'f() { (( $1 )); }; f a[\\$\\(evil\\)]',
    'read -r x <<< a[\\$\\(evil\\)]; (( x ))',
    'declare -g x=a[\\$\\(evil\\)]; [[ x -gt 0 ]]',
    'for x in a[\\$\\(evil\\)]; do declare -i y=x; done',
    'x=a[\\$\\(evil\\)]; echo ${!x:-y}',
    'a=(a[\\$\\(evil\\)]); echo $(( a ))',
    "cat <<E\n${x:-'$(evil)'}\nE",
    'x=$(base64 -d <<< YVskKGV2aWwpXQ==); echo $((x))',
    "x='a[$(evil)]' bash -c '(( x ))'",
    "bash -c '(( $1 ))' _ 'a[$(evil)]'",
    "bash -c 'x='\\''a[$(evil)]'\\''; (( x ))'",
    'x=\'$(evil)\'; echo "${x@P}"',
    'x=\'\\044(evil)\'; echo "${x@P}"',
    'x=(\'$(evil)\'); : "${x[@]@P}"',
    "echo $(printf -v 'a[$(evil)]' x)",
  ])('%s', (line) => expect(verdictOf(line)).not.toBe('allow'))
})

describe('what is run by way of a variable, a stream or a table is hidden from no deny rule', () => {
  it.each([
    ". /dev/stdin <<< 'evil'",
    "source /dev/fd/3 3<<< 'evil'",
    "sh /dev/../dev/stdin <<< 'evil'",
    "cd / && . dev/stdin <<< 'evil'",
    'source <(echo evil)',
    'bash <(echo evil)',
    "env BASH_ENV=list.txt bash -c 'git status'",
    'export BASH_ENV=run.sh; bash -c npm',
    "BASH_ENV='$(evil)' bash -c :",
    "ENV='$(evil)' sh -i -c :",
    "env 'BASH_FUNC_good%%=() { evil; }' bash -c good",
    "GIT_SSH_COMMAND='evil x' git fetch",
    'env GIT_SSH=evil git fetch',
    'export GIT_EXTERNAL_DIFF=evil; git diff src/a.ts',
    'GIT_PAGER=evil git log',
    'LD_PRELOAD=./x.so npm test',
    'PATH=tools:$PATH npm test',
    'export PATH=tools; npm test',
    'read -r BASH_ENV <<< run.sh; export BASH_ENV; sh -c npm',
    'printf -v BASH_ENV %s run.sh',
    "PS4='$(evil)'; set -x; good",
    "PS4='$(evil)' bash -xc :",
    "compgen -C 'evil x' x",
    "compgen -W '$(evil)'",
    "complete -C 'evil' good",
    'hash -p /abs/bin/evil good; good',
    'BASH_CMDS[good]=/abs/bin/evil; good',
    'BASH_ALIASES[zz]=evil\nzz',
    "shopt -s expand_aliases\nalias zz='evil x'\nzz",
    "alias good='good;'\ngood evil",
    'jobs -x evil',
    `perl -e 'exec "evil"'`,
    "perl -MPOSIX -e 'print qx{evil x}'",
    `python3 -c 'import os; os.system("evil")'`,
    `node -e 'require("child_process").execSync("evil")'`,
  ])('%s', (line) => expect(verdictOf(line)).not.toBe('allow'))
})

describe('everyday lines stay out of the reach of a rule about something else', () => {
  it.each([
    'echo $((1 + 2))',
    'i=0; echo $((i + 1))',
    'n=$(ls src | wc -l); echo $((n + 1))',
    'for i in $(seq 1 3); do echo $((i * 2)); done',
    'for f in lib/*; do n=$((n + 1)); done',
    '[[ -f README.md ]] && echo yes',
    '[[ $n -gt 3 ]] && echo yes',
    'x=5; if [ "$x" -gt 3 ]; then echo "$x"; fi',
    'echo "${x:0:3}"; echo "${arr[0]}" "${arr[@]}"',
    'while IFS= read -r line; do echo "$line"; done < README.md',
    'declare -a found=(); found+=(x)',
    "export MSG='hello world'; npm test",
    'FOO=1 npm test',
    "git commit -m 'say $(what) it is'",
    'GIT_PAGER=cat git log',
    'GIT_EDITOR=true git rebase --continue',
    "PS4='+ '; set -x; npm test",
    'printf "%s\\n" "$x"',
    'printf -v out %s x',
    'unset x',
    'test -v HOME',
    'set -euo pipefail',
    'hash -r',
    '. ./run.sh',
    'node src/exec.js',
    `python3 -c 'import json, sys; print(json.load(sys.stdin))'`,
    `node -e 'console.log(1)'`,
    'sh run.sh',
  ])('%s', (line) => expect(verdictOf(line)).toBe('allow'))
})

describe('options that are taken off a command may be spelled in a rule', () => {
  const under = (line: string, allow: string) =>
    judge(run(line), { policy: { allow: [`execute_command(${allow})`] } }).verdict
  it.each([
    ['pnpm -r test', 'pnpm -r test'],
    ['npm -s test', 'npm -s test'],
    ['npm -s test', 'npm test'],
    ['git --no-pager push', 'git --no-pager push'],
  ])('%s under %s', (line, allow) => expect(under(line, allow)).toBe('allow'))
  it.each([
    ['pnpm test', 'pnpm -r test'],
    ['git -p log', 'git:*'],
    ['git --paginate log', 'git --paginate log'],
    ['git -c core.pager=x log', 'git -c core.pager=x log'],
    ['npm --prefix /tmp/x test', 'npm --prefix /tmp/x test'],
    ['npm t', 'npm test'],
  ])('%s is not covered by %s', (line, allow) => expect(under(line, allow)).toBe('ask'))

  it('still finds what it says behind the options that a rule spells', () => {
    const denied = (line: string, rule: string) =>
      judge(run(line), { mode: 'bypassPermissions', policy: { deny: [`execute_command(${rule})`] } }).verdict
    expect(denied('git -p push', 'git push:*')).toBe('deny')
    expect(denied('git --no-pager push', 'git --no-pager push')).toBe('deny')
    expect(denied('npm i left-pad', 'npm install:*')).toBe('deny')
    expect(denied('npm install left-pad', 'npm add')).toBe('deny')
    expect(denied('npm -s run-script deploy', 'npm run deploy')).toBe('deny')
    expect(denied('git-push origin', 'git push:*')).toBe('deny')
    expect(denied('npm test', 'npm install:*')).toBe('allow')
  })
})

describe('a variable that names the stage is as harmless as NODE_ENV', () => {
  it.each(['MIX_ENV=test', 'RAILS_ENV=production', 'RACK_ENV=test', 'APP_ENV=dev', 'FLASK_ENV=x'])(
    '%s',
    (variable) => {
      const policy = { allow: ['execute_command(mix test:*)'] }
      expect(judge(run(`${variable} mix test`), { policy }).verdict).toBe('allow')
      expect(judge(run(`${variable}/../x mix test`), { policy }).verdict).toBe('ask')
    },
  )
})
