import { spawn } from 'node:child_process'

/**
 * Runs one program in a process group of its own, and ends the whole group when its time is up.
 * `quiet` keeps the output instead of showing it. Resolves with the exit code; 124 after a time-out.
 */
export function run(program, parameters, { cwd = process.cwd(), timeoutMs, env = {}, quiet = false }) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    })
    const kept = []
    child.stdout?.on('data', (bytes) => kept.push(bytes))
    child.stderr?.on('data', (bytes) => kept.push(bytes))

    let isLate = false
    const alarm = setTimeout(() => {
      isLate = true
      endGroup(child.pid)
    }, timeoutMs)
    const settle = (code) => {
      clearTimeout(alarm)
      resolve({ code: isLate ? 124 : code, isLate, output: Buffer.concat(kept).toString('utf8') })
    }
    child.on('error', (error) => {
      kept.push(Buffer.from(`${error.message}\n`))
      settle(127)
    })
    child.on('exit', (code) => {
      // What is still in the pipes is read first; who holds them after the program's end is not waited for.
      setTimeout(() => settle(code ?? 1), quiet ? 50 : 0)
    })
  })
}

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in this very moment.
  }
}
