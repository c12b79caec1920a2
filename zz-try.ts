import { judge, run } from './test/boundary/workspace.ts'
for (const line of process.argv.slice(2)) for (const mode of ['default','bypassPermissions'] as const) { const s=performance.now(); const v=judge(run(line),{mode}); console.log(mode.slice(0,7), v.verdict, JSON.stringify(line), v.rule, '|', v.why, (performance.now()-s).toFixed(1)) }
