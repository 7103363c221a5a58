/**
 * Reading patients for care: under their grants, in a clinician's name, kept at hand no longer than it stays true.
 *
 * Laws: whoever asks reads under a grant that names them or their institution, for care; every read is judged and logged by the
 * custodian; what is kept of one for the panel serves for minutes, and only while the ledger calls the consent active.
 */
import type { PatientAnswer } from '../../api/index.ts'
import { type PanelFigures, panelFigures, type StaffMember } from '../../care/index.ts'
import { hourRuns, hoursIn, isDamaged } from '../../consent/browser.door.ts'
import type { ChainReader, HandOver, Institution, Reading } from '../../consent/index.ts'
import {
  type ConsentId,
  type HourWindow,
  hourOf,
  IsletError,
  overlap,
  quantity,
  type UnixSeconds,
  type UtcHour,
} from '../../vocabulary/index.ts'
import { secondLook } from '../institution/second-look.ts'

const HOURS = 24
const PANEL_READ_DAYS = 28
/** How long figures of the panel serve without a new read. */
const FRESH_SECONDS = 900

/** Grants of one patient: those that have not ended first, of these the newest. */
export type PatientGrants = readonly [HandOver, ...(readonly HandOver[])]

/** What the panel says of a patient. */
export interface FiguresRead {
  readonly figures?: PanelFigures
  /** Hours of glucose that are left out, as they are not what was recorded. */
  readonly damaged: number
}

export interface PatientReading {
  /** Grants that this clinician may read under, by patient. */
  grantsFor(clinician: StaffMember): readonly PatientGrants[]
  /** Throws `CONSENT_NOT_HANDED_OVER`. */
  grantFor(clinician: StaffMember, consent: ConsentId): HandOver
  /** The last days under a grant. Throws the custodian's codes, `HOURS_NOT_GRANTED`. */
  read(clinician: StaffMember, grant: HandOver, days: number): Promise<Reading>
  /** Figures for the panel. Throws the custodian's codes. */
  figures(clinician: StaffMember, grant: HandOver): Promise<FiguresRead>
}

export function patientReading(ports: {
  readonly reader: Institution['reader']
  readonly chain: Pick<ChainReader, 'consentState'>
  readonly clock: () => UnixSeconds
}): PatientReading {
  const { reader, chain, clock } = ports
  const held = new Map<ConsentId, { readonly at: UnixSeconds; readonly read: FiguresRead }>()

  const grantsFor: PatientReading['grantsFor'] = ({ handle }) => {
    const patients = new Map<string, PatientGrants>()
    for (const grant of reader.grants()) {
      const { opening, subject, emergency } = grant
      const named = subject.type === 'institution' || (subject.type === 'person' && subject.handle === handle)
      const forCare = opening.purposes.includes('TREAT') && opening.actions.includes('read')
      if (!named || !forCare || emergency !== undefined) continue
      patients.set(opening.patientKey, [grant, ...(patients.get(opening.patientKey) ?? [])])
    }
    const now = clock()
    const hasEnded = ({ opening }: HandOver): number => (opening.expiresAt <= now ? 1 : 0)
    return [...patients.values()].map(([first, ...rest]): PatientGrants => {
      const [best = first, ...others] = [first, ...rest].sort(
        (a, b) => hasEnded(a) - hasEnded(b) || b.given - a.given,
      )
      return [best, ...others]
    })
  }

  const read: PatientReading['read'] = async ({ handle, name }, { consentId, opening }, days) => {
    const end = hourOf(clock()) + 1
    const asked = { first: quantity<UtcHour>(end - days * HOURS), end: quantity<UtcHour>(end) }
    const window: HourWindow | undefined = overlap(opening.window, asked)
    if (window === undefined)
      throw new IsletError(
        'HOURS_NOT_GRANTED',
        'none of these days was granted',
        {},
        { remedy: 'ask for more' },
      )
    const actor = { type: 'person', handle, name } as const
    return secondLook(() => reader.read(consentId, { actor, purpose: 'TREAT', window }))
  }

  return {
    grantsFor,
    grantFor: (clinician, consent) => {
      const grant = grantsFor(clinician)
        .flat()
        .find(({ consentId }) => consentId === consent)
      if (grant !== undefined) return grant
      throw new IsletError(
        'CONSENT_NOT_HANDED_OVER',
        'no grant for care that names you was handed over here',
        {},
        { remedy: 'ask the patient for access' },
      )
    },
    read,
    figures: async (clinician, grant) => {
      const { consentId, signer, opening } = grant
      const now = clock()
      const known = held.get(consentId)
      if (known !== undefined && now - known.at < FRESH_SECONDS && now < opening.expiresAt) {
        const { state } = await chain.consentState(consentId, signer)
        if (state === 'ACTIVE') return known.read
      }
      held.delete(consentId)
      const { records, damaged } = await read(clinician, grant, PANEL_READ_DAYS)
      const glucose = records.filter((record) => record.type === 'glucose')
      const judged = panelFigures(glucose, now)
      const figures: FiguresRead = {
        ...(judged === undefined ? {} : { figures: judged }),
        damaged: hoursIn(damaged.filter(({ kind }) => kind === 'glucose')),
      }
      // What is damaged may be mended at any time.
      if (damaged.length === 0) held.set(consentId, { at: now, read: figures })
      return figures
    },
  }
}

/** What of a reading stands under roots on the ledger. */
export function proofOf({ chunks, damaged }: Reading): PatientAnswer['proof'] {
  const roots = new Map<number, PatientAnswer['proof']['roots'][number]>()
  let waiting = 0
  for (const chunk of chunks) {
    if (isDamaged(chunk)) continue
    const { anchor } = chunk
    if (anchor.code === 'ANCHORED')
      roots.set(anchor.slot, { slot: anchor.slot, root: anchor.root, block: anchor.block })
    else waiting++
  }
  return {
    hours: hoursIn(hourRuns(chunks.map(({ place }) => place))),
    damaged: damaged.map((run) => ({ ...run })),
    waiting,
    roots: [...roots.values()].sort((a, b) => a.slot - b.slot),
  }
}
