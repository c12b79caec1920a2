/** Where nothing can be kept, the command line says so, and what else there is to do. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { builtBinary, workspaceOf } from '../cli/binary.ts'
import { calls, scriptedServer } from '../cli/scripted-server.ts'

const troupe = builtBinary()
const whyNot = process.getuid?.() === 0 ? mountable() : 'only root may mount a small disk'
if (whyNot) console.log(`The tests of disks without room are skipped: ${whyNot}.`)

const COMPLETE = calls('attempt_completion', { result: 'Done.' })

// Said above: only root may mount, and not in every container.
describe.skipIf(whyNot !== null)('a disk without room', () => {
  it('full: run and continue are refused as store/full, and start nothing', async () => {
    const server = await scriptedServer([COMPLETE])
    const cwd = await smallDisk()
    const surroundings = { cwd, environment: server.environment }
    const first = await troupe.run(['run', 'First.', '--json'], surroundings)
    const { taskId } = JSON.parse(first.stdout) as { readonly taskId: string }
    fill(cwd)
    for (const args of [
      ['run', 'Second.'],
      ['continue', taskId, 'Second.'],
    ]) {
      const { code, stdout } = await troupe.run([...args, '--json'], surroundings)
      expect(code).toBe(1)
      // Whether the store can still be opened depends on the last bytes that are free.
      const told = JSON.parse(stdout) as Record<'reason' | 'error', { readonly code: string } | undefined>
      expect((told.reason ?? told.error)?.code).toBe('store/full')
    }
    const { stderr } = await troupe.run(['run', 'Second.'], surroundings)
    expect(stderr).toMatch(/store\/full/)
    expect(stderr).toMatch(/[Mm]ake room/)
    expect(server.requests).toHaveLength(1)
  })

  it('read-only: run names --no-store, which works; doctor says that nothing can be kept', async () => {
    const server = await scriptedServer([COMPLETE])
    const cwd = await smallDisk()
    const surroundings = { cwd, environment: server.environment }
    execFileSync('mount', ['-o', 'remount,ro', cwd])
    const refused = await troupe.run(['run', 'Look.'], surroundings)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/troupe run --no-store[\s\S]*store\/unavailable/)
    const { code, stdout } = await troupe.run(['run', 'Look.', '--no-store'], surroundings)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' })
    const doctor = await troupe.run(['doctor'], surroundings)
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toMatch(/✗ store +nothing can be kept here[\s\S]*--no-store/)
  })
})

async function smallDisk(): Promise<string> {
  const disk = await workspaceOf()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return disk
}

function fill(disk: string): void {
  for (const size of [2_000_000, 4_096]) {
    try {
      for (let at = 0; at < 300; at++) writeFileSync(join(disk, `ballast-${size}-${at}`), Buffer.alloc(size))
    } catch {
      // Now there is no room for one of this size.
    }
  }
}

function mountable(): string | null {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return null
  } catch {
    return 'no small disk can be mounted here'
  }
}
