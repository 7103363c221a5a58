/** Devices: what the person's own records came from, and who adds to them by themselves. */
import { useCallback, useMemo } from 'react'
import { report } from '../../../glycemia/index.ts'
import { KINDS } from '../../../vocabulary/index.ts'
import { DataTable } from '../../shared/data-table.tsx'
import { fixed, percent, shownInstant } from '../../shared/format.ts'
import { useSettings } from '../../shared/settings.tsx'
import { Trouble } from '../../shared/trouble.tsx'
import { useAsked } from '../../shared/use-asked.ts'
import { readAllOf } from '../health.ts'
import { mayAdd } from '../may-add.ts'
import { readerName } from '../reader-name.ts'
import type { Person } from '../sign-in.ts'
import { type Source, sourcesOf } from './sources.ts'
import { useDevicesWords } from './words.ts'

export function Devices({ person }: { readonly person: Person }) {
  const { language } = useSettings()
  const text = useDevicesWords()
  const { value, error, again } = useAsked(useCallback(async () => readAllOf(person.agent, KINDS), [person]))
  const adding = person.agent.memory.now.grants.filter(mayAdd)
  return (
    <section aria-labelledby="devices-title">
      <h1 id="devices-title">{text.title}</h1>
      <p className="quiet">{text.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      {value === undefined ? (
        <p role="status">{error === undefined ? text.opening : ''}</p>
      ) : (
        <Sources {...value} simulated={person.simulated} />
      )}
      <section className="card" aria-labelledby="adds-title">
        <h2 id="adds-title">{text.adds}</h2>
        {adding.length === 0 ? <p>{text.addsNobody}</p> : null}
        <ul>
          {adding.map(({ handOver }) => (
            <li key={handOver.consentId}>
              {text.addsNow(readerName(handOver), shownInstant(handOver.opening.expiresAt, language))}
            </li>
          ))}
        </ul>
        <p className="quiet">{text.unsigned}</p>
      </section>
    </section>
  )
}

function Sources({
  records,
  leftOut,
  simulated,
}: Awaited<ReturnType<typeof readAllOf>> & { readonly simulated: boolean }) {
  const { language } = useSettings()
  const text = useDevicesWords()
  const sources = useMemo(() => sourcesOf(records), [records])
  const glucose = useMemo(() => records.filter((record) => record.type === 'glucose'), [records])
  const worn = useMemo(() => report(glucose).recentWear.percent, [glucose])
  if (sources.length === 0) return <p>{text.none}</p>
  const nameOf = ({ name, device }: Source): string => {
    const called = name ?? (device === undefined ? text.unnamed : text.numbered(device))
    return simulated ? `${called} (${text.simulated})` : called
  }
  return (
    <section className="card">
      {leftOut === 0 ? null : <p className="notice bad">{text.leftOut(leftOut)}</p>}
      {sources.some(({ sensor }) => sensor !== undefined) && worn !== null ? (
        <p data-testid="worn">{text.wear(fixed(worn, 1, language))}</p>
      ) : null}
      <DataTable
        label={text.table}
        head={text.head}
        rows={sources.map((source) => ({
          key: source.key,
          cells: [
            nameOf(source),
            text.given[source.given],
            shownInstant(source.first, language),
            shownInstant(source.last, language),
            fixed(source.records, 0, language),
            percent(source.sensor?.percent ?? null, language),
            source.sensor === undefined ? '–' : fixed(source.sensor.gaps, 0, language),
          ],
        }))}
      />
    </section>
  )
}
