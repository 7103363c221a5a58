/**
 * The next hour, computed in this browser: the model comes here, the readings stay.
 *
 * Laws: a model is used only as the ledger has it: its bytes have the hash of a version that stands there. The question is
 * the same for everybody, and nothing that is computed is sent. Limit, stated: what the node says of the ledger is believed
 * here, as everywhere in this app.
 */
import { mgPerDlOf, sensorReadings } from '../../../glycemia/index.ts'
import { type NoForecast, type OwnForecast, ownForecast } from '../../../learning/browser.door.ts'
import { type Glucose, samplesOf } from '../../../series/index.ts'
import { pathOfModel } from '../../../study/forecast.door.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import { fromBase64Url, IsletError, toHex } from '../../../vocabulary/index.ts'
import { askNode } from '../node-fetch.ts'

type Forecaster = NonNullable<Awaited<ReturnType<ReturnType<typeof askNode>['forecaster']>>['forecaster']>

/** What made a forecast. */
export type ForecastSource = Pick<Forecaster, 'title' | 'version' | 'made'>

export type ForecastHere =
  | { readonly source: ForecastSource; readonly forecast: OwnForecast }
  | { readonly none: NoForecast | 'NO_MODEL' }

/** Days before the latest reading that a band is counted on. */
const DAYS = 14

/** A forecast from the latest of some readings. Throws `NODE_AWAY`, `MODEL_NOT_AS_RECORDED`, `MODEL_WRONG_SHAPE`. */
export async function forecastHere(glucose: readonly Glucose[]): Promise<ForecastHere> {
  const { forecaster } = await askNode().forecaster()
  if (forecaster === null) return { none: 'NO_MODEL' }
  const { kind, hidden, title, version, made } = forecaster
  const model = kind === 'ridge' ? { kind } : { kind, hidden }
  const pathOf = pathOfModel(model, await recordedBytes(forecaster))
  const forecast = ownForecast(pathOf, { id: '', glucose: lately(glucose) })
  return 'none' in forecast ? forecast : { source: { title, version, made }, forecast }
}

/** The bytes of a model, where they are those of a standing version of its study. */
async function recordedBytes({ study, version, model, bytes: text }: Forecaster) {
  const bytes = fromBase64Url(text)
  const { versions } = await askNode().studyHistory({ params: { study } })
  const recorded = versions.find(({ number }) => number === version)
  if (
    recorded !== undefined &&
    !recorded.withdrawn &&
    recorded.model === toHex(webCrypto.hasher.sha256(bytes))
  )
    return bytes
  throw new IsletError('MODEL_NOT_AS_RECORDED', 'the model is not the one that the ledger records', {
    study,
    version,
    model,
  })
}

function lately(glucose: readonly Glucose[]) {
  const readings = sensorReadings(glucose)
  const from = (readings.at(-1)?.at ?? 0) - DAYS * 86_400
  return samplesOf(
    readings.filter(({ at }) => at > from),
    mgPerDlOf,
  )
}
