/**
 * The panel: everybody by the section that fits first, as `care` judges; whoever cannot be judged stands there with the reason.
 */
import { useCallback } from 'react'
import type { PanelRow } from '../../api/index.ts'
import { type PanelFigures, SECTIONS, type Section, sectionOf } from '../../care/browser.door.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { fixed, percent, shownGlucose, shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useAsked } from '../shared/use-asked.ts'
import { type Clinic, LOOK_EVERY } from './clinic.ts'
import { useClinicianWords } from './words.ts'

export function Panel({ clinic }: { readonly clinic: Clinic }) {
  const { words, language } = useSettings()
  const { panel: text, codes } = useClinicianWords()
  const {
    value: answer,
    error,
    again,
  } = useAsked(
    useCallback(() => clinic.ask('care-panel', {}), [clinic]),
    LOOK_EVERY,
  )
  const sections = answer === undefined ? [] : bySection(answer.rows)
  return (
    <section aria-labelledby="panel-title">
      <h1 id="panel-title">{text.title}</h1>
      <p className="quiet">{text.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={again} codes={codes} />}
      <p role="status" className="row">
        {answer === undefined
          ? error === undefined
            ? text.loading
            : ''
          : text.asOf(shownInstant(answer.at, language), answer.rows.length)}
        <button type="button" className="button small" onClick={again}>
          {words.refresh}
        </button>
      </p>
      {answer?.rows.length === 0 ? <p>{text.none}</p> : null}
      {sections.map(([section, rows]) => (
        <section key={section} className="card" aria-labelledby={`section-${section}`}>
          <h2 id={`section-${section}`}>
            {text.sections[section]} ({rows.length})
          </h2>
          {section === 'no-data' ? <Missing rows={rows} /> : <Judged rows={rows} section={section} />}
        </section>
      ))}
    </section>
  )
}

function Judged({ rows, section }: { readonly rows: readonly PanelRow[]; readonly section: Section }) {
  const { unit, language } = useSettings()
  const text = useClinicianWords().panel
  return (
    <DataTable
      label={text.sections[section]}
      head={Object.values(text.head)}
      rows={rows.map(({ consent, name, figures, damaged, reviewed }) => ({
        key: consent,
        cells: [
          <span key="name">
            <PatientLink consent={consent} name={name} />
            {damaged === 0 ? null : ` (${text.leftOut(damaged)})`}
          </span>,
          figures === null ? '–' : `${shownGlucose(figures.mean, unit, language)}\u00a0${unit}`,
          percent(figures?.wear ?? null, language),
          percent(figures?.below70 ?? null, language),
          percent(figures?.inRange ?? null, language),
          fixed(figures?.change ?? null, 1, language),
          figures === null ? '–' : shownInstant(figures.last, language),
          reviewed === null ? text.never : shownInstant(reviewed, language),
        ],
      }))}
    />
  )
}

function Missing({ rows }: { readonly rows: readonly PanelRow[] }) {
  const { panel: text, codes } = useClinicianWords()
  return (
    <ul>
      {rows.map(({ consent, name, missing }) => (
        <li key={consent}>
          <PatientLink consent={consent} name={name} />:{' '}
          {codes[missing ?? ''] ?? text.whyOther(missing ?? '–')}
        </li>
      ))}
    </ul>
  )
}

function PatientLink({ consent, name }: Pick<PanelRow, 'consent' | 'name'>) {
  const text = useClinicianWords().panel
  return <a href={`#/patient/${consent}`}>{name ?? text.unnamed(consent.slice(2, 6))}</a>
}

/** Sections that hold somebody, in their order. */
function bySection(rows: readonly PanelRow[]): readonly (readonly [Section, readonly PanelRow[]])[] {
  const found = new Map<Section, PanelRow[]>()
  for (const row of rows) {
    const section = sectionOf(figuresOf(row))
    found.set(section, [...(found.get(section) ?? []), row])
  }
  return SECTIONS.flatMap((section) => {
    const some = found.get(section)
    return some === undefined ? [] : [[section, some] as const]
  })
}

function figuresOf({ figures }: PanelRow): PanelFigures | undefined {
  return figures === null ? undefined : { ...figures, last: quantity<UnixSeconds>(figures.last) }
}
