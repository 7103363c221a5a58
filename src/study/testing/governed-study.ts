/** A study that stands open on an embedded ledger: members, committee and sites by name, approved by their own keys. */

import type { Disk } from '../../ledger/disk.ts'
import { openEmbedded } from '../../ledger/embedded.door.ts'
import { deployContracts, deployStudies, type Signer } from '../../ledger/index.ts'
import { founderOf, hashOf, signerOf, temporaryFolder } from '../../ledger/testing/fixtures.ts'
import { type Hash32, type InstitutionId, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { studyChain } from '../study-chain.door.ts'
import type { StudyChain } from '../study-chain.ts'
import type { LedgerPlan } from '../study-hash.ts'

export interface GovernedStudy {
  readonly chain: StudyChain
  readonly study: Hash32
  readonly plan: LedgerPlan
  readonly names: readonly string[]
  id(name: string): InstitutionId
  signer(name: string): Signer
  close(): Promise<void>
}

/** Ledger, contracts and offices of so many members; nobody applied yet. */
export async function studyLedger(members: number, clock?: () => UnixSeconds, disk?: Disk) {
  const names = Array.from({ length: members }, (_, i) => `site ${String(i).padStart(2, '0')}`)
  const folder = await temporaryFolder()
  const ledger = await openEmbedded({
    directory: folder.path,
    operator: signerOf('operator'),
    ...(clock === undefined ? {} : { clock }),
    ...(disk === undefined ? {} : { disk }),
  })
  const by = signerOf(names[0] ?? '')
  const founders = names.map(founderOf)
  const deployment = await deployStudies(
    ledger,
    await deployContracts(ledger, { by, founders, threshold: 2 }),
    {
      by,
      quorum: 2,
    },
  )
  const chain = studyChain(ledger, deployment)
  await Promise.all(
    names.map(async (name) => {
      await chain.as(signerOf(name)).seat(signerOf(`seat ${name}`).address)
      await chain.as(signerOf(name)).setBoard([signerOf(`reviewer ${name}`).address], 1)
    }),
  )
  const close = async (): Promise<void> => {
    await ledger.close()
    await folder.remove()
  }
  return { chain, ledger, deployment, names, close }
}

/** A study of all members but the first, who applied. */
export async function governedStudy(
  sites: number,
  differs: Partial<LedgerPlan> = {},
): Promise<GovernedStudy> {
  const { chain, names, close } = await studyLedger(sites + 1)
  const [applicant = '', ...others] = names
  const plan: LedgerPlan = {
    document: hashOf('document'),
    sheet: hashOf('sheet'),
    model: hashOf('model'),
    aggregation: 'open',
    minimumSites: 2,
    rounds: 5,
    stepSeconds: 60,
    ends: 4_000_000_000,
    ...differs,
  }
  const { study } = await chain.as(signerOf(applicant)).submit(plan, hashOf('salt'))
  const { planHash } = await chain.study(study)
  const until = quantity<UnixSeconds>((await chain.head()).timestamp + 86_400)
  for (const name of others.slice(0, 2))
    await chain.as(signerOf(`seat ${name}`)).vote(study, planHash, { verdict: 'APPROVE', until })
  for (const name of others) await chain.as(signerOf(`reviewer ${name}`)).approveSite(study, planHash)
  await chain.as(signerOf(applicant)).open(study)
  return { chain, study, plan, names: others, id: (name) => founderOf(name).id, signer: signerOf, close }
}
