// Compiles every kernel, `src/ROOM/assembly/NAME.ts` (AssemblyScript), to `src/ROOM/kernels/NAME.wasm.ts`: the module's bytes
// as a string, so that the same import works in Node, in a worker and in a browser. The outputs are committed;
// `diff` compiles again and fails where the committed bytes are others.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
// No garbage collector, no trap handlers, no relaxed SIMD: what runs is what is written, with the same bytes everywhere.
const FLAGS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
  '--use',
  'abort=',
]

/** @returns {{ source: string, target: string, name: string }[]} every kernel of the house, in order of its path */
function kernels() {
  const found = []
  for (const room of readdirSync(join(root, 'src')).sort()) {
    const folder = join(root, 'src', room, 'assembly')
    if (!existsSync(folder)) continue
    for (const file of readdirSync(folder).sort()) {
      // A file that begins with an underscore is a part of others.
      if (!file.endsWith('.ts') || file.startsWith('_')) continue
      const name = basename(file, '.ts')
      found.push({
        source: `src/${room}/assembly/${file}`,
        target: `src/${room}/kernels/${name}.wasm.ts`,
        name,
      })
    }
  }
  return found
}

async function compile(source) {
  let wasm
  const { error, stderr } = await asc.main([source, '--outFile', 'kernel.wasm', ...FLAGS], {
    readFile: (name, base) => {
      const path = join(base ?? root, name)
      return existsSync(path) ? readFileSync(path, 'utf8') : null
    },
    writeFile: (_name, contents) => {
      wasm = contents
    },
    listFiles: () => [],
  })
  if (error || !wasm) throw new Error(`${source} does not compile\n${stderr.toString()}`)
  return wasm
}

const camel = (name) => name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase())

function written({ source, name }, wasm) {
  return [
    `// Generated from ${source} by scripts/kernels.mjs: do not edit.`,
    `/** The WebAssembly module of ${source}, ${wasm.length} bytes, in base64. */`,
    `export const ${camel(name)}Wasm =`,
    `  '${Buffer.from(wasm).toString('base64')}'`,
    '',
  ].join('\n')
}

const [verb = 'build', only] = process.argv.slice(2)
if (!['build', 'diff'].includes(verb)) {
  process.stderr.write('usage: node scripts/kernels.mjs build|diff [NAME]\n')
  process.exit(2)
}
let stale = 0
for (const kernel of kernels().filter(({ name }) => !only || name === only)) {
  const text = written(kernel, await compile(kernel.source))
  const target = join(root, kernel.target)
  const committed = existsSync(target) ? readFileSync(target, 'utf8') : ''
  if (text === committed) continue
  if (verb === 'diff') {
    stale += 1
    process.stdout.write(
      `${kernel.target} is not what ${kernel.source} compiles to: run node scripts/kernels.mjs build\n`,
    )
    continue
  }
  mkdirSync(join(target, '..'), { recursive: true })
  writeFileSync(target, text)
  process.stdout.write(`compiled ${kernel.source}\n`)
}
process.exitCode = stale === 0 ? 0 : 1
