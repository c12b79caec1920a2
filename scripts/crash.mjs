/**
 * Kills a working process wherever it can be killed, and checks what becomes of its tasks: `npm run crash`,
 * or `npm run crash -- 500 7` for 500 pairs and instants of each kind, drawn from the seed 7.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path) => new URL(`../${path}`, import.meta.url)
const outfile = fileURLToPath(at(`node_modules/.cache/troupe-faults/crash.${process.pid}.mjs`))

await build({
  entryPoints: [fileURLToPath(at('test/faults/long.ts'))],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  // It bundles the process that is killed, and looks for it from where its source stands.
  define: { 'import.meta.url': JSON.stringify(at('test/faults/driver/lives.ts').href) },
  logLevel: 'silent',
})
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' })
rmSync(outfile, { force: true })
process.exitCode = status ?? 1
