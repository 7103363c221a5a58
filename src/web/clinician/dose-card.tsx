/**
 * A dose for a meal: the proposal with its reasons, and the clinician's decision, signed in this browser.
 *
 * Law: what is signed names the digest of the very proposal that is shown; units, formula, model and instant are inside it.
 */
import { type ReactNode, useState } from 'react'
import type { DoseAnswer, PatientAnswer } from '../../api/index.ts'
import { VERDICTS, type Verdict } from '../../care/browser.door.ts'
import { type ConsentId, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { fixed, shownGlucose, shownInstant } from '../shared/format.ts'
import { Picker } from '../shared/picker.tsx'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import type { Clinic } from './clinic.ts'
import { type ShownProposal, shownProposal } from './shown-proposal.ts'
import { useClinicianWords } from './words.ts'

const FIELDS = ['carbs', 'ratio', 'factor', 'target'] as const
type Field = (typeof FIELDS)[number]

export function DoseCard({
  clinic,
  consent,
  decisions,
  again,
}: {
  readonly clinic: Clinic
  readonly consent: ConsentId
  readonly decisions: PatientAnswer['decisions']
  readonly again: () => void
}) {
  const { dose: text, codes } = useClinicianWords()
  const [fields, setFields] = useState<Readonly<Record<Field, string>>>({
    carbs: '',
    ratio: '',
    factor: '',
    target: '',
  })
  const [answer, setAnswer] = useState<DoseAnswer>()
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>()
  const filled = FIELDS.every((field) => Number.isFinite(Number.parseFloat(fields[field])))
  const number = (field: Field): number => Number.parseFloat(fields[field].replace(',', '.'))
  const act = async (work: () => Promise<string>): Promise<void> => {
    try {
      setError(undefined)
      setSaid(await work())
    } catch (failure) {
      setSaid('')
      setError(failure)
    }
  }
  const propose = async (): Promise<string> => {
    setSaid(text.proposing)
    setAnswer(undefined)
    const therapy = {
      carb_ratio_grams_per_unit: number('ratio'),
      correction_factor_mgdl_per_unit: number('factor'),
      target_mgdl: number('target'),
    }
    setAnswer(await clinic.ask('care-dose', { consent, carbs_grams: number('carbs'), therapy }))
    return ''
  }
  const decide = async (verdict: Verdict, units: number | null, reason: string): Promise<string> => {
    const digest = answer?.digest
    if (digest === undefined || digest === null) return ''
    const at = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
    const decision = clinic.sign({ consentId: consent, proposal: digest, verdict, units, reason, at })
    await clinic.ask('care-decision', { decision: { ...decision } })
    setAnswer(undefined)
    again()
    return text.signed
  }
  const proposal = answer?.proposal === undefined ? undefined : shownProposal(answer.proposal)
  return (
    <article className="card" aria-labelledby="dose-title">
      <h2 id="dose-title">{text.title}</h2>
      <p className="quiet">{text.lead}</p>
      {FIELDS.map((field) => (
        <label key={field} className="field">
          {text[field]}
          <input
            inputMode="decimal"
            value={fields[field]}
            onChange={({ target }) => setFields((before) => ({ ...before, [field]: target.value }))}
          />
        </label>
      ))}
      <p>
        <button type="button" className="button main" disabled={!filled} onClick={() => void act(propose)}>
          {text.propose}
        </button>
      </p>
      <p role="status">{said}</p>
      {error === undefined ? null : <Trouble error={error} codes={codes} />}
      {answer?.withheld == null ? null : (
        <p className="notice bad">{text.withheld[answer.withheld] ?? answer.withheld}</p>
      )}
      {answer === undefined || proposal === undefined ? null : (
        <Proposed answer={answer} proposal={proposal}>
          <Decide
            proposal={proposal}
            sign={(verdict, units, reason) => void act(() => decide(verdict, units, reason))}
          />
        </Proposed>
      )}
      <Past decisions={decisions} />
    </article>
  )
}

function Proposed({
  answer,
  proposal,
  children,
}: {
  readonly answer: DoseAnswer
  readonly proposal: ShownProposal
  readonly children: ReactNode
}) {
  const { unit, language } = useSettings()
  const text = useClinicianWords().dose
  const units = (value: number): string => fixed(value, 2, language)
  const { formula } = proposal
  return (
    <div data-testid="proposal">
      {answer.simulated ? <p className="notice">{text.simulated}</p> : null}
      <p>
        <strong>{text.says(units(proposal.units), units(proposal.formulaUnits))}</strong>{' '}
        {text.choices[proposal.choice] ?? proposal.choice}
      </p>
      <p>{text.terms(units(formula.meal), units(formula.correction), units(formula.onBoard))}</p>
      <p>
        {text.later(
          shownGlucose(proposal.later, unit, language),
          shownGlucose(proposal.lowest, unit, language),
          unit,
        )}
      </p>
      <h3>{text.why}</h3>
      <ul>
        {proposal.reasons.map(({ column, words, effect }) => (
          <li key={column} lang="en">
            {text.effect(words, fixed(effect, 0, language))}
          </li>
        ))}
      </ul>
      {children}
    </div>
  )
}

function Decide({
  proposal,
  sign,
}: {
  readonly proposal: ShownProposal
  readonly sign: (verdict: Verdict, units: number | null, reason: string) => void
}) {
  const text = useClinicianWords().dose
  const [verdict, pick] = useState<Verdict>()
  const [units, setUnits] = useState(String(proposal.units))
  const [reason, setReason] = useState('')
  const decided =
    verdict === 'rejected' ? null : verdict === 'accepted' ? proposal.units : Number(units.replace(',', '.'))
  return (
    <div>
      <Picker
        label={text.decide}
        options={VERDICTS}
        name={(option) => text.verdicts[option]}
        picked={verdict}
        pick={pick}
      />
      {verdict === 'changed' ? (
        <label className="field">
          {text.units}
          <input inputMode="decimal" value={units} onChange={({ target }) => setUnits(target.value)} />
        </label>
      ) : null}
      <label className="field">
        {text.reason}
        <input value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />
      </label>
      <p className="quiet">{text.reasonNote}</p>
      <button
        type="button"
        className="button main"
        disabled={verdict === undefined || Number.isNaN(decided)}
        onClick={() => (verdict === undefined ? undefined : sign(verdict, decided, reason.trim()))}
      >
        {text.sign}
      </button>
    </div>
  )
}

function Past({ decisions }: { readonly decisions: PatientAnswer['decisions'] }) {
  const { language } = useSettings()
  const text = useClinicianWords().dose
  if (decisions.length === 0) return null
  return (
    <>
      <h3>{text.past}</h3>
      <ul className="timeline" data-testid="decisions">
        {decisions.map(({ analysis, anchored, decision }) => {
          const { verdict, units, reason, at } = decidedIn(decision)
          const word = VERDICTS.find((one) => one === verdict)
          const name = word === undefined ? '' : text.verdicts[word]
          return (
            <li key={analysis}>
              <time>{shownInstant(at, language)}</time>{' '}
              <strong>
                {units === undefined
                  ? text.pastRejected(name)
                  : text.pastLine(name, fixed(units, 2, language))}
              </strong>{' '}
              {reason} <span className="quiet">({anchored ? text.anchored : text.notYet})</span>
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** What a kept decision says, of its open form. */
function decidedIn(decision: object) {
  const body = Object(Reflect.get(decision, 'body'))
  const units: unknown = body.units
  return {
    verdict: String(body.verdict),
    units: typeof units === 'number' ? units : undefined,
    reason: String(body.reason ?? ''),
    at: Number(body.at),
  }
}
