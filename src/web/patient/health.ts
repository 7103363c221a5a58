/**
 * The person's own records as this device opened them, and how each sealed hour stands to the ledger.
 *
 * Law: an hour that does not open, or does not lie under its root, is counted and not shown.
 */
import type { PatientAgent, ReadChunk, Reading } from '../../consent/browser.door.ts'
import { mgPerDlOf, sensorReadings } from '../../glycemia/index.ts'
import type { Glucose } from '../../series/index.ts'
import { hourOf, quantity, type UnixSeconds, type UtcHour } from '../../vocabulary/index.ts'
import type { Point } from '../shared/trend.ts'

export interface Health {
  /** In order of time. */
  readonly glucose: readonly Glucose[]
  /** Sensor values in mg/dL, in order of time. */
  readonly points: readonly Point[]
  readonly chunks: { readonly all: number; readonly proven: number; readonly broken: number }
}

const DAYS = 15

/** Reads the last days. Throws the custodian's codes. */
export async function readHealth(agent: PatientAgent, now: number): Promise<Health> {
  const thisHour = hourOf(quantity<UnixSeconds>(now))
  const window = {
    first: quantity<UtcHour>(thisHour - DAYS * 24),
    end: quantity<UtcHour>(thisHour + 1),
  }
  return healthOf(await agent.read(['glucose'], window))
}

/** What a reading holds, broken hours left out and counted. */
export function healthOf(reading: Pick<Reading, 'chunks'>): Health {
  const sound = reading.chunks.filter((chunk) => !isBroken(chunk))
  const glucose = sound
    .flatMap((chunk) => chunk.records)
    .filter((record) => record.type === 'glucose')
    .sort((a, b) => a.at - b.at)
  return {
    glucose,
    points: sensorReadings(glucose).map((one) => ({ at: one.at, mgdl: mgPerDlOf(one) })),
    chunks: {
      all: reading.chunks.length,
      proven: sound.filter(({ anchor }) => anchor.code === 'ANCHORED').length,
      broken: reading.chunks.length - sound.length,
    },
  }
}

function isBroken({ code, anchor }: ReadChunk): boolean {
  return code !== 'OPENED' || anchor.code === 'NOT_UNDER_ROOT'
}
