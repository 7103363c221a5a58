import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Value } from 'typebox/value'
import { afterAll, describe, expect, it } from 'vitest'
import { ErrorDocument, ReadDocument } from '../../api/documents.door.ts'
import { hasSharedData } from '../../series/testing/shared-data.ts'
import { ranHere } from './testing/ran-here.ts'

const SHARED = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'islet-read-'))
afterAll(() => rmSync(folder, { recursive: true }))

const islet = (...argv: readonly string[]) => ranHere(argv)

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const SMALL = file(
  'small.csv',
  [
    'id,time,gl',
    'a,2024-05-01 00:00:00,100',
    'a,2024-05-01 00:05:00,110',
    'a,2024-05-01 00:05:00,110',
    'b,2024-05-01 00:00:00,95',
    '',
  ].join('\n'),
)

describe('islet read', () => {
  it('ends at Ctrl-C between two files and two people, with nothing on stdout', async () => {
    expect(await ranHere(['read', SMALL], AbortSignal.abort('SIGINT'))).toEqual({
      code: 130,
      out: '',
      err: 'interrupted\n',
    })
  })

  it('prints one document that fits its schema, and nothing else on stdout', async () => {
    const { code, out, err } = await islet('read', SMALL, '--json')
    expect(code).toBe(0)
    expect(err).toBe('')
    const document: unknown = JSON.parse(out)
    expect([...Value.Errors(ReadDocument, document)]).toEqual([])
    expect(document).toMatchObject({
      files: [{ rows: 4, kept: 3, dropped: [{ reason: 'DUPLICATE', count: 1, lines: [4] }] }],
      people: [
        { id: 'a', readings: 2, zone: null },
        { id: 'b', readings: 1, zone: null },
      ],
    })
  })

  it('keeps apart the people of two files that use the same id', async () => {
    const other = file('other.csv', 'id,time,gl\na,2024-05-01 00:00:00,200\n')
    const { out } = await islet('read', SMALL, other, '--json')
    const document = JSON.parse(out) as { people: { id: string }[] }
    expect(document.people.map(({ id }) => id)).toEqual(['small.csv/a', 'b', 'other.csv/a'])
  })

  it('says the same in words, with the drawing', async () => {
    const { code, out } = await islet('read', SMALL)
    expect(code).toBe(0)
    expect(out).toContain('4 rows')
    expect(out).toContain('dropped: the same record again (line 4)')
    expect(out).toContain('--tz ZONE fixes it')
    expect(Math.max(...out.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(120)
    expect(out).not.toMatch(/\u001b/)
  })

  it('draws the profile as SVG', async () => {
    const path = join(folder, 'profile.svg')
    expect((await islet('read', SMALL, '--svg', path)).code).toBe(0)
    expect(readFileSync(path, 'utf8')).toMatch(/^<svg[^>]*role="img"/)
  })

  it.each([
    { why: 'an unknown flag', argv: ['read', SMALL, '--jsn'], code: 'BAD_USAGE', exit: 2, remedy: '--json' },
    { why: 'no file', argv: ['read', '--json'], code: 'BAD_USAGE', exit: 2, remedy: 'help' },
    {
      why: 'a file that is not there',
      argv: ['read', join(folder, 'no.csv'), '--json'],
      code: 'FILE_NOT_FOUND',
      exit: 2,
      remedy: 'path',
    },
    { why: 'a folder', argv: ['read', folder, '--json'], code: 'NOT_A_FILE', exit: 2, remedy: 'file' },
    {
      why: 'an unknown format',
      argv: ['read', SMALL, '--format', 'dexcon', '--json'],
      code: 'BAD_USAGE',
      exit: 2,
      remedy: 'dexcom-clarity',
    },
    {
      why: 'an unknown zone',
      argv: ['read', SMALL, '--tz', 'Mars/Olympus', '--json'],
      code: 'ZONE_UNKNOWN',
      exit: 2,
      remedy: '',
    },
    { why: 'an unknown verb', argv: ['reed', SMALL, '--json'], code: 'BAD_USAGE', exit: 2, remedy: 'read' },
  ])('refuses $why by code, with a remedy', async ({ argv, code, exit, remedy }) => {
    const run = await islet(...argv)
    expect(run.code).toBe(exit)
    if (argv.includes('--json')) {
      const document: unknown = JSON.parse(run.out)
      expect([...Value.Errors(ErrorDocument, document)]).toEqual([])
      expect(document).toMatchObject({ error: { code } })
      expect(JSON.stringify(document)).toContain(remedy)
    } else {
      expect(run.out).toBe('')
      expect(run.err).toContain(code)
      expect(run.err).toContain(remedy)
    }
    expect(run.out + run.err).not.toMatch(/\n\s+at /)
  })

  it('refuses an ambiguous date order naming the line, and takes the order when told', async () => {
    const path = file('ambiguous.csv', 'id,time,gl\na,03/04/2024 10:00,100\na,03/04/2024 10:05,104\n')
    const { code, out } = await islet('read', path, '--json')
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'DATE_ORDER_AMBIGUOUS', at: { file: path, line: 2 } },
    })
    const told = await islet('read', path, '--date-order', 'dmy', '--json')
    expect(JSON.parse(told.out)).toMatchObject({ people: [{ from: '2024-04-03T10:00:00Z' }] })
  })

  it('has help with an example for every verb', async () => {
    for (const verb of [
      'read',
      'start',
      'demo',
      'export',
      'verify',
      'recover',
      'doctor',
      'backup',
      'restore',
      'schema',
      'bench',
    ]) {
      const { out, code } = await islet(verb, '--help')
      expect(code).toBe(0)
      expect(out).toContain(`$ islet ${verb}`)
      expect(out).toContain('Exit status')
    }
  })

  it('reads every real export to a document that fits its schema', async () => {
    const samples = [
      'dexcom-clarity/real_deidentified_g6.csv',
      'dexcom-clarity/synthetic_double_encoded_bom.csv',
      'libreview/freestyle_libre3_synthetic.csv',
      'nightscout-iaps/entries.json',
      'cross-format/tidepool_mmol.json',
      'fhir-cgm/bundle.json',
      'iglu-example5/data.csv',
    ]
    for (const sample of samples) {
      if (!hasSharedData(sample)) continue
      const path = join(SHARED, sample)
      const { code, out } = await islet('read', path, '--json')
      expect(code, sample).toBe(0)
      const document = JSON.parse(out) as ReadDocument
      expect([...Value.Errors(ReadDocument, document)], sample).toEqual([])
      for (const { rows, kept, other, dropped } of document.files) {
        const others = Object.values(other).reduce((sum, count) => sum + count, 0)
        expect(rows, sample).toBe(kept + others + dropped.reduce((sum, { count }) => sum + count, 0))
      }
    }
  })
})
