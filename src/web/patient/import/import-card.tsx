/** Takes in a file: read here, asked about, sealed here, delivered signed. Loaded when the screen is first opened. */
import { useState } from 'react'
import { deviceNames, type IntakeDocument } from '../../../intake/index.ts'
import type { GlucoseUnit } from '../../../vocabulary/index.ts'
import { FileDrop } from '../../shared/file-drop.tsx'
import { Picker } from '../../shared/picker.tsx'
import { UNITS } from '../../shared/settings.tsx'
import { Trouble } from '../../shared/trouble.tsx'
import type { Person } from '../sign-in.ts'
import { usePatientWords } from '../words.ts'
import { ImportReport } from './import-report.tsx'
import { type Answers, attempt, DATE_ORDERS, type Question } from './questions.ts'

interface Dropped {
  readonly name: string
  readonly bytes: Uint8Array
}

export function ImportCard({ person, added }: { readonly person: Person; readonly added: () => void }) {
  const text = usePatientWords().data
  const [file, setFile] = useState<Dropped>()
  const [answers, setAnswers] = useState<Answers>({})
  const [question, setQuestion] = useState<Question>()
  const [read, setRead] = useState<IntakeDocument>()
  const [delivered, setDelivered] = useState<number>()
  const [busy, setBusy] = useState('')
  const [error, setError] = useState<unknown>()

  const tryWith = async (given: Dropped, known: Answers): Promise<void> => {
    setError(undefined)
    setDelivered(undefined)
    setRead(undefined)
    setAnswers(known)
    try {
      const outcome = attempt(given.bytes, given.name, known, Math.floor(Date.now() / 1_000))
      setQuestion(outcome.code === 'ASK' ? outcome.question : undefined)
      if (outcome.code === 'READ') setRead(outcome.document)
    } catch (failure) {
      setQuestion(undefined)
      setError(failure)
    }
  }
  const take = async ([given]: readonly File[]): Promise<void> => {
    if (given === undefined) return
    const dropped = { name: given.name, bytes: new Uint8Array(await given.arrayBuffer()) }
    setFile(dropped)
    await tryWith(dropped, {})
  }
  const add = async (document: IntakeDocument, id: string): Promise<void> => {
    const whose = document.people.find((one) => one.id === id)
    if (whose === undefined) return
    const { records } = whose
    setBusy(text.adding(records.length))
    setError(undefined)
    try {
      const { added: count } = await person.agent.add(records)
      // Beside what the report counted: what the file calls its devices.
      await person.agent.add(deviceNames(whose))
      setDelivered(count)
      added()
    } catch (failure) {
      setError(failure)
    }
    setBusy('')
  }
  return (
    <FileDrop label={text.file} accept=".csv,.tsv,.txt,.json,.ndjson" take={(files) => void take(files)}>
      {(button) => (
        <>
          <h2>{text.bring}</h2>
          <p className="quiet">{text.bringNote}</p>
          {button}
          {error === undefined ? null : <Trouble error={error} />}
          {file === undefined || question === undefined ? null : (
            <Ask question={question} answer={(more) => void tryWith(file, { ...answers, ...more })} />
          )}
          {read === undefined ? null : (
            <ImportReport
              document={read}
              busy={busy !== ''}
              again={delivered !== undefined}
              add={(id) => void add(read, id)}
            />
          )}
          <p role="status" data-testid="delivered">
            {busy === '' ? (delivered === undefined ? '' : text.added(delivered)) : busy}
          </p>
        </>
      )}
    </FileDrop>
  )
}

function Ask({
  question,
  answer,
}: {
  readonly question: Question
  readonly answer: (answers: Answers) => void
}) {
  const text = usePatientWords().data
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone)
  switch (question) {
    case 'date-order':
      return (
        <Picker
          label={text.dateOrder}
          options={DATE_ORDERS}
          name={(order) => text.dateOrders[order]}
          picked={undefined}
          pick={(dateOrder) => answer({ dateOrder })}
        />
      )
    case 'unit':
      return (
        <Picker<GlucoseUnit>
          label={text.unit}
          options={UNITS}
          name={(unit) => unit}
          picked={undefined}
          pick={(unit) => answer({ unit })}
        />
      )
    case 'zone':
      return (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            answer({ zone: zone.trim() })
          }}
        >
          <label className="field">
            {text.zone}
            <input value={zone} list="zones" onChange={({ target }) => setZone(target.value)} />
          </label>
          <datalist id="zones">
            {Intl.supportedValuesOf('timeZone').map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <button type="submit" className="button main">
            {text.zoneTake}
          </button>
        </form>
      )
    default:
      return question satisfies never
  }
}
