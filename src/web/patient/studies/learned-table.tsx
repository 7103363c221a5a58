/** What learned from the person in one study: models, rounds with the proof for each, vouchers. Loaded when it is asked for. */
import { useCallback } from 'react'
import type { GrantState } from '../../../consent/browser.door.ts'
import type { MyRound } from '../../../study/browser.door.ts'
import type { Hash32 } from '../../../vocabulary/index.ts'
import { DataTable } from '../../shared/data-table.tsx'
import { shownInstant } from '../../shared/format.ts'
import { askNode } from '../../shared/node-fetch.ts'
import { useSettings } from '../../shared/settings.tsx'
import { Trouble } from '../../shared/trouble.tsx'
import { useAsked } from '../../shared/use-asked.ts'
import type { Person } from '../sign-in.ts'
import { learnedFromMe } from './learned-from-me.ts'
import { VoucherCard } from './voucher-card.tsx'
import { useStudiesWords } from './words.ts'

export function LearnedTable({
  person,
  study,
  grants,
}: {
  readonly person: Person
  readonly study: Hash32
  readonly grants: readonly GrantState[]
}) {
  const { language } = useSettings()
  const text = useStudiesWords()
  // The consents of a study change with a grant or a stop only: their ids are the question.
  const ids = grants.map(({ handOver }) => handOver.consentId).join(' ')
  const { value, error, again } = useAsked(
    // biome-ignore lint/correctness/useExhaustiveDependencies: `ids` says whether `grants` are others
    useCallback(
      async () => ({
        mine: await learnedFromMe(study, grants),
        vouchers: (await askNode().studyVouchers({ params: { study } })).sites,
      }),
      [study, ids],
    ),
  )
  if (error !== undefined) return <Trouble error={error} again={again} />
  if (value === undefined) return <p role="status">{text.checking}</p>
  const rounds = perRound(value.mine?.rounds ?? [])
  const models = value.mine?.models ?? []
  const unproved = value.mine?.unproved.length ?? 0
  const batches = value.vouchers.flatMap(({ batch }) => batch ?? [])
  const sum = (pick: (batch: (typeof batches)[number]) => number): number =>
    batches.reduce((total, batch) => total + pick(batch), 0)
  const tookPart = (site: string): boolean =>
    rounds.some((round) => round.site === site && round.proof === 'PRESENT' && round.aggregated)
  // One voucher a site, by the newest consent there.
  const took = grants.filter(
    ({ handOver: { opening } }, place) =>
      tookPart(opening.reader) &&
      grants.findIndex((one) => one.handOver.opening.reader === opening.reader) === place,
  )
  const nameOf = (site: string): string =>
    grants.find(({ handOver }) => handOver.opening.reader === site)?.handOver.readerName ?? site
  return (
    <div data-testid="learned">
      <p>
        <strong>{rounds.length === 0 ? text.noRounds : text.models(models.length)}</strong>
      </p>
      <ul>
        {models.map(({ version, isWithdrawn, rounds: way }) => (
          <li key={version}>
            {text.model(version, way.join(', '))}
            {isWithdrawn ? ` (${text.withdrawn})` : ''}
          </li>
        ))}
      </ul>
      {rounds.length === 0 ? null : (
        <>
          <DataTable
            label={text.learned}
            head={text.head}
            rows={rounds.map(({ round, site, openedAt, proof, aggregated }) => ({
              key: `${round} ${site}`,
              cells: [
                round,
                shownInstant(openedAt, language),
                nameOf(site),
                text.proofs[proof],
                proof === 'PRESENT' && aggregated ? text.yes : text.no,
              ],
            }))}
          />
          {unproved === 0 ? null : <p className="notice bad">{text.unproved(unproved)}</p>}
          <p className="quiet">{text.limit}</p>
        </>
      )}
      <p className="quiet">
        {batches.length === 0
          ? text.noVouchers
          : text.vouchers(
              sum(({ size }) => size),
              sum(({ redeemed }) => redeemed),
            )}
      </p>
      {took.map((grant) => (
        <VoucherCard key={grant.handOver.opening.reader} person={person} study={study} grant={grant} />
      ))}
    </div>
  )
}

/** What is told of a round where several consents were given at one site: that one of them was in it, before all others. */
const TOLD = ['PRESENT', 'INVALID', 'NO_PROOF', 'ABSENT'] as const

/** One row for each round and site. */
function perRound(rounds: readonly MyRound[]): readonly MyRound[] {
  return rounds.filter(({ round, site, proof }, place) => {
    const here = rounds.filter((one) => one.round === round && one.site === site)
    const told = TOLD.find((name) => here.some((one) => one.proof === name))
    return (
      proof === told &&
      rounds.findIndex((one) => one.round === round && one.site === site && one.proof === told) === place
    )
  })
}
