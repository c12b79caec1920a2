import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reachesProcess } from '../../../src/boundary/commands/process-reach.ts'
import { unseenReachOf } from '../../../src/boundary/commands/unseen-reach.ts'
import { goesThrough } from '../../../src/boundary/commands/unseen/wide-commands.ts'
import { COST_MS_MAX, costMs } from '../workspace.ts'

describe('no rule ever allows to read /proc', () => {
  it.each([
    ...[
      '/proc',
      '/proc/',
      '//proc',
      '///proc//self',
      '/./proc',
      '/dev/../proc',
      '/usr/../proc/1',
      '/../proc',
      '/../../proc/1',
    ],
    ...[
      '../../../../proc/self',
      '../../../proc',
      'x/../../proc/1',
      '~/../../proc/1',
      '*/../proc/1/mem',
      '/var/run/../proc/1',
    ],
    ...[
      '/pro*',
      '/p?oc/1/environ',
      '/[p]roc/1',
      '/[!x]roc/self',
      '/*roc',
      '/?roc/1',
      '/p*/self/x',
      '/{proc,x}/self/x',
    ],
    ...[
      'proc/self/environ',
      'proc/1/maps',
      './proc/thread-self/x',
      'proc/*',
      'proc/s*/mem',
      'proc/1*',
      'proc/$x/y'.replace('$x', '*'),
    ],
    ...[
      '*/proc/self/x',
      '/*/self/maps',
      '/*/1/cwd',
      'self/mem',
      '1/mem',
      'self/fd/3',
      '42/root/etc',
      'self/env*',
    ],
    ...[
      'file:///proc/self/environ',
      'file://localhost/proc/1/x',
      'file:/proc/1',
      'FILE:///%70roc/self/x',
      'file:///%70%72oc/1',
    ],
    ...[
      '@/proc/self/environ',
      '--file=/proc/1/mem',
      '-f/proc/1/mem',
      '-rn/proc',
      'if=/proc/1/mem',
      '</proc/1/x',
      'a:/proc/1',
    ],
    ...[
      'open("/proc/self/environ")',
      "cat '/proc/1/environ'",
      'cat /pr""oc/self/x',
      'cat /pr\\oc/self/x',
      '/\\proc',
      'x;cat</proc/1/x',
    ],
    ...[
      `/proc${'/.'.repeat(1_000)}/self`,
      '/dev/fd/../maps',
      '/dev/fd/../../1/x',
      '/dev/mem',
      '/dev/kmem',
      '/dev/k*m',
      '/sys/kernel/debug/x',
    ],
    ...[
      'x://y/../../proc/self/x',
      'https://a.test/../../../proc/self/x',
      '/proc/cpuinfo',
      'PATH=/bin:/proc/1/root',
      '$(</proc/1/x)',
    ],
  ])('%j', (text) => {
    expect(reachesProcess(text, '.')).toBe(true)
  })

  it.each([
    ...[
      'src/proc/a.ts',
      'docs/process.md',
      './proc',
      'proc',
      'proc/',
      'proc/a.ts',
      'proc/*.c',
      './proc/main.go',
      'npm',
      'run',
    ],
    ...[
      'https://example.com/proc/x',
      'https://proc/self',
      'http://*/*',
      'git@github.com:a/proc.git',
      'ssh://h/proc/self',
    ],
    ...[
      '/process/x',
      '/home/ann/shop/proc/x',
      '/tmp/proc/x',
      'fixtures/proc/10/stat',
      'a/self/mem',
      'self/x',
      'src/self/index.ts',
    ],
    ...[
      '1/2',
      '2026/11/20',
      'sub-proc/self',
      '/procs',
      '/*',
      '*',
      '/usr/*',
      'src/*',
      '*/x',
      '/dev/null',
      '/dev/fd/3',
      '/dev/urandom',
    ],
    ...[
      's/a/b/',
      's/proc/x/',
      'a/b',
      '../x',
      '../lib/proc/x',
      '--proc=x',
      'import x from "./proc/main"',
      'x.proc/1',
      '',
    ],
  ])('no false alarm: %j', (text) => {
    expect(reachesProcess(text, '.')).toBe(false)
  })

  it('counts from where it is seen', () => {
    expect(reachesProcess('../proc/a.ts', 'src')).toBe(false)
    expect(reachesProcess('../proc/a.ts', '.')).toBe(true)
    expect(reachesProcess('../proc/self/x', 'src')).toBe(true)
    expect(reachesProcess('self/x', '/proc')).toBe(true)
    expect(reachesProcess('proc/x', '/')).toBe(true)
    expect(reachesProcess('proc', '.')).toBe(false)
  })

  it('whatever a text holds, it is judged, and within the time', () => {
    const units = fc.constantFrom(...'/.*?~proc1 self[]{}\'"\\:@=%-'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: units, maxLength: 80 }), (text) => {
        expect(typeof reachesProcess(text, '.')).toBe('boolean')
        expect(reachesProcess(`${text} /proc/self/x`, '.')).toBe(true)
      }),
      { numRuns: 2_000 },
    )
    for (const unit of [
      '/',
      '/.',
      '/..',
      '../',
      '*/',
      '/*',
      '[',
      '[a',
      '{',
      '{a',
      '/p*',
      'a/',
      '"/',
      '\\',
      '%/',
      'file:',
      'https://',
      '-/',
      '/a ',
    ]) {
      const text = unit.repeat(Math.floor(65_000 / unit.length))
      expect(
        costMs(() => reachesProcess(text, '.')),
        JSON.stringify(unit),
      ).toBeLessThan(COST_MS_MAX)
    }
  })
})

const asked = (line: string) => {
  const words = line.split(' ').map((value) => ({ value, shape: value, isGlob: false }))
  const commands = [{ words, assignments: [], redirections: [], isOwnStep: true }]
  return unseenReachOf({
    kind: 'read',
    commands,
    isPlain: true,
    isChain: true,
    mentions: line.split(' '),
    expansions: new Set(),
  })
}

describe('what reaches secrets without naming them is asked for in every mode', () => {
  it.each<readonly [why: RegExp, lines: string]>([
    [
      /memory or the environment/,
      'ps e|ps auxe|ps eww|ps -E|ps aux e|gdb -p 1|gdb x 123|gcore 1|strace -p 1|strace -fp 1|ltrace -p 1|lldb --attach-pid 1',
    ],
    [/memory or the environment/, 'sudo gcore 1|nsenter -t 1 ls|py-spy dump'],
    [
      /whole workspace/,
      'find . -delete|find -delete|find . -exec rm {} +|find .. -execdir x {} ;|find . -type f -exec sed -i s/a/b/ {} +',
    ],
    [
      /whole workspace/,
      'find . -name *.json -exec x {} ;|find . ! -name a.pyc -delete|find . -name * -delete|find . -name *.pyc -o -exec x {} ;',
    ],
    [
      /whole workspace/,
      'find . -name store.sqlite -exec cat {} ;|find . -name store.sqlite-wal -exec cat {} ;|find . -name *.sqlite -exec x {} ;|find / -name x1y -fprint a -o -delete',
    ],
    [
      /whole workspace/,
      'rm -r .|rm -rf *|rm -rf ./*|rm -fR ..|rm -rf ../x|rm -rf /|rm -rf ~|rm -rf x/..|rm --recursive .|rm -rf -- .|rm -rf a .',
    ],
    [
      /whole workspace/,
      'chmod -R 755 .|chown -R me .|chgrp -R x ./|chmod -R u+w *|mv * /tmp|mv . x|mv -t x *|mv ../x .',
    ],
    [
      /what git ignores/,
      'git clean -x|git clean -fdx|git clean -fdX|git -C . clean -xf|git stash -a|git stash push --all|git add -f .|git add -A -f|git add --force *',
    ],
    [
      /passwords or tokens/,
      'git credential fill|gh auth token|security find-generic-password|secret-tool lookup a b',
    ],
    [
      /whole machine/,
      'docker run --privileged x|docker run -v /:/h x|docker run -v/:/h x|docker run --volume=/:/h x|docker run --pid=host x|docker run --pid host x',
    ],
    [
      /whole machine/,
      'podman run -v ~:/h x|docker run --mount type=bind,source=/,target=/h x|docker run -v /var/run/docker.sock:/x x|docker run --cap-add SYS_PTRACE x',
    ],
    [
      /goes on/,
      'crontab a|crontab -|crontab -e|at now|at -f a now|systemctl --user enable x|systemctl start x|systemd-run x|launchctl load x',
    ],
  ])('%s', (why, lines) => {
    for (const line of lines.split('|')) expect(asked(line), line).toMatch(why)
  })

  it.each([
    ...[
      'ps',
      'ps -e',
      'ps -ef',
      'ps aux',
      'ps -u alice',
      'ps -o pid,rss',
      'ps -p 12',
      'gdb ./x',
      'strace -e trace=open ls',
    ],
    ...[
      'rm -rf node_modules dist build',
      'rm -rf ./dist',
      'rm -rf .next',
      'rm -rf dist/*',
      'rm -rf */dist',
      'rm a b',
      'rm -f *',
      'rm -rf packages/*/dist',
    ],
    ...[
      'find . -name *.pyc -delete',
      'find . -name node_modules -prune -exec rm -rf {} +',
      'find src -delete',
      'find dist -type f -exec x {} +',
      'find . -name *.ts',
    ],
    ...[
      'find . -type f -name *.test.ts -exec wc -l {} +',
      'chmod -R 755 dist',
      'chmod 755 .',
      'chmod +x a',
      'mv a b',
      'mv a ..',
      'mv a .',
      'mv src/*.ts lib',
    ],
    ...[
      'git clean -fd',
      'git clean -n',
      'git stash',
      'git stash -u',
      'git add -A',
      'git add .',
      'git add -f dist',
      'git status',
      'gh pr list',
      'gh auth status',
    ],
    ...[
      'docker run x',
      'docker run -v ./a:/a x',
      'docker run -v /srv/data:/d x',
      'docker ps',
      'docker run --rm -it x',
      'docker run -p 80:80 x',
      'docker build .',
    ],
    ...[
      'crontab -l',
      'systemctl status x',
      'systemctl --user list-units',
      'launchctl list',
      'npm run at',
      'npm test',
    ],
  ])('and everyday work is not: %s', (line) => {
    expect(asked(line)).toBeNull()
  })

  it('L13: what a command goes through whole is told, for whoever knows what lies there', () => {
    const told = (line: string) => goesThrough(line.split(' '))
    expect(told('find src lib -name x -exec y {} ;')).toEqual(['src', 'lib'])
    expect(told('find -L -delete')).toEqual(['.'])
    expect(told('rm -rf a -- -b')).toEqual(['a', '-b'])
    expect(told('chmod -R 755 .')).toEqual(['755', '.'])
    expect(told('mv a b')).toEqual(['a', 'b'])
    expect(['rm a', 'find . -name x', 'ls -R', 'chmod 7 a'].map(told)).toEqual([null, null, null, null])
  })
})
