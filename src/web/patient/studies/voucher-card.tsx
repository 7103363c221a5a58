/** The voucher of one consent that took part: claim it, see that it was given out, redeem it once. */
import { useCallback, useMemo, useState } from 'react'
import type { GrantState } from '../../../consent/browser.door.ts'
import { type Hash32, type InstitutionId, institutionId } from '../../../vocabulary/index.ts'
import { Trouble } from '../../shared/trouble.tsx'
import { useAct } from '../../shared/use-act.ts'
import { useAsked } from '../../shared/use-asked.ts'
import type { Person } from '../sign-in.ts'
import { myVoucher, type VoucherStanding } from './my-voucher.ts'
import { useStudiesWords } from './words.ts'

export function VoucherCard({
  person,
  study,
  grant,
}: {
  readonly person: Person
  readonly study: Hash32
  readonly grant: GrantState
}) {
  const text = useStudiesWords().voucher
  const { reader } = grant.handOver.opening
  const voucher = useMemo(() => myVoucher(person, study, grant), [person, study, grant])
  const { value, error, again } = useAsked(useCallback(() => voucher.standing(), [voucher]))
  const { busy, error: failed, run } = useAct()
  const [at, choose] = useState<InstitutionId>(reader)
  const name = person.names.get(reader) ?? grant.handOver.readerName
  return (
    <section aria-label={text.title(name)} data-testid="voucher">
      <h4>{text.title(name)}</h4>
      <p className="quiet">{text.what}</p>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      {failed === undefined ? null : <Trouble error={failed} codes={text.codes} />}
      <p role="status">{value === undefined ? '' : saidOf(value, text)}</p>
      {value?.state === 'UNKNOWN' && value.open ? (
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => run(() => voucher.claim().then(again))}
        >
          {text.claim}
        </button>
      ) : null}
      {value?.state === 'ISSUED' ? (
        <>
          <label className="field">
            {text.where}
            <select
              value={at}
              onChange={({ target }) => {
                choose(institutionId(target.value))
              }}
            >
              {[...person.names].map(([id, called]) => (
                <option key={id} value={id}>
                  {called}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            className="button main"
            disabled={busy}
            onClick={() => run(() => voucher.redeem(value, at).then(again))}
          >
            {text.redeem}
          </button>
        </>
      ) : null}
    </section>
  )
}

function saidOf(
  { state, open }: VoucherStanding,
  text: ReturnType<typeof useStudiesWords>['voucher'],
): string {
  return state === 'UNKNOWN' && !open ? text.late : text.states[state]
}
