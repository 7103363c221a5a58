/**
 * Emergencies at an inbox: clinicians who call and read, duty officers who answer, members who call,
 * patients and reviewers who look at it afterwards.
 */
import type { Arrival, EmergencyCase, MessageHandlers } from '../../api/index.ts'
import {
  CallMessageSchema,
  type EmergencyDesk,
  FindingSchema,
  QuestionSchema,
  type ReviewCase,
  ReviewSchema,
  requireDuty,
  type StaffMember,
  tookPart,
} from '../../care/index.ts'
import { asJson, type Institution, parseText } from '../../consent/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { patientAnswer } from './clinic-desk.ts'
import type { PatientList } from './patient-list.ts'

type Served =
  | 'care-emergencies'
  | 'care-call'
  | 'care-broken'
  | 'care-release'
  | 'emergency-call'
  | 'emergency-review'
  | 'emergency-account'
  | 'care-reviews'
  | 'care-finding'

export function emergencyHandlers(parts: {
  readonly desk: EmergencyDesk
  readonly staffOf: (arrival: Arrival) => StaffMember | undefined
  readonly reader: Pick<Institution['reader'], 'grants'>
  readonly list: Pick<PatientList, 'of'>
}): Required<Pick<MessageHandlers, Served>> {
  const { desk, staffOf, reader, list } = parts
  const told = (one: ReviewCase): EmergencyCase => {
    const { consentId } = one.page.call.body
    const grant = reader.grants().find((held) => held.consentId === consentId)
    const other = 'handOver' in one.page ? one.page.handOver.readerName : grant?.emergency?.secondName
    return caseAnswer(one, other ?? null)
  }
  return {
    'care-emergencies': async (_, arrival) => {
      // A clinician's list is as new as the second's answer; one that cannot be reached holds nothing up.
      if (staffOf(arrival)?.duty === 'clinician') {
        const open = desk.calls().filter(([, { state }]) => state === 'waiting')
        await Promise.all(open.map(([call]) => desk.follow(call).catch(() => undefined)))
      }
      return {
        sealed: reader.grants().flatMap(({ consentId, emergency, opening }) =>
          emergency === undefined
            ? []
            : [
                {
                  consent: consentId,
                  name: list.of(opening.patientKey)?.name ?? null,
                  second: emergency.secondName,
                  expires: opening.expiresAt,
                },
              ],
        ),
        calls: desk.calls().map(
          ([
            call,
            {
              call: { body },
              state,
              review,
            },
          ]) => ({
            call,
            consent: body.consentId,
            person: body.person.name,
            reason: body.reason,
            at: body.at,
            state,
            review: review?.body.verdict ?? null,
          }),
        ),
        heard: desk.heard().map(
          ([
            call,
            {
              call: { body },
              handOver,
              state,
            },
          ]) => ({
            call,
            reader: handOver.readerName,
            person: body.person.name,
            reason: body.reason,
            at: body.at,
            state,
          }),
        ),
      }
    },
    'care-call': async ({ consent, reason }, arrival) => {
      const call = await desk.call(consent, staffOf(arrival), reason)
      const { state } = await desk.follow(call)
      return { call, state }
    },
    'care-broken': async ({ call }, arrival) => {
      const who = requireDuty(staffOf(arrival), 'clinician')
      const known = desk.calls().find(([hash]) => hash === call)?.[1]
      const grant = reader.grants().find(({ consentId }) => consentId === known?.call.body.consentId)
      if (grant === undefined)
        throw new IsletError(
          'CALL_UNKNOWN',
          'no such call is known here',
          {},
          { remedy: 'look at the list of calls' },
        )
      const reading = await desk.open(call, who)
      const name = list.of(grant.opening.patientKey)?.name ?? null
      return { ...patientAnswer(reading, grant), name, decisions: [], prescriptions: [] }
    },
    'care-release': async ({ call, verdict }, arrival) => {
      await desk.answer(call, staffOf(arrival), verdict)
      return {}
    },
    'emergency-call': async (body) => ({
      ...asRecord(await desk.hear(parseText(CallMessageSchema, JSON.stringify(body), 'emergency call'))),
    }),
    'emergency-review': async ({ review }) => {
      await desk.reviews.review(parseText(ReviewSchema, JSON.stringify(review), 'review of an emergency'))
      return {}
    },
    'emergency-account': async ({ question }) =>
      told(
        desk.reviews.account(
          parseText(QuestionSchema, JSON.stringify(question), 'question about an emergency'),
        ),
      ),
    'care-reviews': async (_, arrival) => {
      const who = requireDuty(staffOf(arrival), 'committee', 'duty-officer')
      return { cases: desk.reviews.queue().map((one) => ({ ...told(one), mine: tookPart(one, who) })) }
    },
    'care-finding': async ({ finding }, arrival) => {
      const signed = parseText(FindingSchema, JSON.stringify(finding), 'finding on an emergency')
      await desk.reviews.find(signed, staffOf(arrival))
      return {}
    },
  }
}

/** An emergency as it is told of afterwards. */
function caseAnswer({ hash, part, page }: ReviewCase, other: string | null): EmergencyCase {
  const { call, release, review, finding } = page
  const { person, reason, at } = call.body
  return {
    call: hash,
    part,
    other,
    person: person.name,
    reason,
    at,
    released: release === undefined ? null : { person: release.body.person.name, at: release.body.at },
    reads: [...(('reads' in page ? page.reads : undefined) ?? [])],
    word: review === undefined ? null : pick(review.body),
    finding: finding === undefined ? null : { ...pick(finding.signed.body), reviewer: finding.reviewer },
  }
}

function pick<V>({ verdict, note, at }: { readonly verdict: V; readonly note: string; readonly at: number }) {
  return { verdict, note, at }
}

function asRecord(answer: object): Readonly<Record<string, unknown>> {
  return Object(asJson(answer))
}
