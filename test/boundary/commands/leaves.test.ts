import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  INSIDE_CHARS_MAX,
  LINES_INSIDE_MAX,
  WRAPPERS_MAX,
  leavesOf,
} from '../../../src/boundary/commands/leaves/leaves.ts'
import { LINE_BYTES_MAX, readLine } from '../../../src/boundary/commands/shell.ts'
import { leavesInWords, rowsOf } from './leaves-in-words.ts'

/** Wrappers, and lines inside lines: what runs in the end, and whether a rule that allows may cover it. */
const WRAPPED = rowsOf(String.raw`
git status  =>  git status  (nothing wraps it)
/usr/bin/git status  =>  git status  (a directory of the system)
//usr/./bin//git status  =>  git status  (the same, said strangely)
/usr/bin/../../tmp/git status  =>  /usr/bin/../../tmp/git status  (it leads up)
/usr/bin/x/git status  =>  /usr/bin/x/git status  (nor is one further down)
./git -C x push  =>  ./git push @x  (a program of the workspace keeps its path)
g'i't "pu"sh  =>  git push  (quotes inside words)
\git push  =>  git push  (a backslash in front of the name)
r? -rf x  =>  <r?> -rf x ? !  (the name is a wildcard)
$X rm y  =>  <*> rm y ? !  (the name is a variable, which may be a wrapper)
SUDO rm x  =>  SUDO rm x // ~sudo:rm x  (where capitals make no difference it is sudo)
./env rm x  =>  ./env rm x // ~rm x  (a wrapper that may be any program)
/opt/bin/timeout 5 rm x  =>  /opt/bin/timeout 5 rm x // ~rm x  (the same by a path)
env FOO=bar git push  =>  ~env // git push !  (a variable behind env counts like one in front)
env CI=1 git push  =>  ~env // git push  (a harmless one)
env -i -u HOME git push  =>  ~env // git push  (options of env)
env -C web npm test  =>  ~env // npm test @web  (env goes somewhere else)
env --chdir=web npm test  =>  ~env // npm test @web  (the same by a long option)
env -C "$X" npm test  =>  ~env // npm test !  (nobody knows where)
env -S 'git push'  =>  ~env // ~env // git push !  (a text that env splits)
env -S'rm x'  =>  ~env // ~env // rm x !  (the same, glued)
env -iS 'rm x'  =>  ~env // ~env // rm x !  (behind another letter)
env --split-string='rm x'  =>  ~env // ~env // rm x !  (the same by a long option)
env --split-str='rm x'  =>  ~env // ~env // rm x !  (the same, abbreviated)
env -S 'a="b c" rm'  =>  ~env // env -S a="b c" rm ? !  (quotes that env reads by its own rules)
env -P /tmp git status  =>  ~env // /tmp git status ? !  (an option that is not known)
env PATH=/tmp env CI=1 ls  =>  ~env // ~env // ls ? !  (what the outer sets counts inside)
env "$X" rm y  =>  ~env // <*> rm y ? !  (a word that may be a variable, an option or the name)
env  =>  env  (alone it shows the variables)
env X=1  =>  env X=1  (nothing runs)
nice -n 5 timeout 10 git push  =>  ~nice // ~timeout // git push  (one inside the other)
nice -5 rm x  =>  ~nice // rm x  (the old way to say a number)
nice --adjustment=5 rm x  =>  ~nice // rm x  (a long option with its value)
timeout -s KILL -k 5 10s rm x  =>  ~timeout // rm x  (options with values, and a time)
timeout --foo=1 rm x  =>  ~timeout // rm x ? !  (an option that is not known)
timeout rm x  =>  ~timeout // rm x ? !  (no time, so that nobody knows)
nohup setsid -f stdbuf -oL ionice -c 3 rm x  =>  ~nohup // ~setsid // ~stdbuf // ~ionice // rm x  (five of them)
chrt 5 taskset -c 0 rm x  =>  ~chrt // ~taskset // rm x  (what comes before the command)
chrt -b rm x  =>  ~chrt // rm x ? !  (what may or may not)
unbuffer rm x  =>  ~unbuffer // rm x  (a terminal of its own)
strace -f -o out rm x  =>  ~strace // rm x !  (it writes what it saw)
strace -E LD_PRELOAD=x ls  =>  ~strace // ls !  (it sets a variable)
\time -o out rm x  =>  ~time // rm x !  (GNU time writes to a file)
time rm x  =>  rm x  (the word of the shell is none)
watch -n 1 'rm x; ls'  =>  ~watch // rm x // ls  (its words are a line)
watch -x rm x  =>  ~watch // rm x  (or are not)
script -qc 'rm x' /dev/null  =>  ~script // rm x  (letters in one word before the text)
script -q /dev/null rm x  =>  ~script // rm x  (the way of other systems)
script out  =>  ~script // script out ? !  (a shell, recorded)
flock lock rm x  =>  flock lock rm x // rm x  (a file in front of the command, which it makes)
flock lock -c 'rm x'  =>  flock lock -c rm x // rm x  (or a text)
command rm x  =>  ~command // rm x  (past functions and aliases)
command -p rm x  =>  ~command // rm x  (with another PATH)
command -v rm  =>  command -v rm  (it only looks up)
builtin eval 'rm x'  =>  ~builtin // ~eval // rm x  (a builtin by way of another)
exec rm x  =>  ~exec // rm x  (in place of the shell)
exec -a ls rm x  =>  ~exec // rm x !  (under another name)
exec  =>  exec !  (what is redirected stays so)
sudo rm x  =>  ~sudo // sudo:rm x  (other rights)
sudo -u bob -- rm x  =>  ~sudo // sudo:rm x  (an option with a value, and the end of options)
sudo PATH=/tmp rm x  =>  ~sudo // sudo:rm x ? !  (a variable behind it)
sudo -i  =>  ~sudo // sudo:sudo -i ? !  (a shell)
sudo -Z rm x  =>  ~sudo // sudo:rm x ? !  (an option that is not known)
sudo env nice rm x  =>  ~sudo // ~sudo:env // ~sudo:nice // sudo:rm x  (rights go through wrappers)
doas -u root rm x  =>  ~doas // doas:rm x  (its like)
pkexec rm x  =>  ~pkexec // pkexec:rm x  (its like)
su -c 'rm x' bob  =>  ~su // su:rm x  (a text, and a user)
su bob  =>  ~su // su:su bob ? !  (a shell)
runuser -u bob -- rm x  =>  ~runuser // runuser:rm x  (words)
runuser -l bob --command='rm x'  =>  ~runuser // runuser:rm x  (a text behind an equals sign)
chroot /new rm x  =>  ~chroot // chroot:rm x  (another root)
unshare -r rm x  =>  ~unshare // unshare:rm x  (other rights)
nsenter -t 1 -m rm x  =>  ~nsenter // nsenter:rm x  (another namespace)
xargs rm -rf  =>  ~xargs // rm -rf …  (words from the input)
xargs  =>  ~xargs // echo …  (alone it is echo)
xargs -0 -n 1 -P 4 rm  =>  ~xargs // rm …  (options with values)
xargs -I{} cp {} there  =>  ~xargs // cp <*> there …  (unknown text in place of a word)
xargs -I % sh -c 'rm %'  =>  ~xargs // ~sh … // sh -c <rm *> … ? !  (unknown text inside a text)
xargs -i mv {} there  =>  ~xargs // mv <*> there …  (the old way to say so)
xargs --replace=@ mv @ there  =>  ~xargs // mv <*> there …  (a long option)
xargs --foo rm  =>  ~xargs // rm … ? !  (an option that is not known)
xargs sh -c 'rm "$@"' _  =>  ~xargs // ~sh … // rm <*>  (words from the input behind a text)
xargs sh  =>  ~xargs // ~sh … // sh … ? !  (words from the input are the text)
xargs env  =>  ~xargs // ~env … // env … ? !  (or the name)
xargs timeout 5  =>  ~xargs // ~timeout … // timeout 5 … ? !  (the same behind a time)
xargs -I{} {} x  =>  ~xargs // <*> x … ? !  (the name is unknown text)
xargs git log  =>  ~xargs // git log … !  (words from the input may be options)
xargs git log --  =>  ~xargs // git log -- …  (or, here, not)
xargs sed s/a/b/  =>  ~xargs // sed s/a/b/ … ? !  (they may be a script)
find . -name '*.ts' -exec rm {} \;  =>  find . -name *.ts -exec rm {} ; // rm <*>  (find counts itself, and what it runs)
find . -exec rm {} + -execdir ls ';'  =>  find . -exec rm {} + -execdir ls ; // rm <*> // ls  (two of them)
find . -ok rm {} ';'  =>  find . -ok rm {} ; // rm <*>  (a question that nobody is there to answer)
find . -exec env rm -f {} \;  =>  find . -exec env rm -f {} ; // ~env rm -f <*> // rm -f <*>  (a wrapper inside (akeru-bot 133))
find . -exec sh -c 'rm {}' \;  =>  find . -exec sh -c rm {} ; // ~sh -c <rm *> // sh -c <rm *> ? !  (a name of a file inside a text)
find . -exec {} \;  =>  find . -exec {} ; // <*> ? !  (a name of a file is the name)
find . -name x -delete  =>  find . -name x -delete !  (it removes by itself)
find . -fprintf out %p  =>  find . -fprintf out %p !  (it writes by itself)
find . -"exec" rm {} \;  =>  find . -exec rm {} ; // rm <*>  (quotes inside the option)
fd . -x rm  =>  fd . -x rm ! // rm …  (what fd runs)
fd . -Hx rm  =>  fd . -Hx rm ! // fd . -Hx rm ? !  (letters in one word)
sh -c 'git push'  =>  ~sh // git push  (a text)
bash -lc 'git push'  =>  ~bash // git push  (letters in front of it)
bash -ec 'git status && rm x'  =>  ~bash // git status // rm x  (two commands)
bash -c -e 'git push'  =>  ~bash // git push  (an option behind it)
bash +x -o pipefail -c 'rm x'  =>  ~bash // rm x  (options with values)
bash -O extglob -c 'rm x'  =>  ~bash // rm x  (the other one)
bash -norc -c 'rm x'  =>  ~bash // rm x  (a long option with one dash)
bash --rcfile x -ic ls  =>  ~bash // bash --rcfile x -ic ls ? !  (a file that is run first)
bash -kc 'git PATH=x status'  =>  ~bash // git PATH=x status ? !  (variables behind the name)
bash -c "$X"  =>  ~bash // bash -c <*> ? !  (a text that nobody knows)
bash -"$X" ls  =>  ~bash // bash <-*> ls ? !  (an option that nobody knows)
bash -c "git $X"  =>  ~bash // bash -c <git *> ? !  (a text of which a part is not known)
bash -c 'git "$1"' _ push  =>  ~bash // git <*> ? !  (words behind the text)
bash -c 'if true; then rm x; fi'  =>  ~bash // true ! // rm x !  (more than simple commands)
bash -c 'ls $(rm x)'  =>  ~bash // ls <*> ! // rm x !  (a substitution inside a text)
bash -c 'ls > out'  =>  ~bash // ls !  (a redirection inside a text)
bash -c 'cd sub && rm x'  =>  ~bash // cd sub ! // rm x !  (where a text goes)
bash -c 'PATH=/tmp; ls'  =>  ~bash //  ? ! // ls  (a variable inside a text)
bash -c 'PATH=/tmp ls'  =>  ~bash // ls ? !  (the same in front of a command)
bash -c '('  =>  ~bash // bash -c ( ? !  (a text that is no line)
bash -c ''  =>  ~bash // bash -c  ? !  (no command in it)
bash  =>  ~bash // bash ? !  (lines from the input)
bash -s x  =>  ~bash // bash -s x ? !  (the same, said aloud)
bash /dev/stdin  =>  ~bash // bash /dev/stdin ? !  (the same as a file)
bash script.sh a  =>  bash script.sh a  (a file: code like any other)
bash -x script.sh  =>  bash -x script.sh  (with an option)
bash "$X"  =>  ~bash // bash <*> ? !  (a file that nobody knows)
sh -c "sh -c 'rm x'"  =>  ~sh // ~sh // rm x  (a text in a text)
zsh -c 'git push'  =>  ~zsh // git push  (another shell)
zsh -c 'ls *(e:rm:)'  =>  ~zsh // zsh -c ls *(e:rm:) ? !  (what only zsh runs)
zsh -c '=rm x'  =>  ~zsh // zsh -c =rm x ? !  (the same by a sign)
fish -c 'rm x'  =>  fish -c rm x // ~fish -c rm x ? !  (a shell that is not read)
busybox rm x  =>  ~busybox // rm x  (the name comes second)
busybox sh -c 'rm x'  =>  ~busybox // ~sh // rm x  (a shell in it)
toybox rm x  =>  ~toybox // rm x  (its like)
eval rm x  =>  ~eval // rm x  (words that are a line)
eval "rm x; ls"  =>  ~eval // rm x // ls  (a text)
eval "$(cat x)"  =>  ~eval // eval <*> ? ! // cat x  (a text that nobody knows)
eval "eval 'rm x'"  =>  ~eval // ~eval // rm x  (one in the other)
eval 'cd there'  =>  ~eval // cd there !  (it goes somewhere for all that follows)
command cd there  =>  ~command // cd there !  (the same behind a wrapper)
trap 'rm x' EXIT  =>  ~trap // rm x !  (it runs later)
trap "$X" EXIT  =>  ~trap // trap <*> EXIT ? !  (what runs later is not known)
trap - EXIT  =>  trap - EXIT !  (nothing runs)
source ./x  =>  source ./x !  (the lines of a file)
. /dev/stdin  =>  ~. // . /dev/stdin ? !  (those of the input)
npx rm x  =>  npx rm x // ~rm x  (what is inside matters to those that deny)
npx -y rimraf@5 x  =>  npx -y rimraf@5 x // ~rimraf x  (a version)
npx @scope/tool@1 x  =>  npx @scope/tool@1 x // ~@scope/tool x  (a scope)
npx -c 'rm x'  =>  npx -c rm x // ~rm x  (a text)
npx --foo rm x  =>  npx --foo rm x // ~rm x ? !  (an option that is not known)
npx sudo rm x  =>  npx sudo rm x // ~sudo rm x // ~sudo:rm x  (a wrapper inside)
npx cross-env PATH=/tmp rm x  =>  npx cross-env PATH=/tmp rm x // ~cross-env PATH=/tmp rm x // ~rm x ? !  (variables inside)
npm exec -- rm x  =>  npm exec -- rm x // ~rm x  (its long name)
npm x --package=y rm x  =>  npm x --package=y rm x // ~rm x  (and short)
npm exec --call='rm x'  =>  npm exec --call=rm x // ~rm x  (a text)
pnpm dlx rm x  =>  pnpm dlx rm x // ~rm x  (its like)
pnpm -C web exec rm x  =>  pnpm exec rm x @web // ~rm x  (behind an option)
yarn dlx rm x  =>  yarn dlx rm x // ~rm x  (its like)
bunx rm x  =>  bunx rm x // ~rm x  (its like)
uvx rm x  =>  uvx rm x // ~rm x  (its like)
uv run rm x  =>  uv run rm x // ~rm x  (its like)
pipx run rm x  =>  pipx run rm x // ~rm x  (its like)
poetry run rm x  =>  poetry run rm x // ~rm x  (its like)
bundle exec rm x  =>  bundle exec rm x // ~rm x  (its like)
ssh host rm x  =>  ssh host rm x // ~rm x  (it runs elsewhere)
ssh -p 22 host 'rm x; ls'  =>  ssh -p 22 host rm x; ls // ~rm x // ~ls  (a text for the shell there)
ssh host "$X"  =>  ssh host <*> ! // ~ssh host <*> ? !  (one that nobody knows)
ssh host  =>  ssh host  (nothing but a shell there)
parallel rm ::: x  =>  parallel rm ::: x // ~parallel rm ::: x ? !  (nobody knows what it runs)
tmux new 'rm x'  =>  tmux new rm x // ~tmux new rm x ? !  (its like)
`)

describe('wrappers are seen through', () => {
  it.each(WRAPPED)('%s', (line, leaves) => {
    expect(leavesInWords(line)).toBe(leaves)
  })
})

describe('what is wrapped too deep is hidden', () => {
  it('words behind words', () => {
    const within = 'env '.repeat(WRAPPERS_MAX)
    expect(leavesInWords(`${within}rm x`)).toMatch(/ \/\/ rm x$/)
    expect(leavesInWords(`${within}env rm x`)).toMatch(/ \? !$/)
    expect(leavesInWords(`${'env '.repeat(2_900)}rm x`)).toMatch(/ \? !$/)
  })

  it('more text than is read, and what is left for the next command of the line', () => {
    const [long, short] = [`'${'ls;'.repeat(INSIDE_CHARS_MAX / 3)}'`, "'rm x'"]
    expect(leavesInWords(`eval ${long}x`)).toMatch(/ \? !$/)
    expect(leavesInWords(`eval ${long} && eval ${short}`)).toMatch(/ \? !$/)
    expect(leavesInWords(`eval ${short} && eval ${short}`)).toMatch(/ \/\/ rm x$/)
  })

  it('lines inside lines', () => {
    const within = 'eval '.repeat(LINES_INSIDE_MAX)
    expect(leavesInWords(`${within}rm x`)).toMatch(/ \/\/ rm x$/)
    expect(leavesInWords(`${within}eval rm x`)).toMatch(/ \? !$/)
  })
})

/** What lines of this kind are made of; glued at random, most of them still parse. */
const PIECES = (
  "env|sudo|xargs|find|-exec|{}|\\;|+|sh|bash|-c|'rm x'|eval|git|-C|-c|npx|timeout|5|nice|-n|--|-|-S|-I{}|-x|$X|a=b" +
  "|'a b'|rm|*|npm|sed|'s/a/b/'|awk|'{print}'|ssh|su|-i|&&|;|#pipe|exec|-a|command|-v|trap|--foo=bar|tar|''|[|]"
)
  .split('|')
  .map((piece) => (piece === '#pipe' ? '|' : piece))

describe('for any line', () => {
  const lines = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), { maxLength: 24 })

  it('there is a leaf for each command, and what is hidden has a flaw', () => {
    fc.assert(
      fc.property(lines, (pieces) => {
        const parsed = readLine(pieces.join(' '))
        if (parsed.kind === 'unreadable') return
        for (const command of parsed.commands) {
          const leaves = leavesOf(command)
          expect(leaves.length).toBeGreaterThan(0)
          expect(leaves.filter(({ isHidden, flaw }) => isHidden && flaw === null)).toEqual([])
          // What only wraps never stands alone: a rule has something to cover.
          expect(leaves.some(({ isWrapper }) => !isWrapper)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

const LEAVES_MS_MAX = 50
/** More blanks or semicolons, and the line is not looked at. */
const PIECES_MAX = 960

describe('the longest lines cost little', () => {
  const fill = (piece: string, before = '', after = '') =>
    before +
    piece.repeat(
      Math.min(PIECES_MAX, Math.floor((LINE_BYTES_MAX - before.length - after.length) / piece.length)),
    ) +
    after
  it.each([
    ['options', fill('-a ', 'git log ')],
    ['wrappers', fill('env ')],
    ['lines inside lines', fill('eval ')],
    ['a text', fill('rm x;', "bash -c '", "'")],
    ['texts', "bash -c 'a;b;c;d;e;f;g;h;i;j;k;l;m;n;o' && ".repeat(200) + 'ls'],
    ['a text of words', fill('x ', "bash -c '", "'")],
    ['commands of find', fill('-exec a + ', 'find . ')],
    ['many commands of find', `find . ${"-exec a ';' ".repeat(950)}`],
    ['a script of sed', fill('p;', "sed '", "'")],
    ['a script that goes back', fill('/a', "sed '", "'")],
    ['one word', fill('a', 'env -')],
    ['assignments', fill('a=b ', 'env ').slice(0, 3_900)],
    ['slashes', fill('/', '/bin')],
    ['a program of awk', fill('p ', "awk 'printf ", "'")],
  ])('%s', (_, line) => {
    const parsed = readLine(line)
    if (parsed.kind === 'unreadable') throw new Error(parsed.why)
    const times = [1, 2, 3].map(() => {
      const start = performance.now()
      const budget = { charsLeft: INSIDE_CHARS_MAX }
      for (const command of parsed.commands) leavesOf(command, budget)
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(LEAVES_MS_MAX)
  })
})
