/**
 * What learned from a person: the ledger's rounds and the sites' proofs, fetched without a name and checked here.
 *
 * Law: the secret of a consent never leaves this device; a site is asked about a mark, which says nothing without it.
 */
import type { GrantState } from '../../../consent/browser.door.ts'
import {
  cohortMark,
  type MyConsent,
  type MyStudy,
  myModels,
  type ProofOf,
  type StudyHistory,
} from '../../../study/browser.door.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import { fromHex, type Hash32, hash32, quantity, toHex, type UnixSeconds } from '../../../vocabulary/index.ts'
import { askNode } from '../../shared/node-fetch.ts'

type Proof = Awaited<ReturnType<ReturnType<typeof askNode>['cohortProof']>>['proof']

/** Rounds and models of one study for the consents given to it; undefined where none has begun. Throws `NODE_AWAY`. */
export async function learnedFromMe(
  study: Hash32,
  grants: readonly GrantState[],
): Promise<MyStudy | undefined> {
  const node = askNode()
  const told = await node.studyHistory({ params: { study } })
  const history: StudyHistory = {
    study,
    title: told.title,
    purpose: told.duo,
    rounds: told.rounds.map(({ round, opened_seconds, cohorts, survivors }) => ({
      round,
      openedAt: quantity<UnixSeconds>(opened_seconds),
      cohortRoots: new Map(cohorts.map(({ site, root }) => [site, root])),
      survivors,
    })),
    versions: told.versions.map(({ withdrawn, ...version }) => ({ ...version, isWithdrawn: withdrawn })),
  }
  const consents = grants.map(
    ({ handOver: { opening } }): MyConsent => ({
      study,
      site: opening.reader,
      secret: fromHex(opening.salt),
    }),
  )
  const { hasher } = webCrypto
  const proofs = new Map<string, Proof>()
  for (const { site, secret } of consents) {
    for (const { round, cohortRoots } of history.rounds) {
      if (!cohortRoots.has(site)) continue
      const mark = hash32(toHex(cohortMark(secret, { study, round }, hasher)))
      const params = { study, round, site, mark }
      proofs.set(`${round} ${site} ${mark}`, (await node.cohortProof({ params })).proof)
    }
  }
  const proofOf: ProofOf = (_, round, site, mark) => proofs.get(`${round} ${site} ${mark}`) ?? undefined
  return myModels(consents, [history], proofOf, hasher)[0]
}
