/**
 * The standing invitations of the sites of this node to a study: one signed request for each site and sheet, the same for
 * whoever reads it, so that nobody has to say that they want to join before they do.
 *
 * Laws: nobody is invited before committee and sites approved; the invitation names study, sheet, data and end as the
 * plan on the ledger has them; it is made once and kept, its commitment on the ledger first.
 */
import { join } from 'node:path'
import { type SignedRequest, SignedRequestSchema } from '../../consent/index.ts'
import { type StudyPlan, studySubject } from '../../study/index.ts'
import { type Hash32, parseInstant } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { Hosted } from '../institution/hosted.ts'
import type { Consortium } from '../world/consortium.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

/** Gives the invitations of a study’s sites here; none while it is not open. */
export function studyInvitations({ hosted }: Pick<Consortium, 'hosted'>) {
  const made = new Map<string, Promise<SignedRequest>>()
  const invitation = (house: Hosted, study: Hash32, plan: StudyPlan): Promise<SignedRequest> => {
    const name = join(house.directory, 'studies', study.slice(2), `invitation-${plan.information_sheet}.json`)
    const known = made.get(name) ?? keptOrMade(name, house, study, plan)
    made.set(name, known)
    // Tried anew when next somebody asks.
    known.catch(() => made.delete(name))
    return known
  }
  return async ({ chain, shelf }: StudyDesk, { study }: StudyFile): Promise<readonly SignedRequest[]> => {
    if ((await chain.study(study)).state !== 'OPEN') return []
    const plan = await shelf.plan((await chain.plan(study)).document)
    if (plan === undefined) return []
    const sites = new Set(await chain.approvedSites(study))
    const houses = [...hosted.values()].filter(({ id }) => sites.has(id))
    return Promise.all(houses.map((house) => invitation(house, study, plan)))
  }
}

async function keptOrMade(
  path: string,
  { institution, chain, name, keys }: Hosted,
  study: Hash32,
  plan: StudyPlan,
): Promise<SignedRequest> {
  const kept = await readDocumentFile(path, SignedRequestSchema, 'STUDY_PAPER_DAMAGED')
  if (kept !== undefined) return kept
  const { information_sheet: sheet, title, data, expires } = plan
  const request = await institution.reader.invite(
    {
      readerName: name,
      hpkePublicKey: keys.hpke.publicKey,
      subject: studySubject(study, sheet, title),
      kinds: data.kinds,
      actions: ['read'],
      purposes: ['HRESCH'],
      from: parseInstant(data.from),
      until: parseInstant(data.until),
      expiresAt: parseInstant(expires),
    },
    chain,
  )
  await writeDocumentFile(path, request)
  return request
}
