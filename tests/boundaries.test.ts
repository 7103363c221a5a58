import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { boundaries } from '../scripts/boundaries.mjs'

/** Plants a tiny house with one wrong import and returns the names of the rules it broke. */
async function planted(
  files: Readonly<Record<string, string>>,
): Promise<{ modules: number; rules: string[] }> {
  const house = mkdtempSync(join(tmpdir(), 'islet-house-'))
  houses.push(house)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true })
    writeFileSync(join(house, path), text)
  }
  const { modules, violations } = await boundaries(['src'], house)
  return { modules, rules: violations.map(({ rule }) => rule.name) }
}
const houses: string[] = []
afterAll(() => {
  for (const house of houses) rmSync(house, { recursive: true })
})

describe('the boundaries of the house', () => {
  it('hold for every module there is', async () => {
    const { modules, violations } = await boundaries()
    expect(modules).toBeGreaterThan(50)
    expect(violations.filter(({ rule }) => rule.severity === 'error')).toEqual([])
  })

  it.each([
    {
      why: 'an import runs upward',
      rule: 'floor-vault',
      files: {
        'src/vault/index.ts': "export { grant } from '../consent/index.ts'\n",
        'src/consent/index.ts': 'export const grant = 1\n',
      },
    },
    {
      why: 'a room is entered beside its door',
      rule: 'door-vault',
      files: {
        'src/vault/secret.ts': 'export const secret = 1\n',
        'src/consent/index.ts': "export { secret } from '../vault/secret.ts'\n",
      },
    },
    {
      why: 'a file imports the door of its own room',
      rule: 'own-door-vault',
      files: {
        'src/vault/index.ts': 'export const a = 1\n',
        'src/vault/other.ts': "import { a } from './index.ts'\nexport const b = a\n",
      },
    },
    {
      why: 'files import in a circle',
      rule: 'no-cycle',
      files: {
        'src/vault/a.ts': "import { b } from './b.ts'\nexport const a = (): number => b()\n",
        'src/vault/b.ts': "import { a } from './a.ts'\nexport const b = (): number => a()\n",
      },
    },
    {
      why: 'learning reaches the vault through another room',
      rule: 'wall-learning',
      files: {
        'src/learning/index.ts': "export { model } from '../series/index.ts'\n",
        'src/series/index.ts': "export { model } from '../vault/index.ts'\n",
        'src/vault/index.ts': 'export const model = 1\n',
      },
    },
    {
      why: 'web reaches the ledger through another room',
      rule: 'wall-web',
      files: {
        'src/web/index.ts': "export { screen } from '../consent/index.ts'\n",
        'src/consent/index.ts': "export { screen } from '../ledger/index.ts'\n",
        'src/ledger/index.ts': 'export const screen = 1\n',
      },
    },
    {
      why: 'a room other than consent opens the keys',
      rule: 'only-consent-turns-a-grant-into-a-key',
      files: {
        'src/node/index.ts': "export { cover } from '../vault/keys.door.ts'\n",
        'src/vault/keys.door.ts': 'export const cover = 1\n',
      },
    },
    {
      why: 'a pure room imports something of Node',
      rule: 'pure-rooms',
      files: {
        'src/glycemia/index.ts': "import { readFileSync } from 'node:fs'\nexport const r = readFileSync\n",
      },
    },
  ])('are broken when $why', async ({ rule, files }) => {
    const { modules, rules } = await planted(files)
    expect(modules).toBeGreaterThan(0)
    expect(rules).toContain(rule)
  })
})
