/**
 * The review queue of an institution: emergencies that it read or released, until a named person has signed what they found.
 *
 * Law: the finding is signed here, with the reviewer's own key.
 */
import { useCallback, useState } from 'react'
import type { MessageReply } from '../../api/index.ts'
import { signFinding } from '../../care/browser.door.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { Fact } from '../shared/fact.tsx'
import { shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useAct } from '../shared/use-act.ts'
import { useAsked } from '../shared/use-asked.ts'
import { VerdictForm } from './verdict-form.tsx'
import { useReviewWords } from './words.ts'

type Reviewer = Pick<StaffPerson, 'tell' | 'signer'>
type Case = MessageReply<'care-reviews'>['cases'][number]

const LEAST_NOTE = 10

export function Reviews({ person }: { readonly person: Reviewer }) {
  const text = useReviewWords()
  const {
    value: answer,
    error,
    again,
  } = useAsked(useCallback(() => person.tell('care-reviews', {}), [person]))
  const [said, setSaid] = useState('')
  const open = answer?.cases.filter(({ finding }) => finding === null)
  const closed = answer?.cases.filter(({ finding }) => finding !== null)
  return (
    <section aria-labelledby="reviews-title">
      <h1 id="reviews-title">{text.title}</h1>
      <p className="quiet">{text.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      <p role="status">{answer === undefined && error === undefined ? text.loading : said}</p>
      <h2>{text.open}</h2>
      {open?.length === 0 ? <p className="quiet">{text.noneOpen}</p> : null}
      <ul className="cards">
        {open?.map((one) => (
          <CaseCard
            key={one.call}
            one={one}
            person={person}
            signed={() => {
              setSaid(text.signed)
              again()
            }}
          />
        ))}
      </ul>
      <h2>{text.closed}</h2>
      {closed?.length === 0 ? <p className="quiet">{text.noneClosed}</p> : null}
      <ul className="cards">
        {closed?.map((one) => (
          <CaseCard key={one.call} one={one} />
        ))}
      </ul>
    </section>
  )
}

function CaseCard({
  one,
  person,
  signed,
}: {
  readonly one: Case
  /** Who reviews, where it is still open. */
  readonly person?: Reviewer
  readonly signed?: () => void
}) {
  const { language } = useSettings()
  const text = useReviewWords()
  const { call, part, other, released, reads, word, finding } = one
  /** A name, with the institution where it is not this one. */
  const at = (name: string, isOfOther: boolean): string =>
    isOfOther && other !== null ? `${name}, ${other}` : name
  return (
    <li className="card" data-testid={`case-${part}`}>
      <h3>
        {at(one.person, part === 'second')}, {shownInstant(one.at, language)}
      </h3>
      <p className="quiet">{text.parts[part]}</p>
      <dl className="facts">
        <Fact name={text.facts.why} value={one.reason} />
        <Fact
          name={text.facts.released}
          value={
            released === null
              ? text.notYet
              : `${at(released.person, part === 'reader')}, ${shownInstant(released.at, language)}`
          }
        />
        <Fact name={text.facts.read} value={readIn({ part, reads }, text, language)} />
        <Fact
          name={text.facts.word}
          value={word === null ? text.notYet : `${text.words[word.verdict]} ${word.note}`}
        />
        {finding === null ? null : (
          <Fact
            name={text.facts.finding}
            value={`${finding.reviewer}: ${text.findings[finding.verdict]}. ${finding.note}`}
          />
        )}
      </dl>
      {person === undefined || signed === undefined ? null : one.mine ? (
        <p className="notice">{text.mine}</p>
      ) : (
        <FindingForm call={call} person={person} signed={signed} />
      )}
    </li>
  )
}

function readIn(
  { part, reads }: Pick<Case, 'part' | 'reads'>,
  text: ReturnType<typeof useReviewWords>,
  language: string,
): string {
  if (part === 'second') return text.readElsewhere
  if (reads.length === 0) return text.notRead
  return reads.map(({ at, hours }) => text.hours(shownInstant(at, language), hours)).join('; ')
}

function FindingForm({
  call,
  person,
  signed,
}: {
  readonly call: Case['call']
  readonly person: Reviewer
  readonly signed: () => void
}) {
  const text = useReviewWords()
  const { busy, error, run } = useAct()
  const sign = (verdict: 'justified' | 'unjustified', note: string): void =>
    run(async () => {
      const at = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
      const finding = signFinding({ call, verdict, note, at }, person.signer)
      await person.tell('care-finding', { finding: { ...finding } })
      signed()
    })
  return (
    <>
      {error === undefined ? null : <Trouble error={error} codes={text.codes} />}
      <VerdictForm
        ask={text.verdict}
        verdicts={['justified', 'unjustified']}
        name={(verdict) => text.findings[verdict]}
        note={text.why}
        hint={text.whyNote}
        least={LEAST_NOTE}
        send={text.sign}
        busy={busy}
        act={sign}
      />
    </>
  )
}
