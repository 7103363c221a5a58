import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StudyDocument, VerifyDocument } from '../../api/documents.door.ts'
import { buildPassport, conditionsHash, readPlan, readSheet, sheetDifference } from '../../study/index.ts'
import { studyRecords } from '../../study/testing/papers.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { openStudyDesk, type StudyDesk } from '../study/study-desk.ts'
import { studyModels } from '../study/study-models.ts'
import { studyStatus } from '../study/study-status.ts'
import { type Consortium, openConsortium } from '../world/consortium.ts'
import { ranHere } from './testing/ran-here.ts'

let folder: string
let data: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-study-'))
  data = join(folder, 'data')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function study(...args: readonly string[]): Promise<{ code: number; document: unknown }> {
  const { code, out } = await ranHere(['study', ...args, '--data', data, '--json'])
  return { code, document: JSON.parse(out) }
}

describe('islet study init', () => {
  it('writes a plan and a sheet that are accepted as they stand, and never over somebody’s work', async () => {
    const place = join(folder, 'mine')
    expect(await study('init', place)).toMatchObject({ code: 0, document: { schema: 'islet.study.init/1' } })
    const plan = readPlan(await readFile(join(place, 'study.yaml'), 'utf8'))
    expect(readSheet(await readFile(join(place, 'sheet.yaml'), 'utf8')).language).toBe('en')
    expect(plan.outputs).toContain('model')
    const again = await study('init', place)
    expect(again.code).not.toBe(0)
  })
})

describe('islet study verify', () => {
  const passport = buildPassport(studyRecords())

  it('passes a good passport, and says what was not at hand', async () => {
    const path = join(folder, 'good.json')
    await writeFile(path, JSON.stringify(passport))
    const { code, document } = await study('verify', path)
    expect(code).toBe(0)
    expect(document).toMatchObject({ ok: true, anchored: false, checked: { rounds: 2 }, findings: [] })
    const { notes } = document as VerifyDocument
    expect(notes.map((note) => note.code)).toEqual([
      'LEDGER_UNCHECKED',
      'MODEL_BYTES_UNCHECKED',
      'UPDATE_BYTES_UNCHECKED',
      'AGGREGATE_UNCHECKED',
      'COHORT_DECLARED',
      'CODE_NOT_HERE',
    ])
  })

  it('fails a passport that was changed, naming what broke and where, under either name of the verb', async () => {
    const path = join(folder, 'bad.json')
    const bad = structuredClone(passport)
    Object.assign(bad.rounds[1]?.report ?? {}, { is_partial: false })
    await writeFile(path, JSON.stringify(bad))
    const { code, document } = await study('verify', path)
    expect(code).toBe(1)
    const { findings } = document as VerifyDocument
    expect(findings.map((finding) => finding.code)).toContain('PARTIAL_NOT_SAID')
    expect(findings[0]?.where).toContain('rounds.1.report.is_partial')
    const same = await ranHere(['verify', path, '--json'])
    expect([same.code, JSON.parse(same.out)]).toEqual([1, document])
  })

  it('refuses what is no passport', async () => {
    const path = join(folder, 'no.json')
    await writeFile(path, 'not json')
    expect(await study('verify', path)).toMatchObject({
      code: 2,
      document: { error: { code: 'NOT_A_PASSPORT' } },
    })
  })
})

describe('islet study submit', () => {
  it('refuses a plan at its line before anything is opened', async () => {
    const path = join(folder, 'wrong.yaml')
    const example = await readFile('examples/study.yaml', 'utf8')
    await writeFile(path, example.replace('rounds: 3', 'rounds: 0'))
    const { code, document } = await study('submit', path, '--sheet', 'examples/sheet.yaml', '--as', 'meadow')
    expect(code).toBe(2)
    expect(document).toMatchObject({
      error: { code: 'PLAN_REFUSED', at: { file: path, field: 'rounds', line: expect.any(Number) } },
    })
  })
})

describe('the governance of a study on the ledger of ten institutions', () => {
  let consortium: Consortium | undefined
  let desk: StudyDesk
  let before: StudyDocument

  beforeAll(async () => {
    const { code, document } = await study('submit', 'examples/study.yaml', '--as', 'meadow')
    expect(code).toBe(0)
    before = document as StudyDocument
    consortium = await openConsortium({ directory: data })
    desk = await openStudyDesk(consortium)
  })
  afterAll(async () => {
    await consortium?.close()
  })

  const find = () => desk.find(undefined)
  const status = async () => studyStatus(desk, await find())
  const inDays = async (days: number): Promise<UnixSeconds> =>
    quantity<UnixSeconds>((await desk.chain.head()).timestamp + days * 86_400)
  async function vote(
    key: string,
    verdict: 'APPROVE' | 'REVOKE' | 'RENEW',
    until?: UnixSeconds,
    conditions?: string,
  ) {
    const { study: id } = await find()
    const { planHash } = await desk.chain.study(id)
    const { seat } = await desk.officesOf(key)
    await desk.chain.as(seat).vote(id, planHash, {
      verdict,
      ...(until === undefined ? {} : { until }),
      ...(conditions === undefined ? {} : { conditions: conditionsHash(conditions) }),
    })
  }
  const refused = expect.objectContaining({ code: 'STUDY_CALL_REFUSED' })

  it('begins with an application that nobody has approved', () => {
    expect(before).toMatchObject({
      state: 'SUBMITTED',
      applicant: 'meadow',
      plan_version: 1,
      committee: { quorum: 3, until: null, conditions: null },
      sites: [],
      rounds: [],
      model: null,
    })
  })

  it('goes from committee to sites to open, each by its own office, and back to the start with another plan', async () => {
    const { study: id } = await find()
    const meadow = desk.chain.as(desk.signerOf('meadow'))
    const until = await inDays(30)
    const { planHash } = await desk.chain.study(id)

    // The applicant's own seat is recused; a site does not join before the committee decided.
    await expect(vote('meadow', 'APPROVE', until)).rejects.toEqual(refused)
    const north = await desk.officesOf('north')
    await expect(desk.chain.as(north.reviewer).approveSite(id, planHash)).rejects.toEqual(refused)

    // A seat that stepped back counts no more; two of three are too few.
    const bridge = await desk.officesOf('bridge')
    await desk.chain.as(bridge.seat).recuse(id)
    await expect(vote('bridge', 'APPROVE', until)).rejects.toEqual(refused)
    await vote('north', 'APPROVE', until, 'publish the code')
    await vote('south', 'APPROVE', until, 'publish the code')
    expect(await status()).toMatchObject({
      state: 'SUBMITTED',
      committee: {
        votes: [
          { seat: 'north', verdict: 'APPROVE' },
          { seat: 'south', verdict: 'APPROVE' },
        ],
      },
    })
    await vote('east', 'APPROVE', until, 'publish the code')
    expect(await status()).toMatchObject({
      state: 'CONDITIONAL',
      committee: { recused: ['bridge'], conditions: conditionsHash('publish the code') },
    })
    await expect(meadow.acceptConditions(id, conditionsHash('publish nothing'))).rejects.toEqual(refused)
    await meadow.acceptConditions(id, conditionsHash('publish the code'))
    expect((await status()).state).toBe('APPROVED')

    // Nobody opens before enough sites agreed, and nobody agrees for another site.
    await expect(meadow.open(id)).rejects.toEqual(refused)
    await desk.chain.as(north.reviewer).approveSite(id, planHash)
    const south = await desk.officesOf('south')
    await expect(desk.chain.as(south.seat).approveSite(id, planHash)).rejects.toEqual(refused)
    await expect(meadow.approveSite(id, planHash)).rejects.toEqual(refused)
    await desk.chain.as(south.reviewer).approveSite(id, planHash)
    await expect(desk.chain.as(desk.signerOf('north')).open(id)).rejects.toEqual(refused)
    await meadow.open(id)
    expect((await status()).sites.map(({ key, state }) => [key, state])).toEqual([
      ['north', 'APPROVED'],
      ['south', 'APPROVED'],
    ])

    // A renewal reaches further; a site leaves by its own word alone.
    for (const key of ['north', 'south', 'east']) await vote(key, 'RENEW', await inDays(60))
    await expect(desk.chain.as(desk.signerOf('east')).leaveStudy(id)).rejects.toEqual(refused)
    await desk.chain.as(desk.signerOf('south')).leaveStudy(id)
    expect((await status()).sites.map(({ state }) => state)).toEqual(['APPROVED', 'LEFT'])

    // Another sheet is another plan: every approval is void, and people are shown what changed.
    const sheet = readSheet(await readFile('examples/sheet.yaml', 'utf8'))
    const [first, ...rest] = sheet.sections
    if (first === undefined) throw new Error('expected a section')
    const next = { ...sheet, sections: [{ ...first, text: [...first.text, 'It ends in May.'] }, ...rest] }
    expect(sheetDifference(sheet, next)).toEqual([
      expect.objectContaining({ kind: 'CHANGED', id: 'what-for', added: ['It ends in May.'], removed: [] }),
    ])
    const plan = readPlan(await readFile('examples/study.yaml', 'utf8'))
    await expect(desk.amend(await find(), plan, next)).rejects.toMatchObject({ code: 'SHEET_NOT_THE_PLANS' })
    const other = { ...plan, data: { ...plan.data, features: ['glucose'] } }
    await expect(desk.amend(await find(), other, sheet)).rejects.toMatchObject({
      code: 'MODEL_NOT_THE_PLANS',
      remedy: expect.stringContaining('initial_hash: "0x'),
    })
    const foreign = { ...plan, model: { ...plan.model, code_hash: plan.information_sheet } }
    await expect(desk.amend(await find(), foreign, sheet)).rejects.toMatchObject({
      code: 'CODE_NOT_THE_PLANS',
      remedy: expect.stringContaining(plan.model.code_hash),
    })
    const silent = { ...plan, outputs: ['model', 'extract'], extract: { mode: 'shifted', k: 5 } } as const
    const telling = { ...silent, outputs: [...silent.outputs] }
    await expect(desk.amend(await find(), telling, sheet)).rejects.toMatchObject({ code: 'EXTRACT_NOT_TOLD' })
    const hash = await desk.shelf.keepSheet(next)
    await desk.amend(await find(), { ...plan, information_sheet: hash }, next)
    const amended = await status()
    expect(amended).toMatchObject({ state: 'SUBMITTED', plan_version: 2, information_sheet: hash })
    expect(amended.sites.every(({ state }) => state === 'LEFT')).toBe(true)
    expect(amended.plan_sha256).not.toBe(before.plan_sha256)
    await expect(desk.chain.as(north.seat).vote(id, planHash, { verdict: 'APPROVE', until })).rejects.toEqual(
      refused,
    )
  })

  it('is revoked by the committee for good', async () => {
    const { study: id } = await find()
    const until = await inDays(30)
    for (const key of ['north', 'south', 'east']) await vote(key, 'APPROVE', until)
    for (const key of ['north', 'south', 'east']) await vote(key, 'REVOKE')
    expect((await status()).state).toBe('REVOKED')
    await expect(desk.chain.as(desk.signerOf('meadow')).open(id)).rejects.toEqual(refused)
  })

  it('has a registry without models, and no study that nobody applied for', async () => {
    expect(await studyModels(desk)).toEqual([])
    await expect(desk.find('0xnone')).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' })
  })

  it('is read again by the command, with an act that the ledger refuses as an error of its own', async () => {
    await consortium?.close()
    consortium = undefined
    const { code, document } = await study('withdraw', before.study.slice(0, 8), '--as', 'meadow')
    expect(code).toBe(2)
    // The reason is read out of the study's state and the table of who may do what.
    expect(document).toMatchObject({
      error: { code: 'STUDY_CALL_REFUSED', message: expect.stringContaining('the study is REVOKED') },
    })
  })

  it('counts, days, vouchers and extracts have a verb, whose refusals are coded', async () => {
    const id = before.study.slice(0, 10)
    const counted = await study('feasibility', 'examples/study.yaml', '--site', 'north', '--as', 'bridge')
    expect(counted).toMatchObject({
      code: 0,
      document: { asker: 'bridge', epsilon: 0.1, sites: [{ key: 'north', spent: 0.1 }] },
    })
    expect(await study('exchange', id)).toMatchObject({
      code: 0,
      document: { state: 'NOT_PLANNED', next: null },
    })
    expect(await study('credits', id)).toMatchObject({ code: 0, document: { sites: [], voucher: null } })
    const out = join(folder, 'extract.json')
    expect(await study('extract', id, '--out', out)).toMatchObject({
      code: 2,
      document: { error: { code: 'EXTRACT_NOT_PLANNED' } },
    })
    expect(await study('contribution', id)).toMatchObject({
      code: 2,
      document: { error: { code: 'CONTRIBUTION_NOT_PLANNED' } },
    })
  })
})
