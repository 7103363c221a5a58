/**
 * What a clinic does for its clinicians: the panel, a patient's page, proposals and decisions, requests on a visit pass.
 *
 * Laws: a clinician is who the institution's list says their key is; proposals are made here and decided on here, so that a
 * decision is always on what was shown; a decision is recorded with the reading it rests on, and its hash is anchored.
 */
import type { Arrival, MessageHandlers, PanelRow, PatientAnswer } from '../../api/index.ts'
import {
  type DoseDecision,
  DoseDecisionSchema,
  doseDecided,
  requireDuty,
  type SealedBook,
  type StaffMember,
} from '../../care/index.ts'
import { asJson, parseText, type Reading, readPass, type Second } from '../../consent/index.ts'
import { doseRecordOf } from '../../forecast/index.ts'
import type { Ed25519 } from '../../identity/index.ts'
import {
  type DoseLimits,
  type DoseModel,
  type Proposal,
  proposalDigest,
  proposeDose,
} from '../../learning/index.ts'
import {
  type ConsentId,
  type Grams,
  hash32,
  IsletError,
  isIsletError,
  type MgPerDl,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import type { PatientList } from './patient-list.ts'
import { type PatientGrants, type PatientReading, proofOf } from './patient-reading.ts'
import type { PrescriptionDesk } from './prescription-desk.ts'

const DAY = 86_400
/** Days that a proposal looks back on. */
const DOSE_DAYS = 15
/** Patients read at once for the panel. */
const AT_ONCE = 8

export interface ClinicParts {
  readonly house: Pick<Hosted, 'name' | 'keys' | 'chain' | 'institution'>
  readonly staffOf: (arrival: Arrival) => StaffMember | undefined
  readonly readings: PatientReading
  readonly list: PatientList
  readonly decisions: SealedBook<DoseDecision>
  /** What was prescribed to a patient. */
  readonly prescribed: PrescriptionDesk['of']
  readonly model: () => DoseModel
  readonly limits: DoseLimits
  /** Who opens emergency envelopes with this institution; undefined where nobody was agreed on. */
  readonly second: Second | undefined
  readonly ed: Ed25519
  readonly clock: () => UnixSeconds
}

type Shown = { readonly proposal: Proposal; readonly reading: Reading }
type Served = 'care-panel' | 'care-patient' | 'care-list' | 'care-dose' | 'care-decision' | 'care-visit'

export function clinicDesk(parts: ClinicParts): Required<Pick<MessageHandlers, Served>> {
  const { house, readings, list, decisions, limits, clock } = parts
  const { reader, results } = house.institution
  /** The newest proposal of each patient, by whom it was shown to. */
  const shown = new Map<string, Shown>()
  const clinician = (arrival: Arrival): StaffMember => requireDuty(parts.staffOf(arrival), 'clinician')
  const nameOf = (key: Parameters<PatientList['of']>[0]): string | null => list.of(key)?.name ?? null

  return {
    'care-panel': async (_, arrival) => {
      const who = clinician(arrival)
      const rows = await inTurns(readings.grantsFor(who), AT_ONCE, (grants) => panelRow(who, grants))
      return { at: clock(), rows }
    },
    'care-patient': async ({ consent, days }, arrival) => {
      const who = clinician(arrival)
      const grant = readings.grantFor(who, consent)
      const reading = await readings.read(who, grant, days)
      return {
        ...patientAnswer(reading, grant),
        name: nameOf(grant.opening.patientKey),
        decisions: await decided(consent),
        prescriptions: await parts.prescribed(grant.opening.patientKey),
      }
    },
    'care-list': async ({ consent, name, reviewed }, arrival) => {
      const { opening } = readings.grantFor(clinician(arrival), consent)
      await list.keep(opening.patientKey, name, reviewed ? clock() : null)
      return {}
    },
    'care-dose': async ({ consent, carbs_grams, therapy }, arrival) => {
      const who = clinician(arrival)
      const reading = await readings.read(who, readings.grantFor(who, consent), DOSE_DAYS)
      const model = parts.model()
      const about = {
        limits: { most_units: limits.mostUnits, increment_units: limits.increment },
        simulated: model.simulated,
        model: model.hash,
      }
      const withheld = (code: string) => ({ proposal: null, digest: null, withheld: code, ...about })
      // A bolus or a low may lie in what is left out.
      if (reading.damaged.length > 0) return withheld('RECORD_DAMAGED')
      const record = doseRecordOf(reading.records, {
        carbRatio: therapy.carb_ratio_grams_per_unit,
        correctionFactor: therapy.correction_factor_mgdl_per_unit,
        target: quantity<MgPerDl>(therapy.target_mgdl),
      })
      const outcome = proposeDose(model, record, clock(), quantity<Grams>(carbs_grams), limits)
      if (!outcome.proposed) return withheld(outcome.code)
      const { proposal } = outcome
      shown.set(`${who.key} ${consent}`, { proposal, reading })
      const digest = hash32(`0x${proposalDigest(proposal)}`)
      return { proposal: { ...proposal }, digest, withheld: null, ...about }
    },
    'care-decision': async (body, arrival) => {
      const who = clinician(arrival)
      const decision = parseText(DoseDecisionSchema, JSON.stringify(body.decision), 'decision on a dose')
      const { consentId } = decision.body
      readings.grantFor(who, consentId)
      const about = shown.get(`${who.key} ${consentId}`)
      if (about === undefined)
        throw new IsletError(
          'PROPOSAL_OLD',
          'no proposal for this patient is open to you',
          {},
          { remedy: 'ask for a new proposal' },
        )
      const { proposal, reading } = about
      await doseDecided(decision, { proposal, limits, clinician: who, at: clock(), ed: parts.ed })
      const inputs = [{ consentId, purpose: 'TREAT', reading } as const]
      const work = { activity: 'Dose decision', code: hash32(`0x${proposal.model}`), inputs }
      const { hash } = await results.record(work, asJson(decision))
      await decisions.keep(hash, decision)
      shown.delete(`${who.key} ${consentId}`)
      return { analysis: hash }
    },
    'care-visit': async ({ pass, kinds, days_back, days_ahead, emergency }, arrival) => {
      const { handle, name } = clinician(arrival)
      const now = clock()
      const { custodian, mailbox, until: passUntil } = readPass(pass, now)
      const onPass = days_ahead === 0 && !emergency
      const until = onPass ? passUntil : quantity<UnixSeconds>(now + Math.max(1, days_ahead) * DAY)
      const { second } = parts
      if (emergency && second === undefined)
        throw new IsletError(
          'NO_SECOND_PARTY',
          'this institution has agreed on no second party for emergencies',
          {},
          { remedy: 'agree on one with another member first' },
        )
      await reader.ask(
        { custodian, mailbox },
        {
          readerName: house.name,
          hpkePublicKey: house.keys.hpke.publicKey,
          subject: emergency ? { type: 'institution' } : { type: 'person', handle, name },
          kinds,
          actions: ['read'],
          purposes: emergency ? ['ETREAT'] : ['TREAT'],
          from: quantity<UnixSeconds>(now - days_back * DAY),
          until,
          expiresAt: until,
          ...(onPass ? { pass: mailbox } : {}),
          ...(emergency && second !== undefined ? { second } : {}),
        },
        house.chain,
      )
      return {}
    },
  }

  /** A patient's row under the first grant that was not stopped, or why there are no figures under the last. */
  async function panelRow(who: StaffMember, [grant, ...others]: PatientGrants): Promise<PanelRow> {
    const { consentId, opening } = grant
    const page = list.of(opening.patientKey)
    const row = {
      consent: consentId,
      name: page?.name ?? null,
      kinds: [...opening.kinds],
      expires: opening.expiresAt,
      reviewed: page?.reviewed ?? null,
    }
    try {
      const { figures = null, damaged } = await readings.figures(who, grant)
      const missing = figures !== null ? null : damaged > 0 ? 'OBJECT_TAMPERED' : 'NO_GLUCOSE'
      return { ...row, missing, damaged, figures }
    } catch (error) {
      if (!isIsletError(error)) throw error
      const [next, ...rest] = others
      return error.code === 'CONSENT_REVOKED' && next !== undefined
        ? panelRow(who, [next, ...rest])
        : { ...row, missing: error.code, damaged: 0, figures: null }
    }
  }

  async function decided(consent: ConsentId): Promise<PatientAnswer['decisions']> {
    const kept = await decisions.of(consent)
    return Promise.all(
      kept.map(async ({ analysis, signed }) => ({
        analysis,
        anchored: (await results.proof(analysis)).proof !== undefined,
        decision: { ...signed },
      })),
    )
  }
}

/** A reading as the page of a patient takes it. */
export function patientAnswer(
  reading: Reading,
  grant: Pick<Parameters<PatientReading['read']>[1], 'consentId' | 'signer' | 'custodian' | 'opening'>,
): Omit<PatientAnswer, 'name' | 'decisions' | 'prescriptions'> {
  return {
    consent: grant.consentId,
    signer: grant.signer,
    at: reading.at,
    block: reading.block,
    custodian: grant.custodian,
    expires: grant.opening.expiresAt,
    records: reading.records.map((record) => ({ ...record })),
    proof: proofOf(reading),
  }
}

/** Some at once, in order. */
async function inTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const done: R[] = []
  for (let at = 0; at < items.length; at += atOnce) {
    done.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))))
  }
  return done
}
