// `npm test`: the contracts' tests (forge over solc-js, mostly one thread that compiles) beside everything of vitest; what
// the contracts print is held until they end; one closing line for the totals.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '')

function run(command, args, held = false) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const [stream, sink] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (chunk) => {
        output += chunk
        if (!held) sink.write(chunk)
      })
    }
    child.on('error', (error) => resolve({ code: 3, output: String(error) }))
    child.on('close', (code) => {
      if (held) process.stdout.write(output)
      resolve({ code: code ?? 3, output: plain(output) })
    })
  })
}

function totals(output, pattern) {
  let passed = 0
  let failed = 0
  let seen = false
  for (const line of output.split('\n')) {
    if (!pattern.test(line)) continue
    seen = true
    passed = Number(/(\d+) passed/.exec(line)?.[1] ?? 0)
    failed = Number(/(\d+) failed/.exec(line)?.[1] ?? 0)
  }
  return { passed, failed, seen }
}

const only = process.argv.slice(2)
const [contracts, house] = await Promise.all([
  only.length > 0
    ? { code: 0, output: 'contracts: 0 passed, 0 failed' }
    : run(process.execPath, [join(root, 'scripts/contracts.mjs'), 'test'], true),
  run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...only]),
])

const first = totals(contracts.output, /^contracts: /)
const second = totals(house.output, /^\s*Tests\s/)
const broken = [
  ['contracts', contracts, first],
  ['vitest', house, second],
].filter(([, result, total]) => !total.seen || (result.code !== 0 && total.failed === 0))
for (const [name, result] of broken)
  process.stdout.write(`${name} ended with ${result.code} outside any test\n`)
const passed = first.passed + second.passed
const failed = first.failed + second.failed + broken.length
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
