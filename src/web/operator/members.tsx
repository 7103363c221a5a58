/** The node at a glance: how fast stopping works, the newest backup, the members and what they anchored last. */
import { useCallback } from 'react'
import { parseInstant } from '../../vocabulary/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { Fact } from '../shared/fact.tsx'
import { fixed, shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useAsked } from '../shared/use-asked.ts'
import { useOperatorWords } from './words.ts'

export function Members({ person }: { readonly person: StaffPerson }) {
  const { nav, members: text, figures } = useOperatorWords()
  const { language } = useSettings()
  const { value, error, again } = useAsked(useCallback(() => person.read.operations(), [person]))
  const at = (time: string): string => shownInstant(parseInstant(time), language)
  const seconds = (of: number | null): string => (of === null ? '–' : `${fixed(of, 2, language)} s`)
  return (
    <section aria-labelledby="members-title">
      <h1 id="members-title">{nav.members}</h1>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      {value === undefined ? null : (
        <>
          <article className="card" aria-labelledby="revokes-title">
            <h2 id="revokes-title">{figures.revokes}</h2>
            <dl className="figures" data-testid="revokes">
              <Fact name={figures.measured} value={String(value.revokes.measured)} />
              <Fact name={figures.median} value={seconds(value.revokes.median_seconds)} />
              <Fact name={figures.p99} value={seconds(value.revokes.p99_seconds)} />
              <Fact name={figures.slowest} value={seconds(value.revokes.slowest_seconds)} />
              <Fact name={figures.pending} value={String(value.revokes.pending)} />
            </dl>
            <p className="quiet">{figures.revokesNote(at(value.since))}</p>
          </article>
          <article className="card" aria-labelledby="backup-title">
            <h2 id="backup-title">{figures.backup}</h2>
            <p data-testid="backup">
              {value.backup === null
                ? figures.noBackup
                : figures.backupOf(at(value.backup.at), fixed(value.backup.bytes / 1e6, 1, language))}
            </p>
            <p className="quiet">{figures.backupNote}</p>
          </article>
          <article className="card" aria-labelledby="list-title">
            <h2 id="list-title">{text.title}</h2>
            <DataTable
              label={text.title}
              head={text.head}
              rows={value.institutions.map(({ id, name, state, objects, log, entries }) => ({
                key: id,
                cells: [
                  name,
                  text.states[state],
                  objects === null ? '–' : text.anchored(objects.count, objects.block, at(objects.time)),
                  log === null ? '–' : text.anchored(log.count, log.block, at(log.time)),
                  text.behind(entries, entries - (log?.count ?? 0)),
                ],
              }))}
            />
            <p className="quiet">{text.note}</p>
          </article>
        </>
      )}
      <button type="button" className="button" onClick={again}>
        {text.again}
      </button>
    </section>
  )
}
