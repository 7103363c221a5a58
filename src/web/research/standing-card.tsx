/** Where a study stands: state, votes out of those it takes, sites, and until when it is approved. */
import type { StudyStandingAnswer } from '../../api/index.ts'
import { Fact } from '../shared/fact.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { useSettings } from '../shared/settings.tsx'
import { instantOf } from './instant-of.ts'
import { nameOf } from './name-of.ts'
import { useResearchWords } from './words.ts'

export function StandingCard({ standing }: { readonly standing: StudyStandingAnswer }) {
  const text = useResearchWords()
  const { language } = useSettings()
  const { study, conditions } = standing
  const { committee, sites } = study
  const name = nameOf(standing)
  const approved = sites.filter(({ state }) => state === 'APPROVED').map(({ key }) => name(key))
  const votes = committee.votes.map(({ seat, verdict, conditions: named }) =>
    named === null
      ? `${name(seat)}: ${text.verdicts[verdict]}`
      : `${name(seat)}: ${text.verdicts[verdict]} ${text.standing.withConditions}`,
  )
  return (
    <article className="card" aria-labelledby="standing-title">
      <h2 id="standing-title">{study.title}</h2>
      <dl className="facts" data-testid="standing">
        <Fact name={text.standing.state} value={text.states[study.state]} />
        <Fact
          name={text.standing.votes}
          value={
            study.state === 'SUBMITTED'
              ? text.standing.voted(votes.length, committee.quorum)
              : text.standing.decided(committee.quorum)
          }
        />
        <Fact name={text.standing.sites} value={approved.join(', ') || text.standing.noSites} />
        <Fact
          name={text.standing.until}
          value={committee.until === null ? '–' : instantOf(committee.until, language)}
        />
      </dl>
      {votes.length === 0 ? null : <p>{votes.join(', ')}</p>}
      {committee.recused.length === 0 ? null : (
        <p>{text.standing.recused(committee.recused.map(name).join(', '))}</p>
      )}
      {conditions.map(({ hash, words }) => (
        <blockquote key={hash} data-testid="conditions">
          {text.standing.conditions} <strong>{words}</strong>
        </blockquote>
      ))}
      <p className="quiet">
        {text.standing.fingerprint} <Fingerprint of={study.plan_hash} />
      </p>
    </article>
  )
}
