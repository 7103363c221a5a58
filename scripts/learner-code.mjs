// The hash of the code that trains in studies, which a plan names and every site holds against its own: SHA-256 over
// the bundled and minified sources from a person's records to the next model, kernels included. Comments and names of
// locals do not count; a changed step does. `write` puts it into src/study/learner-code.ts and the plans in examples/,
// `diff` fails where another hash stands there.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = ['src/forecast/trace-of-records.ts', 'src/study/study-learner.ts']
const TARGET = join(root, 'src/study/learner-code.ts')
const EXAMPLES = ['examples/study.yaml', 'examples/study-ridge.yaml'].map((path) => join(root, path))

async function learnerCode() {
  const hash = createHash('sha256').update('islet/v1/learner-code\0')
  for (const entry of ENTRIES) {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      minify: true,
      legalComments: 'none',
      write: false,
    })
    hash.update(createHash('sha256').update(outputFiles[0].contents).digest())
  }
  return `0x${hash.digest('hex')}`
}

const source = (
  code,
) => `/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by \`npm run check\`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('${code}')
`
const example = (path, code) =>
  readFileSync(path, 'utf8').replace(/code_hash: "0x[0-9a-f]{64}"/, `code_hash: "${code}"`)

const code = await learnerCode()
const wanted = [[TARGET, source(code)], ...EXAMPLES.map((path) => [path, example(path, code)])]
if (process.argv[2] === 'diff') {
  const other = wanted.filter(([path, text]) => readFileSync(path, 'utf8') !== text)
  if (other.length > 0) {
    process.stderr.write(`the code that trains is ${code}; run: node scripts/learner-code.mjs write\n`)
    process.exitCode = 1
  }
} else {
  for (const [path, text] of wanted) writeFileSync(path, text)
  process.stdout.write(`${code}\n`)
}
