/** What was opened about a patient in emergencies, what became of each, and their own word on it. */
import { useCallback } from 'react'
import { MESSAGES } from '../../api/index.ts'
import { signQuestion, signReview } from '../../care/browser.door.ts'
import { asJson, parseText, type Send } from '../../consent/browser.door.ts'
import type { Signer } from '../../identity/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { Fact } from '../shared/fact.tsx'
import { shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useAct } from '../shared/use-act.ts'
import { useAsked } from '../shared/use-asked.ts'
import type { Emergency } from './emergencies.ts'
import { VerdictForm } from './verdict-form.tsx'
import { useReviewWords } from './words.ts'

const now = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))

export function EmergencyList({
  emergencies,
  identity,
  send,
}: {
  readonly emergencies: readonly Emergency[]
  readonly identity: Signer
  readonly send: Send
}) {
  const text = useReviewWords().patient
  if (emergencies.length === 0) return null
  return (
    <section aria-labelledby="emergencies-title">
      <h2 id="emergencies-title">{text.title}</h2>
      <p>{text.lead}</p>
      <ul className="cards">
        {emergencies.map((one) => (
          <EmergencyCard key={one.hash} one={one} identity={identity} send={send} />
        ))}
      </ul>
    </section>
  )
}

function EmergencyCard({
  one,
  identity,
  send,
}: {
  readonly one: Emergency
  readonly identity: Signer
  readonly send: Send
}) {
  const { language } = useSettings()
  const text = useReviewWords()
  const { hash, reader, readerName, emergency, reads } = one
  const { call, release, second, secondName } = emergency
  const {
    value: account,
    error: silent,
    again,
  } = useAsked(
    useCallback(async () => {
      const question = asJson(signQuestion({ call: hash, at: now() }, identity))
      const answer = await send(reader, 'emergency-account', { question })
      const { reply } = MESSAGES['emergency-account']
      return parseText(reply, JSON.stringify(answer), 'account of an emergency')
    }, [hash, reader, identity, send]),
  )
  const { busy, error, run } = useAct()
  const say = (verdict: 'justified' | 'questioned', note: string): void =>
    run(async () => {
      const review = asJson(signReview({ call: hash, verdict, note, at: now() }, identity))
      // The second first: once the reader has it, this form is gone.
      for (const to of [second, reader]) await send(to, 'emergency-review', { review })
      again()
    })
  const { person, reason, at } = call.body
  const finding = account?.finding
  const word = account?.word
  return (
    <li className="card" data-testid="emergency">
      <h3>{text.patient.heading(`${person.name}, ${readerName}`, shownInstant(at, language))}</h3>
      <dl className="facts">
        <Fact name={text.facts.why} value={reason} />
        <Fact
          name={text.facts.released}
          value={`${release.body.person.name}, ${secondName}, ${shownInstant(release.body.at, language)}`}
        />
        <Fact
          name={text.facts.read}
          value={reads.map((read) => text.hours(shownInstant(read.at, language), read.hours)).join('; ')}
        />
        {word == null ? null : (
          <Fact name={text.patient.yours} value={`${text.patient.verdicts[word.verdict]}. ${word.note}`} />
        )}
      </dl>
      <p>
        {silent !== undefined
          ? text.patient.unknown
          : finding == null
            ? text.patient.waits
            : text.patient.found(
                `${finding.reviewer}, ${readerName}`,
                text.findings[finding.verdict],
                finding.note,
              )}
      </p>
      {error === undefined ? null : <Trouble error={error} codes={text.codes} />}
      {account === undefined || word !== null ? null : (
        <VerdictForm
          ask={text.patient.ask}
          verdicts={['justified', 'questioned']}
          name={(verdict) => text.patient.verdicts[verdict]}
          note={text.patient.note}
          least={0}
          send={text.patient.send}
          busy={busy}
          act={say}
        />
      )}
    </li>
  )
}
