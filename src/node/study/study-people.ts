/**
 * The people of a study at one hosted institution: the grants it holds for the study, opened through its own reader.
 *
 * Law: every opening is a read under the person's consent: the custodian decides, logs and serves it, or refuses it with
 * a code, at each round anew. What was opened before is held in memory and used again only under that new decision; who
 * is refused, or is not in the round, is held no longer. Whoever's custodian serves what it did not anchor is refused.
 */
import { type Subject, subjectHash } from '../../consent/index.ts'
import { traceOfRecords } from '../../forecast/index.ts'
import type { OpenedPerson, StudyPeople, StudyPlan } from '../../study/index.ts'
import { hoursInside, isIsletError, parseInstant } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { heldReadings } from './held-readings.ts'
import { haltOf } from './ledger-pause.ts'
import { readAnchored } from './read-anchored.ts'

export function studyPeople(
  house: Pick<Hosted, 'id'> & { readonly institution: Pick<Hosted['institution'], 'reader'> },
  plan: StudyPlan,
  subjects: readonly Subject[],
): StudyPeople {
  const { reader } = house.institution
  const hashes = subjects.map((subject) => subjectHash(house.id, subject))
  const window = hoursInside(parseInstant(plan.data.from), parseInstant(plan.data.until))
  const held = heldReadings()
  return {
    claims: async () =>
      reader
        .grants()
        .filter(({ opening }) => hashes.includes(opening.subject))
        .map(({ consentId, signer, opening }) => ({ consentId, signer, opening })),
    open: async ({ consentId }): Promise<OpenedPerson> => {
      try {
        const asked = { purpose: 'HRESCH', kinds: plan.data.kinds, window } as const
        const before = held.get(consentId)
        const changed =
          before === undefined ? undefined : await reader.readAgain(consentId, before.answer, asked)
        if (before !== undefined && changed === undefined) return { code: 'OPENED', trace: before.trace }
        held.drop(consentId)
        const reading = await readAnchored(() => reader.read(consentId, asked), changed)
        const trace = traceOfRecords(consentId, reading.records)
        if (reading.held !== undefined) held.hold(consentId, { answer: reading.held, trace })
        return { code: 'OPENED', trace }
      } catch (error) {
        held.drop(consentId)
        // A ledger that takes nothing says nothing about the person: the site waits for it.
        if (!isIsletError(error) || haltOf(error) !== undefined) throw error
        return { code: error.code }
      }
    },
    keepOnly: held.keepOnly,
  }
}
