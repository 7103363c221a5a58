/** A visit: the patient's pass, before the camera, as text or as a picture, and what is asked for on it. */
import { lazy, Suspense, useState } from 'react'
import { KINDS, type Kind } from '../../vocabulary/index.ts'
import { FileButton } from '../shared/file-button.tsx'
import { Picker } from '../shared/picker.tsx'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import type { Clinic } from './clinic.ts'
import { useClinicianWords } from './words.ts'

const Camera = lazy(async () => ({ default: (await import('./camera.tsx')).Camera }))

const BACK = [3, 14, 30, 90] as const
const SPANS = ['forVisit', 'forMonths', 'forEmergency'] as const
const MONTHS_DAYS = 90
const EMERGENCY_DAYS = 365

export function Visit({ clinic }: { readonly clinic: Clinic }) {
  const { words } = useSettings()
  const { visit: text, codes } = useClinicianWords()
  const [pass, setPass] = useState('')
  const [kinds, setKinds] = useState<readonly Kind[]>(['glucose', 'insulin', 'meals'])
  const [back, setBack] = useState<(typeof BACK)[number]>(14)
  const [span, setSpan] = useState<(typeof SPANS)[number]>('forVisit')
  const [scanning, setScanning] = useState(false)
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>()
  const scan = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    const { passIn } = await import('./scan.ts')
    const found = await passIn(file)
    setSaid(found === undefined ? text.noCode : '')
    if (found !== undefined) setPass(found)
  }
  const ask = async (): Promise<void> => {
    try {
      setError(undefined)
      await clinic.ask('care-visit', {
        pass: pass.trim(),
        kinds: [...kinds],
        days_back: back,
        days_ahead: span === 'forVisit' ? 0 : span === 'forMonths' ? MONTHS_DAYS : EMERGENCY_DAYS,
        emergency: span === 'forEmergency',
      })
      setSaid(text.asked)
      setPass('')
    } catch (failure) {
      setSaid('')
      setError(failure)
    }
  }
  return (
    <section aria-labelledby="visit-title">
      <h1 id="visit-title">{text.title}</h1>
      <p className="quiet">{text.lead}</p>
      <div className="card">
        {error === undefined ? null : <Trouble error={error} codes={codes} />}
        <label className="field">
          {text.text}
          <input
            value={pass}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setPass(target.value)}
          />
        </label>
        {scanning ? (
          <Suspense fallback={null}>
            <Camera
              found={(code) => {
                setPass(code)
                setScanning(false)
                setSaid(text.found)
              }}
              close={() => setScanning(false)}
            />
          </Suspense>
        ) : (
          <p>
            <button type="button" className="button" onClick={() => setScanning(true)}>
              {text.camera}
            </button>
          </p>
        )}
        <FileButton label={text.image} accept="image/*" take={([file]) => void scan(file)} />
        <fieldset className="picker">
          <legend>{text.kinds}</legend>
          {KINDS.map((kind) => (
            <label key={kind} className={kinds.includes(kind) ? 'on' : ''}>
              <input
                type="checkbox"
                checked={kinds.includes(kind)}
                onChange={({ target }) =>
                  setKinds(KINDS.filter((one) => (one === kind ? target.checked : kinds.includes(one))))
                }
              />
              {words.kinds[kind]}
            </label>
          ))}
        </fieldset>
        <Picker label={text.back} options={BACK} name={text.days} picked={back} pick={setBack} />
        <Picker label={text.what} options={SPANS} name={(one) => text[one]} picked={span} pick={setSpan} />
        {span === 'forEmergency' ? <p className="notice">{text.emergencyNote}</p> : null}
        <button
          type="button"
          className="button main"
          disabled={pass.trim() === '' || kinds.length === 0}
          onClick={() => void ask()}
        >
          {text.ask}
        </button>
        <p role="status">{said}</p>
      </div>
    </section>
  )
}
