import { describe, expect, test } from 'vitest'
import { SCHEMAS } from './schema.ts'
import { ranHere, requireDocument } from './testing/ran-here.ts'

/** The verbs of a help text. */
function verbsIn(help: string): readonly string[] {
  const commands = help.slice(help.indexOf('Commands:')).split('\n')
  return commands.flatMap((line) => /^ {2}([a-z]+)/.exec(line)?.[1] ?? []).filter((verb) => verb !== 'help')
}

/** Verbs that print a document of another name. */
const PRINTS: Readonly<Record<string, string>> = {
  schema: 'islet.schemas/1',
  'network.init': 'islet.network/1',
  'network.start': 'islet.network/1',
  'network.stop': 'islet.network/1',
  'network.status': 'islet.network/1',
  'network.backup': 'islet.backup/1',
  'network.restore': 'islet.restore/1',
  'network.request': 'islet.member/1',
  'network.members': 'islet.member/1',
  'network.invite': 'islet.member/1',
  'network.join': 'islet.network/1',
  'network.admit': 'islet.member/1',
  'network.propose': 'islet.member/1',
  'network.vote': 'islet.member/1',
  'network.add': 'islet.network/1',
  'network.remove': 'islet.network/1',
  'network.weigh': 'islet.network/1',
  'network.upgrade': 'islet.network/1',
  'network.anchor': 'islet.trust-anchor/1',
  'network.proof': 'islet.consent-standing/1',
  'study.submit': 'islet.study/1',
  'study.approve': 'islet.study/1',
  'study.open': 'islet.study/1',
  'study.run': 'islet.study/1',
  'study.status': 'islet.study/1',
  'study.verify': 'islet.verify/1',
}

describe('islet schema', () => {
  test('every verb has a schema of what it prints, found by the verb’s own name', async () => {
    const verbs = verbsIn((await ranHere(['--help'])).out)
    expect(verbs).toContain('read')
    for (const verb of verbs) {
      const below = verbsIn((await ranHere([verb, '--help'])).out)
      const names = below.length > 0 ? below.map((name) => `${verb}.${name}`) : [verb]
      for (const name of names) {
        const id = PRINTS[name] ?? `islet.${name}/1`
        expect(Object.keys(SCHEMAS), `of islet ${name}`).toContain(id)
      }
    }
  })

  test('without a name lists all there are, as lines and as a document', async () => {
    const { out } = await ranHere(['schema'])
    expect(out.trim().split('\n')).toEqual(Object.keys(SCHEMAS))
    expect(JSON.parse((await ranHere(['schema', '--json'])).out)).toEqual({
      schema: 'islet.schemas/1',
      schemas: Object.keys(SCHEMAS),
    })
  })

  test.each(Object.keys(SCHEMAS))('prints %s as JSON Schema with a title', async (name) => {
    const { code, out } = await ranHere(['schema', name])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: name,
      title: expect.any(String),
    })
  })

  test('a document that does not fit is found by the tests’ own check', () => {
    expect(() => requireDocument('{"schema":"islet.restore/1","files":-1}', 'x')).toThrow('islet.restore/1')
    expect(() => requireDocument('{"schema":"islet.nothing/1"}', 'x')).toThrow('islet.nothing/1')
    expect(() => requireDocument('done\n{}', 'x')).toThrow()
  })
})
