/** Who may ask an institution to act in a study: its own people, while it is no suspended member, and for its own studies. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { messageSigner } from '../../api/index.ts'
import { codeOf } from '../../consent/testing/scene.ts'
import { signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { secp256k1Signer } from '../../ledger/index.ts'
import { hashOf } from '../../ledger/testing/fixtures.ts'
import { createCourier, sender } from '../../transport/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { sha256, wallClock } from '../institution/wire.ts'
import { CHARTER, THRESHOLD } from '../world/charter.ts'
import { type Consortium, openConsortium } from '../world/consortium.ts'
import { voteOnStanding } from '../world/member-standing.ts'
import { type StudyOffice, studyOffice } from './study-office.ts'
import { studyShelf } from './study-shelf.ts'

const MEADOWS = hashOf('a study of Meadow')
const NOBODYS = hashOf('no study')

let directory: string
let town: Consortium
let office: StudyOffice
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-office-'))
  town = await openConsortium({ directory })
  office = studyOffice(town, (error) => {
    throw error
  })
  await studyShelf(directory).keepStudy({
    schema: 'islet.study.file/1',
    study: MEADOWS,
    applicant: 'meadow',
    salt: hashOf('salt'),
    first_plan_hash: hashOf('plan'),
    plans: [hashOf('plan')],
  })
})
afterAll(async () => {
  await office.close()
  await town.close()
  await rm(directory, { recursive: true, force: true })
})

/** A researcher of a house, who asks it to run a study; the refusal's code. */
async function researcherAt(house: Hosted) {
  const key = messageSigner(signer(randomBytes(32), nodeEd25519))
  await house.staff.enlist({ name: 'Ada', key: key.keyId, office: 'researcher' })
  const courier = createCourier({
    ...town.road,
    signer: key,
    verifier: nodeEd25519,
    sha256,
    now: wallClock,
    random: randomBytes,
  })
  const from = { kind: 'staff', key: key.keyId } as const
  const send = sender(courier, { from, now: wallClock, random: randomBytes, tries: 1 })
  return (at: Hosted, study: typeof MEADOWS) => codeOf(send(at.id, 'study-run', { study }))
}

async function suspend({ id: institution }: Hosted): Promise<void> {
  const vote = {
    kind: 'SUSPEND',
    institution,
    deadline: quantity<UnixSeconds>(Math.floor(wallClock()) + 3600),
  } as const
  for (const { key } of CHARTER.slice(0, THRESHOLD)) {
    await voteOnStanding({ ...town, by: secp256k1Signer(town.house(key).keys.ledgerKey) }, vote)
  }
}

test('only the applicant’s own people have a study run, and at their own institution alone', async () => {
  const [meadow, lantern] = [town.house('meadow'), town.house('lantern')]
  const ada = await researcherAt(lantern)
  expect(await ada(lantern, NOBODYS)).toBe('STUDY_UNKNOWN')
  expect(await ada(lantern, MEADOWS)).toBe('NOT_THE_APPLICANT')
  expect(await ada(meadow, MEADOWS)).toBe('PARTY_UNKNOWN')
})

test('nobody acts for an institution that the members suspended', async () => {
  const lantern = town.house('lantern')
  const ada = await researcherAt(lantern)
  expect(await ada(lantern, NOBODYS)).toBe('STUDY_UNKNOWN')
  await suspend(lantern)
  expect(await ada(lantern, NOBODYS)).toBe('PARTY_SUSPENDED')
})
