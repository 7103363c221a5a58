/**
 * Care at the institutions of this node: each serves the messages of its clinicians and duty officers.
 */
import type { Arrival } from '../../api/index.ts'
import {
  decisionBook,
  dutyOf,
  openEmergencyDesk,
  prescriptionBook,
  type StaffMember,
} from '../../care/index.ts'
import { type Second, shelfPart } from '../../consent/index.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import type { DoseLimits, DoseModel } from '../../learning/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  fromBase64Url,
  fromHex,
  hash32,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { doseLimits } from '../cli/dose-settings.ts'
import type { Hosted } from '../institution/hosted.ts'
import { institutionSend, type Road, wallClock } from '../institution/wire.ts'
import { SECOND } from '../world/charter.ts'
import { clinicDesk } from './clinic-desk.ts'
import { emergencyHandlers } from './emergency-handlers.ts'
import { openPatientList } from './patient-list.ts'
import { patientReading } from './patient-reading.ts'
import { prescriptionDesk } from './prescription-desk.ts'
import { virtualDoseModel } from './virtual-dose-model.ts'

/** Serves care at every hospital that is hosted here; `elsewhere` is whom they agreed on where that one is not. */
export async function openCare(
  hosted: ReadonlyMap<string, Hosted>,
  road: Road,
  elsewhere?: Second,
): Promise<void> {
  const limits = doseLimits({})
  const model = virtualDoseModel(limits)
  for (const house of hosted.values()) {
    if (!house.roles.includes('hospital')) continue
    const here = hosted.get(SECOND)
    const second = here === undefined ? elsewhere : secondOf(here)
    await serveCare(house, {
      road,
      limits,
      model,
      second: second?.institution === house.id ? undefined : second,
    })
  }
}

function secondOf({ id, name, keys }: Hosted): Second {
  return { institution: id, name, hpkeKey: toBase64Url(keys.hpke.publicKey) }
}

async function serveCare(
  house: Hosted,
  means: {
    readonly road: Road
    readonly limits: DoseLimits
    readonly model: () => DoseModel
    readonly second: Second | undefined
  },
): Promise<void> {
  const { id, keys, institution, chain } = house
  const { reader, results } = institution
  const shelf = shelfPart(await diskShelf(`${house.directory}/shelf`), 'care')
  const clock = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(wallClock()))
  const list = await openPatientList(shelfPart(shelf, 'list'))
  const desk = await openEmergencyDesk({
    own: id,
    signer: keys.message,
    ed: nodeEd25519,
    crypto: nodeCrypto,
    chain,
    shelf,
    clock,
    send: institutionSend(id, keys.message, means.road),
    hpke: keys.hpke,
    reader,
    results,
    log: house.log,
  })
  const staffOf = ({ keyId }: Arrival): StaffMember | undefined => {
    const person = house.staff.member(keyId)
    const duty = dutyOf(person?.office)
    if (person === undefined || duty === undefined) return undefined
    const key = hash32(toHex(fromBase64Url(keyId)))
    return { handle: person.handle ?? `staff-${key.slice(2, 18)}`, name: person.name, key, duty }
  }
  const readings = patientReading({ reader, chain, clock })
  const decisions = decisionBook(shelfPart(shelf, 'decisions'), keys.hpke)
  const prescriptions = prescriptionDesk({
    ...means,
    staffOf,
    nameOf: (key) => house.staff.member(toBase64Url(fromHex(key)))?.name,
    institution,
    readings,
    book: prescriptionBook(shelfPart(shelf, 'prescriptions'), keys.hpke),
    ed: nodeEd25519,
    clock,
  })
  const prescribed = prescriptions.of
  house.serve({
    ...clinicDesk({
      ...means,
      house,
      staffOf,
      readings,
      list,
      decisions,
      prescribed,
      ed: nodeEd25519,
      clock,
    }),
    ...prescriptions.handlers,
    ...emergencyHandlers({ desk, staffOf, reader, list }),
  })
}
