import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Hash32 } from '../vocabulary/index.ts'
import { ROUND_PHASES, STUDY_STATES } from './abi/index.ts'
import {
  type CallArgs,
  type CallName,
  contractCall,
  type Deployment,
  readContract,
  revertName,
} from './contracts.ts'
import { deployContracts } from './deploy.ts'
import { attachStudies, deployStudies, type StudyDeployment } from './deploy-studies.ts'
import { type EmbeddedLedger, openEmbedded } from './embedded.door.ts'
import { founderOf, hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'

const names = ['north', 'south', 'east']
const vectors = JSON.parse(readFileSync('test-vectors/study-hashes.json', 'utf8'))
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let ledger: EmbeddedLedger
let members: Deployment
let deployment: StudyDeployment
let keys = 0

beforeAll(async () => {
  folder = await temporaryFolder()
  ledger = await openEmbedded({ directory: folder.path, operator: signerOf('operator') })
  const by = signerOf('north')
  members = await deployContracts(ledger, { by, founders: names.map(founderOf), threshold: 2 })
  deployment = await deployStudies(ledger, members, { by, quorum: 2 })
})
afterAll(async () => {
  await ledger?.close()
  await folder?.remove()
})

async function send<C extends 'rounds' | 'studies', F extends CallName<C>>(
  contract: C,
  by: string,
  name: F,
  args: CallArgs<C, F>,
): Promise<'success' | 'reverted'> {
  const call = contractCall(deployment, contract, name, args)
  const receipt = await ledger.submit(call, { by: signerOf(by), keys: [hashOf(`study call ${keys++}`)] })
  return receipt.status
}

const hash = (text: string): Hash32 => hashOf(text)

test('the contracts of studies are deployed once and recognised', async () => {
  expect(await deployStudies(ledger, members, { by: signerOf('north'), quorum: 2 })).toEqual(deployment)
  await expect(attachStudies(ledger, { ...deployment, rounds: deployment.studies })).rejects.toMatchObject({
    code: 'OTHER_CONTRACT',
    facts: { contract: 'rounds' },
  })
})

test('a study is applied for, approved, opened and trained for one round on the embedded engine', async () => {
  const plan = { ...vectors.cases[0].plan, ends: 4_000_000_000n }
  const until = (await ledger.head()).timestamp + 86_400
  const decision = { verdict: 0, conditions: `0x${'00'.repeat(32)}` as const, until: BigInt(until) }
  for (const name of names) {
    await send('studies', name, 'seat', [signerOf(`seat ${name}`).address])
    await send('studies', name, 'setBoard', [[signerOf(`reviewer ${name}`).address], 1])
  }
  const { value: planHash } = await readContract(ledger, deployment, 'studies', 'planHashOf', [plan])
  const submit = contractCall(deployment, 'studies', 'submit', [plan, hash('salt')])
  const receipt = await ledger.submit(submit, { by: signerOf('north'), keys: [hash('submit')] })
  const study = receipt.logs[0]?.topics[1] ?? hash('none')
  expect(await send('studies', 'reviewer south', 'approveSite', [study, planHash])).toBe('reverted')
  for (const name of ['south', 'east']) {
    expect(await send('studies', `seat ${name}`, 'vote', [study, planHash, decision])).toBe('success')
  }
  for (const name of ['south', 'east']) {
    expect(await send('studies', `reviewer ${name}`, 'approveSite', [study, planHash])).toBe('success')
  }
  expect(await send('studies', 'south', 'open', [study])).toBe('reverted')
  expect(await send('studies', 'north', 'open', [study])).toBe('success')
  const record = await readContract(ledger, deployment, 'studies', 'studyOf', [study])
  expect(STUDY_STATES[record.value.state]).toBe('OPEN')

  await send('rounds', 'north', 'openRound', [study, 1, 0])
  const { value: opened } = await readContract(ledger, deployment, 'rounds', 'roundOf', [study, 1])
  const sites = ['south', 'east']
  await Promise.all(
    sites.map((name) => send('rounds', name, 'commitCohort', [study, 1, opened.openedBlock, hash(name)])),
  )
  for (const name of sites) {
    const args = [study, 1, founderOf(name).id, hash(`update ${name}`), hash(`salt ${name}`)] as const
    const { value } = await readContract(ledger, deployment, 'rounds', 'commitmentOf', args)
    expect(await send('rounds', name, 'commitUpdate', [study, 1, hash(name), value])).toBe('success')
  }
  for (const name of sites) {
    const reveal = [study, 1, hash(`update ${name}`), hash(`salt ${name}`)] as const
    expect(await send('rounds', name, 'reveal', reveal)).toBe('success')
  }
  for (const name of sites) {
    expect(await send('rounds', name, 'attest', [study, 1, hash('model'), hash('report')])).toBe('success')
  }
  const { value: round } = await readContract(ledger, deployment, 'rounds', 'roundOf', [study, 1])
  expect(ROUND_PHASES[round.phase]).toBe('FINAL')
  const { value: version } = await readContract(ledger, deployment, 'rounds', 'versionOf', [study, 1])
  expect(version).toMatchObject({ model: hash('model'), report: hash('report'), isWithdrawn: false })
})

test('a refusal of the contracts of studies has its name', async () => {
  const call = contractCall(deployment, 'rounds', 'openRound', [hash('no study'), 1, 0])
  const refused = await ledger
    .read({ to: deployment.rounds, data: call.data })
    .catch((error: unknown) => error)
  expect(revertName(refused)).toBe('NotASite')
})
