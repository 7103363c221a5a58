/**
 * `islet.read/1`: what `islet read --json` prints. Field names end in their unit; unknown is null.
 */
import { type Static, Type } from 'typebox'

const number = Type.Number()
const count = Type.Integer({ minimum: 0 })
const known = Type.Union([number, Type.Null()])
const text = Type.String()

export const Dropped = Type.Object(
  {
    reason: Type.String({ description: 'closed list of reasons, SCREAMING' }),
    count,
    lines: Type.Array(Type.Integer({ minimum: 1 }), {
      maxItems: 20,
      description: 'the first 20 places: 1-based lines of text files, entry numbers of JSON arrays',
    }),
  },
  { additionalProperties: false },
)

export const ReadFile = Type.Object({
  path: text,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  format: Type.String({
    description: 'dexcom-clarity, libreview, carelink, tidepool, nightscout, fhir or csv',
  }),
  rows: Type.Integer({
    minimum: 0,
    description: 'records of the file = kept + all of other + all of dropped',
  }),
  kept: Type.Integer({ minimum: 0, description: 'glucose readings kept' }),
  other: Type.Record(Type.String(), count, { description: 'records kept that are not glucose, by type' }),
  dropped: Type.Array(Dropped),
  low: Type.Integer({ minimum: 0, description: 'textual Low among kept' }),
  high: Type.Integer({ minimum: 0, description: 'textual High among kept' }),
  out_of_order: Type.Optional(
    Type.Integer({ minimum: 0, description: 'kept readings that stood out of order' }),
  ),
})

const Episode = Type.Object({
  type: Type.Union([Type.Literal('hypo'), Type.Literal('hyper')]),
  level: Type.Union([
    Type.Literal(1),
    Type.Literal(2),
    Type.Literal('1-exclusive'),
    Type.Literal('extended'),
  ]),
  count,
  per_day: known,
  mean_minutes: known,
  mean_mgdl: known,
})

const ProfileBin = Type.Object({
  minute: Type.Integer({ minimum: 0, maximum: 1439 }),
  n: count,
  p05: known,
  p25: known,
  p50: known,
  p75: known,
  p95: known,
})

/** Names of the report's figures, each a number or null, in the order of COMMANDS. */
export const REPORT_FIGURES = [
  'days',
  'wear_percent',
  'mean_mgdl',
  'sd_mgdl',
  'cv_percent',
  'min_mgdl',
  'q1_mgdl',
  'median_mgdl',
  'q3_mgdl',
  'max_mgdl',
  'iqr_mgdl',
  'gmi_percent',
  'ea1c_percent',
  'tbr54_percent',
  'tbr70_percent',
  'tir_percent',
  'titr_percent',
  'tar180_percent',
  'tar250_percent',
  'lbgi',
  'hbgi',
  'adrr_mgdl',
  'gri',
  'j_index',
  'modd_mgdl',
  'conga1_mgdl',
  'conga24_mgdl',
  'mag_mgdl_per_hour',
  'mage_mgdl',
  'mage_plus_mgdl',
  'mage_minus_mgdl',
  'm_value',
  'grade',
  'grade_hypo_percent',
  'grade_eu_percent',
  'grade_hyper_percent',
  'hyper_index',
  'hypo_index',
  'igc',
  'cogi',
  'mad_mgdl',
  'gvp_percent',
  'sd_roc_mgdl_per_minute',
  'sdw_mgdl',
  'sdhhmm_mgdl',
  'sdwsh_mgdl',
  'sddm_mgdl',
  'sdb_mgdl',
  'sdbdm_mgdl',
] as const

const figures = Object.fromEntries(REPORT_FIGURES.map((name) => [name, known]))

export const GlycemiaReport = Type.Object({
  readings: count,
  sufficient: Type.Boolean({ description: '14 days with at least 70 % of the expected readings' }),
  ...figures,
  ranges: Type.Optional(
    Type.Object({
      preset: Type.String(),
      bands: Type.Array(
        Type.Object({ name: Type.String(), from_mgdl: known, to_mgdl: known, percent: known }),
      ),
      goals: Type.Array(
        Type.Object({
          what: Type.String(),
          relation: Type.Union([Type.Literal('>'), Type.Literal('<')]),
          goal_percent: number,
          percent: known,
          met: Type.Union([Type.Boolean(), Type.Null()]),
        }),
      ),
    }),
  ),
  episodes: Type.Array(Episode),
  profile: Type.Array(ProfileBin),
})

export const ReadDocument = Type.Object(
  {
    schema: Type.Literal('islet.read/1'),
    files: Type.Array(ReadFile),
    people: Type.Array(
      Type.Object({
        id: text,
        zone: Type.Union([Type.String(), Type.Null()], {
          description: 'IANA zone; null when the file names none',
        }),
        from: Type.Union([Type.String(), Type.Null()]),
        to: Type.Union([Type.String(), Type.Null()]),
        readings: count,
        report: GlycemiaReport,
      }),
    ),
  },
  { $id: 'islet.read/1', title: 'What a file holds and what its glucose says' },
)
export type ReadDocument = Static<typeof ReadDocument>
