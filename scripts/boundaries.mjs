// Runs dependency-cruiser over the house and insists that it saw modules (a parser that fails sees none and "passes").
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'

const root = fileURLToPath(new URL('..', import.meta.url))
const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs')

/** Cruises the given folders; returns the module count and the violations. */
export async function boundaries(folders = ['src', 'tests', 'benches', 'examples'], baseDir = root) {
  const { output } = await cruise(
    folders,
    { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true, baseDir },
    {},
    { tsConfig: extractTSConfig(`${root}/tsconfig.json`) },
  )
  const { totalCruised, violations } = output.summary
  return { modules: totalCruised, violations }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { modules, violations } = await boundaries()
  for (const { rule, from, to } of violations)
    process.stdout.write(`${rule.severity} ${rule.name}: ${from} → ${to}\n`)
  process.stdout.write(`${modules} modules, ${violations.length} violations\n`)
  if (modules < 10 || violations.some(({ rule }) => rule.severity === 'error')) process.exitCode = 1
}
