/** A study on virtual patients, whole: real consents through the consent room, a real ledger, a passport verified. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { VerifyDocument } from '../src/api/documents.door.ts'
import { exportDump, sourceOf } from '../src/audit/index.ts'
import { ranHere } from '../src/node/cli/testing/ran-here.ts'
import { openPerson, type PersonHere } from '../src/node/story/person.ts'
import { auditSites } from '../src/node/study/audit-desk.ts'
import { joinStudy } from '../src/node/study/join-study.ts'
import { leaveStudy, myStudies } from '../src/node/study/my-studies.ts'
import { recordedResults } from '../src/node/study/recorded-results.ts'
import { issuePassport } from '../src/node/study/run-study.ts'
import { takeClaim } from '../src/node/study/shown-voucher.ts'
import { standingForecaster } from '../src/node/study/standing-forecaster.ts'
import { studyAnswers } from '../src/node/study/study-answers.ts'
import { studyModels } from '../src/node/study/study-models.ts'
import { studyStatus } from '../src/node/study/study-status.ts'
import { playVirtualStudy, type VirtualStudy } from '../src/node/study/virtual-study.ts'
import { claimVoucher, issueVouchers, redeemVoucher, studyCredits } from '../src/node/study/voucher-desk.ts'
import { type Consortium, openConsortium } from '../src/node/world/consortium.ts'
import {
  type AuditedRound,
  auditRound,
  LedgerFactsFold,
  networkLearner,
  passportEvidence,
  sheetHash,
  signClaim,
  verifyPassport,
} from '../src/study/index.ts'
import { nodeCrypto } from '../src/vault/node-cipher.door.ts'
import {
  fromBase64Url,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
} from '../src/vocabulary/index.ts'

const directory = await mkdtemp(join(tmpdir(), 'islet-study-'))
const told: string[] = []
const HALTED = new IsletError('LEDGER_HALTED', 'the ledger takes nothing', { because: 'DISK_FULL' })
let isHalted = false
let consortium: Consortium
let played: VirtualStudy
let people: readonly PersonHere[]

beforeAll(async () => {
  consortium = await openConsortium({ directory })
  played = await playVirtualStudy(consortium, {
    seed: 3,
    sites: ['north', 'south', 'west'],
    rounds: 2,
    patience: 60,
    watcher: {
      // In the second round, when an update is committed, the ledger takes nothing once.
      stepped: (_, { round, did }) => {
        if (round !== 2 || did !== 'commit' || isHalted) return
        isHalted = true
        vi.spyOn(consortium.ledger, 'submit').mockRejectedValueOnce(HALTED)
      },
      halted: (because) => told.push(`halted ${because}`),
      resumed: () => told.push('resumed'),
      consented: (people) => told.push(`${people} consented`),
      ended: (round, phase) => told.push(`round ${round} ${phase}`),
    },
  })
}, 240_000)
beforeAll(async () => {
  const handles = await readdir(join(directory, 'patients'))
  people = await Promise.all(handles.map((handle) => openPerson(consortium, handle, consortium.unlock)))
})
afterAll(async () => {
  await consortium?.close()
  await rm(directory, { recursive: true, force: true })
})

test('a study on virtual patients ends in a passport that holds against ledger, updates and model', async () => {
  const { verdict, passport, desk, file, sites, stopped } = played
  expect(told).toEqual(['4 consented', 'round 1 FINAL', 'halted DISK_FULL', 'resumed', 'round 2 FINAL'])
  expect(verdict).toMatchObject({ ok: true, findings: [], anchored: true, unchecked: [] })
  expect(passport.rounds).toHaveLength(2)
  expect(passport.rounds[1]?.report.is_partial).toBe(false)
  const head = await desk.chain.headVersion(file.study)
  expect(passport.version.model).toBe(head?.model)
  // Two people of the first site took part; one of them stopped after the first round.
  const [first] = sites.sites
  expect((await first?.site.cohort(1))?.included).toContain(stopped)
  expect((await first?.site.cohort(2))?.included).not.toContain(stopped)
  for (const { site } of sites.sites) expect((await site.cohort(2))?.included).toHaveLength(1)
  // Every round read each person anew through their custodian, who logged it, also where the bytes were still at hand.
  for (const [i, { agent }] of people.entries()) {
    const accesses = await agent.accesses()
    const reads = accesses.filter(({ clear }) => clear.action === 'read')
    const left = agent.memory.now.grants.some(({ handOver }) => handOver.consentId === stopped)
    expect([i, reads.length]).toEqual([i, left ? 1 : 2])
    for (const { clear, details } of reads)
      expect([clear.count, details]).toEqual([reads[0]?.clear.count, reads[0]?.details])
  }
})

test('each person sees every round and model that learned from them, proved, and nobody else’s', async () => {
  const { desk, sites, file, stopped } = played
  const all = await Promise.all(people.map(({ agent }) => myStudies(desk, agent, async () => sites)))
  for (const [i, { studies, findings }] of all.entries()) {
    const grants = people[i]?.agent.memory.now.grants ?? []
    const left = grants.some(({ handOver }) => handOver.consentId === stopped)
    const [mine] = studies
    expect(findings).toEqual([])
    expect(mine?.rounds.map(({ proof, verified }) => [proof, verified])).toEqual([
      ['PRESENT', true],
      [left ? 'ABSENT' : 'PRESENT', true],
    ])
    // The second model is built on the first: it learned from all whom the first learned from.
    expect(mine?.models.map(({ version, rounds }) => [version, rounds])).toEqual([
      [1, [1]],
      [2, left ? [1] : [1, 2]],
    ])
    expect(mine?.study).toBe(file.study)
  }
})

test('a round done again from a site’s own data gives the committed hashes, unless somebody stopped since', async () => {
  const { sites } = played
  const codes: Record<string, AuditedRound['code']> = {}
  for (const { key, site, ports } of sites.sites)
    for (const round of [1, 2])
      codes[`${key} ${round}`] = (await auditRound(ports, sites.study, round, await site.cohort(round))).code
  const first = sites.sites[0]?.key ?? ''
  const expected = Object.fromEntries(Object.keys(codes).map((name) => [name, 'REPEATED']))
  expect(codes).toEqual({ ...expected, [`${first} 1`]: 'PERSON_GONE' })

  // A site that trained on other data than it declared is found out.
  const south = sites.sites[1]
  if (south === undefined) throw new Error('expected a second site')
  const { ports, site } = south
  const other: typeof ports = {
    ...ports,
    people: {
      ...ports.people,
      open: async (claim) => {
        const opened = await ports.people.open(claim)
        if (opened.trace === undefined) return opened
        const { glucose } = opened.trace
        const value = glucose.value.map((mgdl) => mgdl + 1)
        return { ...opened, trace: { ...opened.trace, glucose: { ...glucose, value } } }
      },
    },
  }
  expect(await auditRound(other, sites.study, 2, await site.cohort(2))).toMatchObject({
    code: 'UPDATE_DIFFERS',
  })
  const secret = ports.secret.map((byte) => byte ^ 1)
  expect(await auditRound({ ...ports, secret }, sites.study, 2, await site.cohort(2))).toMatchObject({
    code: 'COHORT_DIFFERS',
  })
})

test('sites that repeated every round of theirs are named in the passport, and nobody says "audited" for the others', async () => {
  const { desk, file, sites } = played
  const [first, ...others] = sites.sites.map(({ ports }) => ports.own)
  await auditSites(desk, sites)
  const { ledger } = consortium
  const issue = () =>
    issuePassport(desk, sites, file, { chainId: ledger.chainId, deployment: desk.deployment })
  const passport = await issue()
  const learner = networkLearner(sites.study.plan, { hasher: nodeCrypto.hasher })
  const evidence = await passportEvidence({ chain: desk.chain, objects: sites.objects, learner }, file.study)
  const verdict = verifyPassport(passport, evidence)
  expect([verdict.ok, verdict.findings, verdict.cohortEvidence]).toEqual([true, [], 'declared'])
  expect(verdict.auditedSites).toEqual(others)
  // What is folded from the ledger's events is what its views say.
  const fold = new LedgerFactsFold(file.study)
  for await (const event of desk.chain.events(0)) fold.note(event)
  const { rounds, cohortRoots, ...folded } = fold.facts(2) ?? {}
  const { rounds: viewed, cohortRoots: roots, ...views } = evidence.ledger ?? {}
  expect(folded).toEqual(views)
  for (const [round, { model, report }] of viewed ?? [])
    expect(rounds?.get(round)).toMatchObject({ model, report })
  for (const [name, root] of roots ?? []) expect(cohortRoots?.get(name)).toBe(root)
  expect(fold.facts(3)).toBeUndefined()
  // Asked again, nothing is recorded twice.
  const { height } = await desk.chain.head()
  await auditSites(desk, sites)
  expect((await desk.chain.head()).height).toBe(height)
  expect(await issue()).toEqual(passport)

  // Of sites elsewhere that counts which the ledger has under their own key; the rest is said as it is.
  const [gone, honest, liar] = [first, ...others]
  const recorded = await recordedResults(desk.chain, file.study)
  const resultOf = (by: typeof first) => [...recorded].find(([, site]) => site === by)?.[0] ?? null
  const said = (result: Hash32 | null) => ({
    rounds: [1, 2].map((round) => ({ round, code: 'REPEATED' })),
    result,
  })
  const heardOf = async (lie: Hash32 | null) => {
    const audit = async (site: InstitutionId) => {
      if (site === gone) throw new IsletError('PEER_TOO_SLOW', 'mute')
      return said(site === honest ? resultOf(honest) : lie)
    }
    const apart = { ...sites, sites: [], elsewhere: { ...sites.elsewhere, audit } }
    const outcomes = await auditSites(desk, apart)
    return [gone, honest, liar].map((site) =>
      outcomes.filter((one) => one.site === site).map(({ code }) => code),
    )
  }
  for (const lie of [null, resultOf(honest), resultOf(gone)])
    expect(await heardOf(lie)).toEqual([
      ['PEER_TOO_SLOW', 'PEER_TOO_SLOW'],
      ['REPEATED', 'REPEATED'],
      ['PEER_ANSWER_WRONG', 'PEER_ANSWER_WRONG'],
    ])
  expect((await heardOf(resultOf(liar)))[2]).toEqual(['REPEATED', 'REPEATED'])

  // A word that nobody recorded, and one recorded by another than the site, are found out.
  const result = passport.results?.find((one) => 'site' in one && one.site !== first)
  if (result?.schema !== 'islet.study.audit-result/1') throw new Error('expected an audit')
  const forged = { ...passport, results: [{ ...result, site: first ?? result.site }] }
  expect(verifyPassport(forged, evidence).findings).toContainEqual({
    code: 'LEDGER_DISAGREES',
    at: 'results.0',
  })
})

test('a passport is anchored without a node: by a dump and the heads that others hold', async () => {
  const { desk, file } = played
  await consortium.tick(true)
  const dump = join(directory, 'dump')
  await exportDump({ source: await sourceOf(directory), target: dump, objects: 'names' })
  const head = consortium.house('east').heads.newest()
  const passport = await desk.shelf.passport(file.study)
  if (head === undefined || passport === undefined) throw new Error('expected a head and a passport')
  const [good, bad, anchor] = ['passport.json', 'bad.json', 'head.json'].map((name) => join(directory, name))
  if (good === undefined || bad === undefined || anchor === undefined) throw new Error('expected names')
  await writeFile(anchor, JSON.stringify(head))
  await writeFile(good, JSON.stringify(passport))
  const other = structuredClone(passport)
  const [contribution] = other.rounds[0]?.contributions ?? []
  // A root is in no other hash of the document: only the ledger knows it.
  Object.assign(contribution ?? {}, { cohort_root: `0x${'7'.repeat(64)}` })
  await writeFile(bad, JSON.stringify({ ...other, results: undefined, cohort_evidence: 'declared' }))
  const verified = async (path: string, ...more: readonly string[]) => {
    const { code, out } = await ranHere(['study', 'verify', path, ...more, '--json'])
    return { code, document: JSON.parse(out) as Partial<VerifyDocument> & { error?: { code: string } } }
  }
  const alone = await verified(good)
  expect(alone).toMatchObject({ code: 0, document: { ok: true, anchored: false } })
  expect(alone.document.notes?.map(({ code }) => code)).not.toContain('CODE_NOT_HERE')
  const anchored = await verified(good, '--dump', dump, '--anchor', anchor)
  expect(anchored).toMatchObject({ code: 0, document: { ok: true, anchored: true, findings: [] } })
  expect(anchored.document.notes?.map(({ code }) => code)).not.toContain('LEDGER_UNCHECKED')
  expect((await verified(bad)).code).toBe(0)
  expect(await verified(bad, '--dump', dump, '--anchor', anchor)).toMatchObject({
    code: 1,
    document: { ok: false, anchored: true, findings: [{ code: 'LEDGER_DISAGREES' }] },
  })
  // Contracts that were not created from the committed code say nothing, whatever they say.
  const elsewhere = { ...passport, ledger: { ...passport.ledger, rounds: desk.deployment.credits } }
  await writeFile(bad, JSON.stringify(elsewhere))
  expect(await verified(bad, '--dump', dump, '--anchor', anchor)).toMatchObject({
    code: 2,
    document: { error: { code: 'DUMP_OF_ANOTHER_LEDGER' } },
  })
  expect(await verified(good, '--anchor', anchor)).toMatchObject({
    code: 2,
    document: { error: { code: 'ANCHOR_NEEDS_DUMP' } },
  })
  expect(await verified(good, '--dump', dump)).toMatchObject({
    code: 2,
    document: { error: { code: 'DUMP_NEEDS_ANCHOR' } },
  })
})

test('who took part claims a voucher, the site issues its padded batch once, and the bearer has it redeemed once', async () => {
  const { desk, file, sites, stopped } = played
  const parts = { consortium, desk, file, running: sites }
  const [north, south] = sites.sites.map(({ key }) => key)
  if (north === undefined || south === undefined) throw new Error('expected sites')
  const southId = consortium.house(south).id
  const bearer = people.find(({ agent }) =>
    agent.memory.now.grants.some(({ handOver }) => handOver.opening.reader === southId),
  )
  if (bearer === undefined) throw new Error('expected somebody at the second site')
  await expect(issueVouchers(parts, south)).rejects.toMatchObject({ code: 'VOUCHERS_NONE' })
  await expect(claimVoucher(parts, north, bearer)).rejects.toMatchObject({ code: 'NOT_A_PARTICIPANT' })
  await claimVoucher(parts, south, bearer)
  await claimVoucher(parts, south, bearer)
  // From a page elsewhere the consent's own key signs: with another nobody's claim is believed.
  const theirs = bearer.agent.memory.now.grants.find(({ handOver }) => handOver.opening.reader === southId)
  const commitment = hash32(`0x${'c1'.repeat(32)}`)
  const claim = {
    study: file.study,
    consent: hash32(theirs?.handOver.consentId ?? ''),
    commitment,
    signature: signClaim(new Uint8Array(32).fill(7), { study: file.study, site: southId }, commitment),
  }
  await expect(takeClaim(parts, south, claim)).rejects.toMatchObject({ code: 'NOT_A_PARTICIPANT' })
  await expect(redeemVoucher(parts, south, bearer, 'bridge')).rejects.toMatchObject({
    code: 'VOUCHERS_NOT_ISSUED',
  })
  await issueVouchers(parts, south)
  await expect(issueVouchers(parts, south)).rejects.toMatchObject({ code: 'VOUCHERS_ISSUED' })
  const named = { site: south, person: bearer }
  const before = await studyCredits(parts, named)
  expect(before.sites.find(({ key }) => key === south)).toMatchObject({
    claimed: 1,
    batch: { size: 16, redeemed: 0 },
  })
  expect(before.voucher?.state).toBe('ISSUED')
  expect(JSON.stringify(before)).not.toContain(bearer.handle)
  await redeemVoucher(parts, south, bearer, 'bridge')
  await expect(redeemVoucher(parts, south, bearer, 'meadow')).rejects.toMatchObject({
    code: 'VOUCHER_REDEEMED',
  })
  // Who stopped took part all the same, and comes too late once the batch is issued.
  const left = people.find(({ agent }) =>
    agent.memory.now.grants.some(({ handOver }) => handOver.consentId === stopped),
  )
  if (left === undefined) throw new Error('expected the person who stopped')
  await claimVoucher(parts, north, left)
  const after = await studyCredits(parts, named)
  expect([after.voucher?.state, after.sites.map(({ batch }) => batch?.redeemed ?? null)]).toEqual([
    'REDEEMED',
    [null, 1, null],
  ])
})

test('the registry links each version to the cohorts, updates and anchors that it rests on, and to what was recorded of it', async () => {
  const { desk, passport, sites } = played
  const [first, second] = await studyModels(desk)
  expect([first?.data_roots.length, second?.data_roots.length]).toEqual([3, 6])
  const inPassport = passport.rounds.flatMap(({ contributions }) =>
    contributions.map(({ site, cohort_root, update }) => [desk.handleOf(site), cohort_root, update]),
  )
  const inRegistry = second?.data_roots.map(({ site, cohort_root, update }) => [site, cohort_root, update])
  expect(inRegistry).toEqual(inPassport)
  expect(second?.recorded.map(({ by, document }) => [by, document]).sort()).toEqual(
    sites.sites.map(({ key }) => [key, 'islet.study.audit-result/1']).sort(),
  )
  // After a slot was anchored, a later block knows it.
  const { height } = await desk.chain.head()
  expect(await desk.anchoredBy(consortium.house('north').id, 0)).toBeUndefined()
  expect(await desk.anchoredBy(consortium.house('north').id, height)).toMatchObject({
    root: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  })
})

test('who forecasts at home is handed the newest standing version byte for byte, and nothing that a plan keeps', async () => {
  const { desk } = played
  const files = await desk.shelf.studies()
  const newest = (await studyModels(desk)).findLast(({ state }) => state === 'STANDING')
  const handed = await standingForecaster(desk, files)
  expect(handed).toMatchObject({ version: newest?.version, model: newest?.model, kind: 'gru', hidden: 8 })
  expect(toHex(nodeCrypto.hasher.sha256(fromBase64Url(handed?.bytes ?? '')))).toBe(newest?.model)
  const shelf: typeof desk.shelf = {
    ...desk.shelf,
    plan: async (hash) => {
      const plan = await desk.shelf.plan(hash)
      return plan === undefined ? undefined : { ...plan, outputs: ['metrics'] }
    },
  }
  expect(await standingForecaster({ ...desk, shelf }, files)).toBeNull()
})

test('the state of the study counts the people of its cohorts where the sites are of this node', async () => {
  const { desk, file, sites } = played
  const here = await studyStatus(desk, file, sites.sites)
  expect(here.rounds.map(({ cohort, state }) => [state, cohort])).toEqual([
    ['FINAL', { sites: 3, people: 4 }],
    ['FINAL', { sites: 3, people: 3 }],
  ])
  expect(here.sites.map(({ people: count }) => count)).toEqual([1, 1, 1])
  expect((await studyStatus(desk, file)).rounds.map(({ cohort }) => cohort.people)).toEqual([null, null])
})

test('whoever leaves gets a receipt of the block from which they are out', async () => {
  const { desk, file, stopped } = played
  const person = people.find(({ agent }) =>
    agent.memory.now.grants.some(({ handOver }) => handOver.consentId !== stopped),
  )
  if (person === undefined) throw new Error('expected people')
  const { height } = await desk.chain.head()
  const { receipts, on_their_way: onTheirWay } = await leaveStudy(desk, consortium, file, person.agent)
  expect(onTheirWay).toEqual([])
  expect(receipts).toHaveLength(1)
  expect(receipts[0]?.out_from_block).toBeGreaterThan(height)
  expect(await leaveStudy(desk, consortium, file, person.agent)).toMatchObject({
    receipts: [],
    on_their_way: [],
  })
})

test('whoever left may read the sheet and come back, by the version that they name and no other', async () => {
  const { desk, file, stopped } = played
  const person = people.find(({ agent }) =>
    agent.memory.now.grants.some(({ handOver }) => handOver.consentId === stopped),
  )
  if (person === undefined) throw new Error('expected the person who stopped')
  const { agent } = person
  const house = consortium.house('north')
  const shown = await joinStudy(desk, file, { agent, house })
  expect(shown.document).toMatchObject({ changes: [], consent: null, site: 'north' })
  expect(shown.sheet.sections.length).toBeGreaterThan(0)
  await expect(joinStudy(desk, file, { agent, house, read: '0xother' })).rejects.toMatchObject({
    code: 'SHEET_OUTDATED',
  })
  const read = shown.document.information_sheet.slice(0, 12)
  const { document } = await joinStudy(desk, file, { agent, house, read })
  expect(document.consent).not.toBe(stopped)
  const held = house.institution.reader.grants().map(({ consentId }) => String(consentId))
  expect(held).toContain(document.consent)
})

test('under masks and a privacy budget the same sites make a model whose passport holds as well', async () => {
  const masked = await playVirtualStudy(consortium, {
    seed: 4,
    sites: ['north', 'south', 'west'],
    rounds: 2,
    papers: ({ plan, sheet }) => ({
      sheet,
      plan: {
        ...plan,
        strategy: { ...plan.strategy, local_epochs: 1 },
        privacy: {
          aggregation: 'masked',
          clip_norm: 1,
          differential_privacy: { unit: 'patient', epsilon: 8, delta: 1e-5 },
        },
      },
    }),
  })
  expect(masked.verdict).toMatchObject({ ok: true, findings: [], anchored: true, unchecked: [] })
  const spent = masked.passport.rounds.map(({ report }) => report.epsilon ?? 0)
  expect(spent[0]).toBeLessThan(spent[1] ?? 0)
  expect(masked.passport.epsilon).toBe(spent[1])
  expect(masked.passport.epsilon).toBeLessThanOrEqual(8)
})

test('an amended plan under the same sheet counts nobody twice', async () => {
  const { desk, file, sites } = played
  const plan = await desk.shelf.plan((await desk.chain.plan(file.study)).document)
  if (plan === undefined) throw new Error('expected the plan')
  const document = await desk.shelf.keepPlan({ ...plan, rounds: plan.rounds + 1 })
  const holder = people.find(({ agent }) => agent.memory.now.grants.length > 0)
  if (holder === undefined) throw new Error('expected somebody who consented')
  const before = await myStudies(desk, holder.agent, async () => sites)
  await desk.shelf.keepStudy({ ...file, plans: [...file.plans, document] })
  expect(await myStudies(desk, holder.agent, async () => sites)).toEqual(before)
  await desk.shelf.keepStudy(file)
})

test('after a new sheet a person is shown what changed in words, and an old version is no consent', async () => {
  const { desk, file } = played
  const old = await desk.shelf.plan((await desk.chain.plan(file.study)).document)
  const before = old === undefined ? undefined : await desk.shelf.sheet(old.information_sheet)
  if (old === undefined || before === undefined) throw new Error('expected the papers')
  const [first, ...rest] = before.sections
  if (first === undefined) throw new Error('expected a section')
  const sheet = {
    ...before,
    sections: [
      { ...first, text: [...first.text, 'It now ends in May.'] },
      ...rest.slice(0, -1),
      { id: 'new', title: 'New', text: ['Something more.'] },
    ],
  }
  const amended = await desk.amend(file, { ...old, information_sheet: sheetHash(sheet) }, sheet)
  const holder = people.find(({ agent }) => agent.memory.now.grants.length > 0)
  if (holder === undefined) throw new Error('expected somebody who consented')
  const house = consortium.house('north')
  const { document } = await joinStudy(desk, amended, { agent: holder.agent, house })
  const changes = [
    { kind: 'CHANGED', id: first.id, title: first.title, added: ['It now ends in May.'], removed: [] },
    { kind: 'ADDED', id: 'new', title: 'New', added: ['Something more.'], removed: [] },
    expect.objectContaining({ kind: 'REMOVED', id: rest.at(-1)?.id, removed: rest.at(-1)?.text }),
  ]
  expect(document).toMatchObject({ information_sheet: sheetHash(sheet), sheet, changes, consent: null })
  const join = (read: string) => joinStudy(desk, amended, { agent: holder.agent, house, read })
  await expect(join(old.information_sheet)).rejects.toMatchObject({ code: 'SHEET_OUTDATED' })
  await expect(join(sheetHash(sheet))).rejects.toMatchObject({ code: 'STUDY_NOT_OPEN' })

  // The same over the API, where nobody need say who they are.
  const { studySheet, studyVouchers } = studyAnswers(consortium)
  const call = {
    params: { study: file.study },
    body: undefined,
    caller: { roles: [] },
    signal: new AbortController().signal,
  }
  const shown = await studySheet({ ...call, query: { before: old.information_sheet } })
  expect(shown).toMatchObject({ information_sheet: sheetHash(sheet), sheet, changes })
  expect((await studySheet({ ...call, query: {} })).changes).toBeNull()
  await expect(studySheet({ ...call, query: { before: file.study } })).rejects.toMatchObject({
    code: 'STUDY_PAPER_MISSING',
  })
  const other = { ...call, params: { study: sheetHash(sheet) }, query: undefined }
  await expect(studyVouchers(other)).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' })
})
