/**
 * Settings of a care team and limits of a dose from options of the command.
 *
 * Law: ratio, factor and target are never guessed: a person's care team sets them. Limits may be tightened, and loosened
 * only as far as dose support allows at all.
 */
import { promises as fs } from 'node:fs'
import type { DoseLimits, Therapy } from '../../learning/index.ts'
import { type InsulinUnits, IsletError, type MgPerDl, quantity } from '../../vocabulary/index.ts'
import { usage } from './outcome.ts'

type Options = Readonly<Record<string, unknown>>

const FIELDS = ['carb_ratio_grams_per_unit', 'correction_factor_mgdl_per_unit', 'target_mgdl'] as const

/** The settings for each id: from `--therapy FILE`, else `--carb-ratio`, `--correction-factor` and `--target`. */
export async function therapies(options: Options): Promise<(id: string) => Therapy> {
  const listed = typeof options['therapy'] === 'string' ? await therapyFile(options['therapy']) : undefined
  const { carbRatio, correctionFactor, target } = options
  const given =
    typeof carbRatio === 'number' && typeof correctionFactor === 'number' && typeof target === 'number'
      ? { carbRatio, correctionFactor, target: quantity<MgPerDl>(target) }
      : undefined
  if (listed === undefined && given === undefined)
    throw usage(
      'a dose needs the settings of the care team',
      'give --carb-ratio G --correction-factor MGDL --target MGDL, or --therapy FILE',
    )
  return (id) => {
    const found = listed?.get(id) ?? given
    if (found !== undefined) return found
    throw usage(
      'there are no settings for one of the people',
      'name everybody in the therapy file, or give --carb-ratio, --correction-factor and --target for the rest',
    )
  }
}

/** `{ ID: { carb_ratio_grams_per_unit, correction_factor_mgdl_per_unit, target_mgdl }, … }`. */
async function therapyFile(path: string): Promise<ReadonlyMap<string, Therapy>> {
  const text = await fs.readFile(path, 'utf8')
  const bad = (): IsletError =>
    new IsletError(
      'NOT_A_THERAPY_FILE',
      'this is no list of settings',
      {},
      { at: { file: path }, remedy: `give a JSON object: for each id an object with ${FIELDS.join(', ')}` },
    )
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw bad()
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw bad()
  return new Map(
    Object.entries(content).map(([id, settings]: [string, unknown]) => {
      const value = (name: (typeof FIELDS)[number]): number => {
        const own =
          typeof settings === 'object' && settings !== null
            ? Object.entries(settings).find(([field]) => field === name)?.[1]
            : undefined
        if (typeof own !== 'number') throw bad()
        return own
      }
      return [
        id,
        {
          carbRatio: value('carb_ratio_grams_per_unit'),
          correctionFactor: value('correction_factor_mgdl_per_unit'),
          target: quantity<MgPerDl>(value('target_mgdl')),
        },
      ]
    }),
  )
}

/** The usual limits, changed by `--share`, `--most-units`, `--most-on-board` and `--increment`. */
export function doseLimits({ share, mostUnits, mostOnBoard, increment }: Options): DoseLimits {
  const number = (value: unknown, usual: number): number => (typeof value === 'number' ? value : usual)
  return {
    mostUnits: quantity<InsulinUnits>(number(mostUnits, 15)),
    mostOnBoard: quantity<InsulinUnits>(number(mostOnBoard, 20)),
    share: number(share, 25) / 100,
    correctFrom: quantity<MgPerDl>(100),
    fallingRate: -1,
    lowGlucose: quantity<MgPerDl>(70),
    increment: quantity<InsulinUnits>(number(increment, 0.1)),
  }
}
