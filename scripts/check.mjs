// Types, lint, boundaries, dead code: every check runs, each failure is named, the exit code tells.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(root, 'node_modules', '.bin', name)

const checks = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['boundaries', process.execPath, [join(root, 'scripts/boundaries.mjs')]],
  ['dead code', bin('knip'), []],
  ['generated files', process.execPath, [join(root, 'scripts/contracts.mjs'), 'diff']],
  ['code that trains', process.execPath, [join(root, 'scripts/learner-code.mjs'), 'diff']],
  ['kernels', process.execPath, [join(root, 'scripts/kernels.mjs'), 'diff']],
]

function run([name, command, args]) {
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(command, args, { cwd: root, env: { ...process.env, FORCE_COLOR: '0' } })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ name, code: 3, output: String(error), ms: Date.now() - started }))
    child.on('close', (code) => resolve({ name, code: code ?? 3, output, ms: Date.now() - started }))
  })
}

let failed = 0
const queue = checks.map((check) => () => run(check))
const results = []
await Promise.all(
  [0, 1].map(async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await next())
  }),
)
for (const { name, code, output, ms } of results) {
  if (code !== 0) {
    failed += 1
    process.stdout.write(`${output.trimEnd()}\n`)
  }
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${(ms / 1000).toFixed(1)} s)\n`)
}
process.stdout.write(`checks: ${results.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
