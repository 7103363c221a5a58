/** A plan in words: whose data, what for, what is trained, what may leave. */
import type { StudyPlan } from '../../study/browser.door.ts'
import { Fact } from '../shared/fact.tsx'
import { useSettings } from '../shared/settings.tsx'
import { instantOf } from './instant-of.ts'
import { useResearchWords } from './words.ts'

export function PlanSummary({ plan }: { readonly plan: StudyPlan }) {
  const { words, language } = useSettings()
  const text = useResearchWords().plan
  const { data, cohort, privacy } = plan
  const budget = privacy.differential_privacy
  return (
    <>
      <p>{plan.question}</p>
      <dl className="facts" data-testid="plan">
        <Fact name={text.kinds} value={data.kinds.map((kind) => words.kinds[kind]).join(', ')} />
        <Fact
          name={text.window}
          value={`${instantOf(data.from, language)} – ${instantOf(data.until, language)}`}
        />
        <Fact name={text.cohort} value={text.cohortOf(cohort.minimum_days, cohort.minimum_wear_percent)} />
        <Fact name={text.model} value={`${plan.model.name}, ${plan.strategy.name}`} />
        <Fact name={text.rounds} value={text.roundsOf(plan.rounds, plan.quorum.minimum_sites)} />
        <Fact name={text.aggregation} value={text.aggregations[privacy.aggregation]} />
        <Fact
          name={text.budget}
          value={budget === null ? text.noBudget : `ε ${budget.epsilon}, δ ${budget.delta}`}
        />
        <Fact name={text.outputs} value={plan.outputs.join(', ')} />
        <Fact name={text.expires} value={instantOf(plan.expires, language)} />
      </dl>
    </>
  )
}
