/** The model's passport: it holds against ledger, updates and model; one changed digit is caught; it names no person. */
import { need, type Stage } from '../stage.ts'

export async function passport(stage: Stage): Promise<void> {
  const { passport: document, verdict, judge, consents } = need(stage.progress.study, 'the study')
  const { ok, anchored, unchecked, findings } = verdict
  stage.check(
    'the passport holds against the ledger, the model’s bytes, and every update added up again',
    ok && anchored && unchecked.length === 0,
    ok ? `${document.rounds.length} rounds, model ${document.version.model.slice(0, 12)}` : codes(findings),
  )
  const [first] = document.rounds.flatMap(({ contributions }) => contributions)
  const text = JSON.stringify(document)
  const digit = first?.update ?? ''
  const mutated: unknown = JSON.parse(
    text.replaceAll(digit, `${digit.slice(0, -1)}${digit.endsWith('0') ? '1' : '0'}`),
  )
  const caught = await judge(mutated)
  stage.check('one changed digit of one update’s hash is caught', !caught.ok, codes(caught.findings))
  const named = consents.filter((consent) => text.includes(consent))
  stage.check(
    'it names nobody',
    named.length === 0,
    `${named.length} of ${consents.length} consents found in it`,
  )
  stage.check(
    'it says that cohorts are declared until somebody re-executes a round',
    verdict.cohortEvidence === 'declared',
    verdict.cohortEvidence,
  )
}

function codes(findings: readonly { readonly code: string }[]): string {
  return findings.length === 0 ? 'nothing found' : [...new Set(findings.map(({ code }) => code))].join(', ')
}
