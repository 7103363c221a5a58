/** The words of forecasts in English; the shape that every other language fills. */
import type { ForecastHere } from '../forecast-here.ts'

type None = Extract<ForecastHere, { readonly none: string }>['none'] | 'STALE' | 'FAILED'

export const en = {
  title: 'The next hour',
  working: 'Working out the next hour on this device …',
  says: (minutes: number, value: string, low: string, high: string) =>
    `In ${minutes} minutes about ${value}, likely between ${low} and ${high}.`,
  limit: 'From a research model: no alarm, no advice. Never dose by it.',
  how: 'How this is worked out',
  band: (moments: number) =>
    `Worked out on this device; no reading leaves it for this. “Likely” is where nine of ten came to lie at ${moments} moments of these same two weeks. It knows of no meal, insulin or exercise to come.`,
  error: (model: string, stays: string, unit: string) =>
    `Half an hour ahead it missed by ${model} ${unit} there (root mean square); “it stays as it is” by ${stays}.`,
  source: (title: string, version: number, made: string) => `Model: “${title}”, version ${version}, ${made}.`,
  none: {
    STALE: 'No forecast: the last reading is too old for one.',
    NO_MODEL: 'No forecast: no study has made a model for it here yet.',
    CONTEXT_TOO_SHORT: 'No forecast: there are gaps in the last two hours.',
    PAST_TOO_SHORT: 'No forecast: some three days of readings are needed to know how far off it may be.',
    MODEL_FITS_BADLY:
      'No forecast: on these last two weeks the study’s model was no better than “it stays as it is”.',
    FAILED: 'No forecast: the model could not be fetched, or is not the one on record.',
  } satisfies Readonly<Record<None, string>>,
}

export type ForecastWords = Omit<typeof en, 'none'> & { readonly none: Readonly<Record<None, string>> }
