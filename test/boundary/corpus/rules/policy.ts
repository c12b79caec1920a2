import type { GivenRule, Mode } from '../../../../src/protocol/boundary.ts'
import {
  commands,
  edit,
  inner,
  list,
  other,
  patch,
  read,
  search,
  theme,
  under,
  write,
  type Row,
} from '../row.ts'

const rules = (given: {
  mode?: Mode
  allow?: readonly GivenRule[]
  ask?: readonly GivenRule[]
  deny?: readonly GivenRule[]
}) => ({
  policy: given,
})

/** Allow, ask and deny, and how far each reaches. */
export const POLICY: readonly Row[] = theme(
  'policy',
  under(rules({ allow: ['write_file'], ask: ['write_file(docs/**)'], deny: ['write_file(src/lib/**)'] }), [
    [write('src/a.ts'), 'allow', 'write_file', 'everyday: a tool, with exceptions'],
    [write('docs/guide.md'), 'ask', 'write_file(docs/**)', 'ask outweighs allow'],
    [write('src/lib/c.ts'), 'deny', 'write_file(src/lib/**)', 'deny outweighs both'],
    [edit('src/lib/c.ts'), 'deny', 'write_file(src/lib/**)', 'S72b: a sibling is no way round'],
    [patch('src/a.ts', 'src/lib/c.ts'), 'deny', 'write_file(src/lib/**)', 'S68: the second of two'],
    ['echo x > src/lib/c.ts', 'deny', 'write_file(src/lib/**)', 'S72b: nor is a redirection'],
    ['cp src/a.ts src/lib/c.ts', 'deny', 'write_file(src/lib/**)', 'S72b: nor is a copy'],
    ['rm src/lib/c.ts', 'deny', 'write_file(src/lib/**)', 'S72b: nor is removing it'],
    ['cat src/lib/c.ts', 'allow', 'only reads', 'reading is something else'],
    [read('src/lib/c.ts'), 'allow', 'only reads', 'also by a tool'],
    [
      write('src/up/src/lib/c.ts'),
      'deny',
      'write_file(src/lib/**)',
      'Claude Code CVE-2025-59829: a link is no way round',
    ],
  ]),
  under(rules({ mode: 'acceptEdits', deny: ['edit_file'] }), [
    [write('src/a.ts'), 'deny', 'edit_file', 'S72b: denied by what it does'],
    ['touch src/new.ts', 'deny', 'edit_file', 'S72b: a command that writes'],
    ['npm test', 'ask', 'edit_file', 'S72b: a command that may write'],
  ]),
  under(rules({ mode: 'bypassPermissions', deny: ['read_file(src/keys/**)'], ask: ['search_files'] }), [
    [read('src/keys/x.txt'), 'deny', 'read_file(src/keys/**)', 'everyday: a folder that is not looked into'],
    ['cat src/keys/x.txt', 'deny', 'read_file(src/keys/**)', 'S72b: by a command'],
    ['head -c 5 < src/keys/x.txt', 'deny', 'read_file(src/keys/**)', 'S72b: by a redirection'],
    ['cp src/keys/x.txt docs/x.txt', 'deny', 'read_file(src/keys/**)', 'S72b: copied'],
    [search('src/keys/x.txt'), 'deny', 'read_file(src/keys/**)', 'S72b: searched'],
    [search('src/keys'), 'allow', 'bypass', 'S72b: a search leaves out what is denied'],
    [read('src/a.ts'), 'allow', 'bypass', 'other files may be read'],
    ['ls src', 'allow', 'only reads', 'and listed'],
  ]),
  under(rules({ ask: ['read_file'] }), [
    [read('src/a.ts'), 'ask', 'read_file', 'everyday: what would be allowed is asked for'],
    [search('src'), 'ask', 'read_file', 'S72b: a sibling, too'],
    [list('src'), 'allow', 'only reads', 'names are not contents'],
    ['cat src/a.ts', 'ask', 'read_file', 'S72b: a command, too'],
    ['ls src', 'allow', 'only reads', 'names are not contents here either'],
  ]),
  under(rules({ mode: 'acceptEdits', ask: ['edit_file', 'read_file(docs/**)'] }), [
    [write('src/a.ts'), 'ask', 'edit_file', 'S72b: a sibling is asked for, too'],
    ['touch src/new.ts', 'ask', 'edit_file', 'S72b: so is a command that writes'],
    ['ls > src/list', 'ask', 'edit_file', 'S72b: so is a redirection'],
    ['npm test', 'ask', 'acceptEdits', 'which may write'],
    ['cat docs/guide.md', 'ask', 'read_file(docs/**)', 'S72b: so is a command that reads'],
    ['cat src/a.ts', 'allow', 'only reads', 'everyday: others are read'],
    [search('docs'), 'ask', 'read_file(docs/**)', 'S72b: a search shows what is to be asked for'],
  ]),
  under(rules({ mode: 'bypassPermissions', ask: ['read_file', ...commands('git push:*')] }), [
    [read('src/a.ts'), 'allow', 'bypass', 'bypass answers asks'],
    ['git push origin main', 'allow', 'bypass', 'of commands, too'],
    ['git $X', 'allow', 'bypass', 'and of what could be one'],
  ]),
  under(
    rules({
      allow: commands('git:*'),
      ask: commands('git push:*'),
      deny: commands('git push --force:*', 'git reset --hard:*'),
    }),
    [
      ['git commit -m x', 'allow', 'git:*', 'everyday: git'],
      ['git push origin main', 'ask', 'git push:*', 'everyday: but ask before a push'],
      ['git push --force', 'deny', 'git push --force:*', 'everyday: and never with force'],
      [
        'git push origin main --force',
        'ask',
        'git push --force:*',
        'the words stand in another order, and mean the same',
      ],
      ['git reset --hard HEAD~1', 'deny', 'git reset --hard:*', 'everyday: nor throw away'],
      ['git reset --soft HEAD~1', 'allow', 'git:*', 'everyday: but take back'],
      ['git commit -m x && git push', 'ask', 'git push:*', 'claude-code#36637: anywhere in the line'],
      [
        'npm test && git reset --hard',
        'deny',
        'git reset --hard:*',
        'claude-code#36637: behind what is not allowed, too',
      ],
      ["bash -c 'git push'", 'ask', 'git push:*', 'attack: in another shell'],
      [
        'timeout 5 git push --force',
        'deny',
        'git push --force:*',
        'minimax-code#150: allow saw through the wrapper, deny did not',
      ],
      ['git -C packages/a reset --hard', 'deny', 'git reset --hard:*', 'attack: elsewhere'],
      ['git log', 'allow', 'only reads', 'everyday: a read'],
    ],
  ),
  under(rules({ allow: commands('git:*', 'npm:*', 'pytest:*', 'ruff:*'), deny: ['read_file(.env)'] }), [
    ['git diff', 'allow', 'git:*', 'everyday: the user allows what shows the changes'],
    ['git diff HEAD~1 && git add .', 'allow', 'git:*', 'everyday: and what takes them'],
    ['git diff -- .env', 'deny', 'read_file(.env)', 'S72b: unless the file is named'],
    ['git log -p .env', 'ask', 'control files and secrets', 'S72b: by whatever part of git'],
    ['ruff check . && ls', 'allow', 'ruff:*', 'everyday: the directory that holds everything names nothing'],
    ['npm test 2>&1; echo done', 'allow', 'npm:*', 'everyday: a text is no file'],
  ]),
  under(
    rules({
      mode: 'bypassPermissions',
      deny: ['read_file(src/keys/**)', 'write_file(docs/**)', ...commands('git push:*')],
    }),
    [
      ['cd src/keys && base64 x.txt', 'ask', 'read_file(src/keys/**)', 'attack: named from its directory'],
      ['cd docs; make', 'ask', 'write_file(docs/**): "make" may', 'attack: not named at all'],
      ['sed -i s/a/b/ src/to-docs/guide.md', 'ask', 'write_file(docs/**)', 'attack: by a link'],
      ['base64 /home/ann/shop/src/keys/x.txt', 'ask', 'read_file(src/keys/**)', 'attack: said in full'],
      ['rm -r doc[s]', 'ask', 'write_file(docs/**)', 'attack: a wildcard for the directory'],
      ['cd doc? && echo x > z', 'ask', 'only known once it runs', 'attack: the same to go there'],
      ['PYTHONPATH=src pytest', 'allow', 'bypass', 'everyday: where modules lie is no push'],
      ['NODE_OPTIONS=--max-old-space-size=99 npm test', 'allow', 'bypass', 'everyday: nor is a limit'],
      ['NODE_OPTIONS=--import=./x.js npm test', 'ask', '"npm test" may', 'attack: code that could push'],
      ['PYTHONPATH="$(git push)" pytest', 'deny', 'git push:*', 'attack: a push in the value'],
    ],
  ),
  under(rules({ deny: ['execute_command'] }), [
    ['ls', 'deny', 'execute_command', 'everyday: no command at all'],
    [read('src/a.ts'), 'allow', 'only reads', 'everyday: but tools'],
  ]),
  under(rules({ deny: ['update_todo_list', 'attempt_completion', 'new_task'] }), [
    [inner('update_todo_list'), 'allow', 'own task', 'S57: a task keeps its list'],
    [inner('attempt_completion'), 'allow', 'own task', 'S59: and can end'],
    [inner('new_task'), 'deny', 'new_task', 'S57: everything else can be denied'],
  ]),
  under(rules({ allow: ['deploy'], deny: ['weather'] }), [
    [other('deploy'), 'allow', 'deploy', "everyday: somebody else's tool"],
    [other('weather', 'pure'), 'deny', 'weather', 'everyday: another one'],
    [other('deployment'), 'ask', 'default', 'a longer name'],
  ]),
  under(
    rules({
      allow: [{ rule: 'execute_command(npm run *)', match: ['npm run build'], not_match: ['npm test'] }],
    }),
    [['npm run build', 'allow', 'npm run *', 'everyday: a rule with examples that hold']],
  ),
  under(rules({ allow: [{ rule: 'execute_command(npm run *)', match: ['npm test'] }] }), [
    ['npm run build', 'refused', 'npm test', 'issue 5: an example that does not hold'],
  ]),
  under(rules({ deny: [{ rule: 'execute_command(rm:*)', not_match: ['/bin/rm x'] }] }), [
    ['rm x', 'refused', '/bin/rm x', 'issue 5: a deny reaches further than its author thinks'],
  ]),
  under(rules({ allow: ['execute_command(npm test'] }), [
    ['npm test', 'refused', 'execute_command(npm test', 'a bracket that is open'],
  ]),
  under(rules({ allow: ['Bash(npm test:*)x'] }), [
    ['npm test', 'refused', 'Bash(npm test:*)x', 'something behind the bracket'],
  ]),
  under(rules({ deny: ['write_file(src/**'] }), [
    [write('src/a.ts'), 'refused', 'write_file(src/**', 'of a rule that denies, too'],
  ]),
  under(rules({ deny: ['write_file(../x)'] }), [
    [write('src/a.ts'), 'refused', '..', 'a glob that could never reach anything'],
  ]),
  under(rules({ allow: ['execute_command()'] }), [
    ['npm test', 'refused', 'execute_command()', 'nothing in the brackets'],
  ]),
  under(rules({ allow: [''] }), [['npm test', 'refused', 'allow', 'no rule at all']]),
  under({ policy: { alow: ['read_file'] } as never }, [
    ['npm test', 'refused', 'alow', 'S54: a key that is misspelled'],
  ]),
  under({ policy: { mode: 'yolo' as never } }, [['npm test', 'refused', 'mode', 'S54: a mode that is none']]),
  under({ policy: { allow: ['execute_command(npm test:*)'.repeat(20)] } }, [
    ['npm test', 'refused', 'allow', 'S73: a rule that is too long'],
  ]),
)

/** What each mode says where no rule speaks. */
export const MODE_ROWS: readonly Row[] = theme(
  'modes',
  under(rules({ mode: 'plan' }), [
    [read('src/a.ts'), 'allow', 'only reads', 'everyday: a plan is made by reading'],
    ['git log --oneline -5', 'allow', 'only reads', 'everyday: and by looking'],
    [inner('update_todo_list'), 'allow', 'own task', 'everyday: and by writing down steps'],
    [inner('ask_followup_question'), 'allow', 'own task', 'everyday: and by asking'],
    [write('src/a.ts'), 'deny', 'plan', 'nothing is written'],
    ['touch src/new.ts', 'deny', 'plan', 'nor by a command'],
    ['ls > list.txt', 'deny', 'plan', 'nor by a redirection'],
    ['npm test', 'deny', 'plan', 'nor perhaps'],
    [other('deploy'), 'deny', 'plan', 'nor by a tool that says nothing'],
    [other('weather', 'pure'), 'allow', 'only reads', 'what changes nothing may run'],
    [read('.env'), 'ask', 'environment files', 'a secret is asked for'],
  ]),
  under(rules({ mode: 'plan', allow: ['write_file', 'execute_command'] }), [
    [write('src/a.ts'), 'deny', 'plan', 'S107: no rule lifts it'],
    ['npm test', 'deny', 'plan', 'S107: of commands neither'],
  ]),
  under(rules({ mode: 'dontAsk', allow: commands('npm test:*') }), [
    ['npm test', 'allow', 'npm test:*', 'everyday: what is allowed runs'],
    ['git status', 'allow', 'only reads', 'everyday: and what only reads'],
    ['npm run lint', 'deny', 'dontAsk', 'what would be asked for is refused'],
    [write('src/a.ts'), 'deny', 'dontAsk', 'of tools, too'],
    [read('.env'), 'deny', 'dontAsk', 'and of secrets'],
    ['npm test "', 'deny', 'dontAsk', 'and of what can not be parsed'],
    [edit('package.json'), 'deny', 'dontAsk', 'and of control files'],
  ]),
  under(rules({ mode: 'acceptEdits' }), [
    [edit('package.json'), 'ask', 'scripts', 'accepting edits accepts no control file'],
    [write('../x'), 'deny', 'out of the workspace', 'nor anything outside'],
    ['chmod +x src/a.ts', 'ask', 'acceptEdits', 'nor what makes a file run'],
    ['rm -rf src', 'ask', 'acceptEdits', 'nor a whole directory, whatever is in it'],
    ['curl https://x.test > src/a.ts', 'ask', 'acceptEdits', 'nor what fetches'],
  ]),
  under(rules({ mode: 'bypassPermissions' }), [
    ['npm test && rm -rf dist', 'allow', 'bypass', 'everyday: in a container of its own'],
    ['for f in test/*.ts; do cat "$f"; done', 'allow', 'bypass', 'everyday: of any structure'],
    ['python3 scripts/x.py | tee dist/log &', 'allow', 'bypass', 'everyday: in the background'],
    ['sudo apt-get install -y jq', 'allow', 'bypass', 'everyday: with other rights'],
    ['echo "building $TAG"', 'allow', 'bypass', 'everyday: a variable in a text'],
    [
      'git tag "v$VERSION" && git push origin "v$VERSION"',
      'allow',
      'bypass',
      'everyday: a variable in a name',
    ],
    [
      'docker build -t "shop:$(git rev-parse --short HEAD)" .',
      'allow',
      'bypass',
      'everyday: a substitution in a name',
    ],
    ['git rebase -i HEAD~3', 'allow', 'bypass', 'everyday: some commits back'],
    ['git reset --hard HEAD^', 'allow', 'bypass', 'everyday: one commit back'],
    ['npm run build | head', 'allow', 'bypass', 'everyday: the beginning of it'],
    ['echo x > ~/out', 'deny', 'out of the workspace', 'gemini-cli#11047: nor at home'],
    ['cp src/a.ts ~', 'deny', 'out of the workspace', 'attack: nor by a copy'],
    ['cat /etc/hosts', 'allow', 'bypass', 'everyday: outside'],
    ['echo x > /etc/hosts', 'deny', 'out of the workspace', 'but nothing is written there'],
    [other('deploy'), 'allow', 'bypass', "everyday: somebody else's tool"],
    ['npm test "', 'ask', 'could not be parsed', 'what can not be parsed is asked for'],
  ]),
)

/** Tasks that nobody watches. */
export const BACKGROUND: readonly Row[] = theme(
  'background',
  under({ isBackground: true, boundary: [{}, { readOnly: true }], policy: { mode: 'bypassPermissions' } }, [
    [read('src/a.ts'), 'allow', 'only reads', 'everyday: a background task reads'],
    ['rg --files src | head -5', 'allow', 'only reads', 'everyday: and looks'],
    [write('src/a.ts'), 'deny', 'readOnly', 'demand 8: by enforcement, not by asking it to'],
    ['npm test', 'deny', 'readOnly', 'demand 8: nor perhaps'],
    [read('.env'), 'ask', 'environment files', 'demand 8: what needs a human reaches one'],
  ]),
  under(
    {
      isBackground: true,
      boundary: [{ filePatterns: ['src/**'] }],
      policy: { mode: 'acceptEdits', allow: ['execute_command'] },
    },
    [
      ['npm test', 'deny', 'filePatterns', 'S68: nobody can say which files it touches, and nobody is there'],
      ['make', 'deny', 'filePatterns', 'S68: whatever it is called'],
      ['cp src/a.ts src/z.ts', 'allow', 'acceptEdits', 'everyday: its files are known'],
      ['cat src/a.ts | wc -l', 'allow', 'only reads', 'everyday: so are these'],
      [write('src/a.ts'), 'allow', 'acceptEdits', 'everyday: lifted by its host, it writes'],
    ],
  ),
  under({ isBackground: true, boundary: [{ readOnly: false }], policy: { allow: commands('npm test:*') } }, [
    ['npm test', 'allow', 'npm test:*', 'everyday: lifted, under no file limits'],
    ['npm run lint', 'ask', 'default', 'demand 8: what no rule allows waits for a human'],
  ]),
)
