import { describe, expect, it } from 'vitest'
import { codeRunBy } from '../../../src/boundary/commands/known/code-runners.ts'
import { filesOf } from '../../../src/boundary/commands/known/file-commands.ts'

const wordsOf = (line: string) => line.split(' ').map((word) => (word === "''" ? '' : word))

describe('known commands touch the files that they name', () => {
  it.each([
    ['mkdir src/new', '', 'src/new'],
    ['mkdir -p -m 755 a/b c', '', 'a/b c'],
    ['mkdir --mode=700 -- -x', '', '-x'],
    ['touch -c a b', '', 'a b'],
    ['touch -r a b', 'a', 'b'],
    ['touch --reference=a b', 'a', 'b'],
    ['touch -d 2026-01-01 b', '', 'b'],
    ['cp a.ts b.ts', 'a.ts', 'b.ts b.ts/a.ts'],
    ['cp -f src/a.ts lib/', 'src/a.ts', 'lib/a.ts'],
    ['cp a.ts .', 'a.ts', './a.ts'],
    ['cp a.ts x/..', 'a.ts', 'x/../a.ts'],
    ['cp src/a b lib', 'src/a b', 'lib/a lib/b'],
    ['cp -t lib src/a b', 'src/a b', 'lib/a lib/b'],
    ['cp -tlib a', 'a', 'lib/a'],
    ['cp --target-directory=lib a', 'a', 'lib/a'],
    ['cp -vT a b', 'a', 'b'],
    ['cp /dev/null a', '', 'a a/null'],
    ['mv a b', 'a', 'a b b/a'],
    ['mv -n a b/ c', 'a b/', 'a b/ c/a c/b'],
    ['rm a b', '', 'a b'],
    ['rm -fv -- -rf', '', '-rf'],
    ['rmdir a', '', 'a'],
    ['unlink a', '', 'a'],
    ['tee a b', '', 'a b'],
    ['tee -a a /dev/stderr', '', 'a'],
    ['truncate -s 0 a', '', 'a'],
    ['truncate --size=0 a', '', 'a'],
    ['sort -o b -u a', 'a', 'b'],
    ['sort -ob - a', 'a', 'b'],
    ['sort --output=b a', 'a', 'b'],
  ])('%s', (line, reads, writes) => {
    const files = filesOf(wordsOf(line))
    expect(files?.reads.join(' ')).toBe(reads)
    expect(files?.writes.join(' ')).toBe(writes)
  })

  it.each([
    ...[
      'cp -r a b',
      'cp -R a b',
      'cp -a a b',
      'cp -l a b',
      'cp -s a b',
      'cp -P a b',
      'cp -b a b',
      'cp -fr a b',
    ],
    ...[
      'cp --recursive a b',
      'cp --rec a b',
      'cp --parents a b',
      'cp --backup=all a b',
      'cp --no-clobber=x a b',
    ],
    ...[
      'cp a',
      'cp',
      'cp -t',
      'cp -t d',
      'cp -t d -t e a',
      'cp -T -t d a',
      'cp -T a b c',
      'cp a b -r',
      'cp a b -f',
    ],
    ...[
      "cp '' b",
      "cp a ''",
      "cp -t '' a",
      'cp .. b',
      'cp a/.. b',
      'cp / b',
      'cp . b',
      'cp a\\b c',
      'cp - b',
    ],
    ...['mv --exchange a b', 'mv -b a b', 'mv .. b', 'mv a', 'mv a -b'],
    ...[
      'rm -r a',
      'rm -rf a',
      'rm -R a',
      'rm --recursive a',
      'rm -d a',
      'rm',
      "rm ''",
      'rm a -r',
      'rm --no-preserve-root a',
    ],
    ...[
      'rmdir -p a/b',
      'rmdir --parents a',
      'unlink a b',
      'unlink',
      'unlink -- a b',
      'mkdir',
      'mkdir -Z a',
      'mkdir -m',
    ],
    ...[
      'touch',
      'touch -t',
      'touch --time=x a',
      "touch -r '' a",
      'tee',
      'tee -',
      'tee -p a',
      'truncate a',
      'truncate -r b a',
    ],
    ...[
      'sort a',
      'sort -o',
      'sort -o - a',
      'sort -T /tmp -o b a',
      'sort --compress-program=x -o b a',
      'sort -o b +1',
    ],
    ...[
      'sort -o b --files0-from=x',
      'sort a -o b',
      'ln a b',
      'ln -s a b',
      'chmod 644 a',
      'chown me a',
      'install a b',
    ],
    ...[
      'dd if=a of=b',
      'curl -o a x',
      'wget x',
      'toString',
      'constructor',
      'CP a b',
      '/bin/cp a b',
      './rm a',
      '',
    ],
  ])('anything else is not known: %s', (line) => {
    expect(filesOf(wordsOf(line))).toBeNull()
  })

  it('says which names go themselves, so that a link among them is not taken for what it leads to', () => {
    expect(
      ['rm a', 'mv a b', 'cp a b', 'rmdir d', 'tee a'].map((line) => filesOf(wordsOf(line))?.named),
    ).toEqual([['a'], ['a', 'b', 'b/a'], [], ['d'], []])
  })
})

const SCRIPTS = /scripts of package\.json/
const ITSELF = /the command itself says/
const FILES = /the files it is given/
const PACKAGES = /when they are installed/
const FETCHED = /perhaps fetched/
const BUILD = /build files/
const TESTS = /tests and their settings/
const SETTINGS = /settings and plugins/
const HOOKS = /hooks and filters/
const SHELL = /lines of a shell/
const IMAGE = /the image/
const BY_PATH = /by its path/

describe('code that runs code is told', () => {
  it.each<readonly [RegExp, string]>([
    [
      SCRIPTS,
      'npm test|npm t|npm run build|npm --prefix web run lint|pnpm run test|yarn start|bun run x|yarn lint|npm start',
    ],
    [
      PACKAGES,
      'npm install|npm ci|npm i left-pad|pnpm add x|yarn|npm rebuild|pip install x|pip3 install -e .|poetry run x|uv sync',
    ],
    [PACKAGES, 'bundle exec rake|composer install|gem install x'],
    [FETCHED, 'npx vitest|bunx x|uvx ruff|pipx run x|npm exec x|pnpm dlx x|npm create vite'],
    [
      ITSELF,
      'node -e 1|node --eval=1|node -p 1|python3 -c x|perl -ne x|perl -pe x|ruby -e x|php -r x -e y|bash -c ls|sh -ec ls|deno eval 1|bash -lc ls',
    ],
    [
      FILES,
      'node a.js|deno run a.ts|tsx a.ts|python a.py|python3.12 -m http.server|perl a.pl|ruby a.rb|php a.php|lua a.lua|java -jar a.jar',
    ],
    [FILES, 'R --no-save|Rscript a.R|awk -f a.awk|NODE.EXE a.js'],
    [
      BUILD,
      'go run .|go test ./...|go generate|go build|cargo run|cargo test|cargo +nightly build|cargo bench|make|make -C sub all',
    ],
    [BUILD, 'cmake .|ninja|mvn test|gradle build|rake x|just x'],
    [TESTS, 'pytest -q|tox|nox|jest|vitest run|mocha|playwright test|rspec'],
    [
      SETTINGS,
      'eslint .|webpack|vite build|next dev|terraform apply|ansible-playbook x.yml|prettier --check .|turbo run x',
    ],
    [SHELL, 'bash a.sh|sh a.sh|zsh|source a.sh|. a.sh|eval x'],
    [IMAGE, 'docker run x|docker build .|docker compose up|podman run x|docker-compose up'],
    [
      HOOKS,
      'git commit -m x|git merge x|git checkout x|git -C sub push|git rebase main|git add .|pre-commit run|husky',
    ],
    [
      BY_PATH,
      './a|node_modules/.bin/jest|../x|/opt/x/bin/y|./gradlew build|a\\b|/tmp/usr/bin/git|src/run.sh',
    ],
  ])('%s', (why, lines) => {
    for (const line of lines.split('|')) expect(codeRunBy(wordsOf(line)), line).toMatch(why)
  })

  it.each([
    ...[
      'ls',
      'cat a',
      'git status',
      'git log',
      'git diff',
      'tsc --noEmit',
      'npm ls',
      'npm view x',
      'npm --version',
    ],
    ...[
      'node --version',
      'python3 -V',
      'cargo --version',
      'cargo fmt',
      'go env',
      'go version',
      'docker ps',
      'docker images',
    ],
    ...[
      'terraform fmt',
      'pip list',
      'mkdir a',
      'rm a',
      'rg x',
      '/usr/bin/ls',
      '/bin/cat a',
      'yarn why x',
      'curl x',
      '',
    ],
  ])('and no other: %s', (line) => {
    expect(codeRunBy(wordsOf(line))).toBeNull()
  })
})
