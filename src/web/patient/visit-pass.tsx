/** The visit pass: a QR code to be scanned across a desk, and the same as text. Loaded with the sharing screen. */
import encodeQR from 'qr'
import { useState } from 'react'
import type { PatientAgent } from '../../consent/browser.door.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { Trouble } from '../shared/trouble.tsx'
import { usePatientWords } from './words.ts'

const HOURS = 4
const DAYS = 14
const BORDER = 2

export function VisitPass({ agent, look }: { readonly agent: PatientAgent; readonly look: () => void }) {
  const text = usePatientWords().pass
  const [pass, setPass] = useState<string>()
  const [error, setError] = useState<unknown>()
  const show = async (): Promise<void> => {
    try {
      const until = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000) + HOURS * 3_600)
      setPass(await agent.openPass({ kinds: ['glucose', 'insulin', 'meals'], days: DAYS, until }))
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <section className="card" aria-labelledby="pass-title">
      <h2 id="pass-title">{text.title}</h2>
      <p className="quiet">{text.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={() => void show()} />}
      <button type="button" className="button" onClick={() => void show()}>
        {text.show}
      </button>
      {pass === undefined ? null : (
        <>
          <p>{text.note}</p>
          <Code of={pass} name={text.picture} />
          <label className="field">
            {text.text}
            <input readOnly value={pass} data-testid="pass" />
          </label>
          <button type="button" className="button" onClick={look}>
            {text.again}
          </button>
        </>
      )}
    </section>
  )
}

/** One path of squares, so that no style and no picture from elsewhere is needed. */
function Code({ of, name }: { readonly of: string; readonly name: string }) {
  const rows = encodeQR(of, 'raw', { ecc: 'medium', border: BORDER })
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <div className="qr">
      <svg
        viewBox={`0 0 ${rows.length} ${rows.length}`}
        role="img"
        aria-label={name}
        shapeRendering="crispEdges"
      >
        <path d={path} />
      </svg>
    </div>
  )
}
