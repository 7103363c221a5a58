/** Grants as cards: whom they let do what until when, the signed sentence, and the stop. */
import type { GrantState } from '../../consent/browser.door.ts'
import { startOfHour } from '../../vocabulary/index.ts'
import { listed, shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { readerName } from './reader-name.ts'
import { usePatientWords } from './words.ts'

export function GrantCards({
  grants,
  waiting,
  stop,
}: {
  readonly grants: readonly GrantState[]
  /** Consents whose grant or stop is signed here, and not with everybody yet. */
  readonly waiting: ReadonlySet<string>
  /** Left out for what is over. */
  readonly stop?: (grant: GrantState) => void
}) {
  if (grants.length === 0) return null
  return (
    <ul className="cards">
      {grants.map((grant) => {
        const id = grant.handOver.consentId
        const waits = waiting.has(id)
        return stop === undefined ? (
          <GrantCard key={id} grant={grant} waits={waits} />
        ) : (
          <GrantCard key={id} grant={grant} waits={waits} stop={() => stop(grant)} />
        )
      })}
    </ul>
  )
}

function GrantCard({
  grant,
  waits,
  stop,
}: {
  readonly grant: GrantState
  /** Signed here, and not with everybody yet. */
  readonly waits: boolean
  readonly stop?: () => void
}) {
  const { words, language } = useSettings()
  const text = usePatientWords()
  const { opening, terms } = grant.handOver
  const who = readerName(grant.handOver)
  return (
    <li className="card">
      <h3>{who}</h3>
      {waits ? <p className="notice">{text.away.waits}</p> : null}
      <p>
        {listed(
          opening.kinds.map((kind) => words.kinds[kind]),
          words.and,
        )}{' '}
        ·{' '}
        {stop === undefined
          ? grant.status === 'ended'
            ? text.sharing.stateEnded
            : text.sharing.stateOver
          : text.sharing.until(shownInstant(opening.expiresAt, language))}
      </p>
      <p className="quiet">
        {text.sharing.window(
          shownInstant(startOfHour(opening.window.first), language),
          shownInstant(startOfHour(opening.window.end), language),
        )}
      </p>
      <details>
        <summary aria-label={`${text.sharing.receipt}: ${who}`}>{text.sharing.receipt}</summary>
        <p className="quiet">{text.sharing.receiptNote}</p>
        <blockquote lang="en">{terms.sentence}</blockquote>
      </details>
      {stop === undefined ? null : (
        <button
          type="button"
          className="button danger"
          onClick={stop}
          aria-label={`${text.sharing.stop}: ${who}`}
        >
          {text.sharing.stop}
        </button>
      )}
    </li>
  )
}
