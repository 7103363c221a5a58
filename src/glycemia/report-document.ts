/**
 * The report as the command prints it: flat, snake_case, each name ends in its unit; unknown is null.
 *
 * Law: a name that holds a border (`tbr70`, `tar180`) always speaks of that border; `tir_percent` speaks of the target
 * range of the preset, and `ranges` names the preset's own bands and goals.
 */
import type { Glucose } from '../series/index.ts'
import type { EpisodeLevel } from './episodes.ts'
import type { BandName, PresetName } from './presets.ts'
import { type Report, type ReportOptions, report } from './report.ts'

type Figure = number | null

export interface ReportDocument {
  readonly readings: number
  readonly days: Figure
  readonly wear_percent: Figure
  readonly sufficient: boolean
  readonly mean_mgdl: Figure
  readonly sd_mgdl: Figure
  readonly cv_percent: Figure
  readonly min_mgdl: Figure
  readonly q1_mgdl: Figure
  readonly median_mgdl: Figure
  readonly q3_mgdl: Figure
  readonly max_mgdl: Figure
  readonly iqr_mgdl: Figure
  readonly gmi_percent: Figure
  readonly ea1c_percent: Figure
  readonly tbr54_percent: Figure
  readonly tbr70_percent: Figure
  readonly tir_percent: Figure
  readonly titr_percent: Figure
  readonly tar180_percent: Figure
  readonly tar250_percent: Figure
  readonly lbgi: Figure
  readonly hbgi: Figure
  readonly adrr_mgdl: Figure
  readonly gri: Figure
  readonly j_index: Figure
  readonly modd_mgdl: Figure
  readonly conga1_mgdl: Figure
  readonly conga24_mgdl: Figure
  readonly mag_mgdl_per_hour: Figure
  readonly mage_mgdl: Figure
  readonly mage_plus_mgdl: Figure
  readonly mage_minus_mgdl: Figure
  readonly m_value: Figure
  readonly grade: Figure
  readonly grade_hypo_percent: Figure
  readonly grade_eu_percent: Figure
  readonly grade_hyper_percent: Figure
  readonly hyper_index: Figure
  readonly hypo_index: Figure
  readonly igc: Figure
  readonly cogi: Figure
  readonly mad_mgdl: Figure
  readonly gvp_percent: Figure
  readonly sd_roc_mgdl_per_minute: Figure
  readonly sdw_mgdl: Figure
  readonly sdhhmm_mgdl: Figure
  readonly sdwsh_mgdl: Figure
  readonly sddm_mgdl: Figure
  readonly sdb_mgdl: Figure
  readonly sdbdm_mgdl: Figure
  readonly ranges: {
    readonly preset: PresetName
    readonly bands: readonly {
      readonly name: BandName
      readonly from_mgdl: Figure
      readonly to_mgdl: Figure
      readonly percent: Figure
    }[]
    readonly goals: readonly {
      readonly what: string
      readonly relation: '>' | '<'
      readonly goal_percent: number
      readonly percent: Figure
      readonly met: boolean | null
    }[]
  }
  readonly episodes: readonly {
    readonly type: 'hypo' | 'hyper'
    readonly level: EpisodeLevel
    readonly count: number
    readonly per_day: Figure
    readonly mean_minutes: Figure
    readonly mean_mgdl: Figure
  }[]
  readonly profile: readonly {
    readonly minute: number
    readonly n: number
    readonly p05: Figure
    readonly p25: Figure
    readonly p50: Figure
    readonly p75: Figure
    readonly p95: Figure
  }[]
}

/** Readings → the report as a document. Throws `NOT_A_GLUCOSE_VALUE`. */
export function reportDocument(readings: readonly Glucose[], options: ReportOptions = {}): ReportDocument {
  return documentOf(report(readings, options))
}

/** A report already made → its document. */
export function documentOf(from: Report): ReportDocument {
  const { distribution: spread, shares, risk, mage, grade, control, sds } = from
  return {
    readings: from.readings,
    days: from.days,
    wear_percent: from.wear.percent,
    sufficient: from.sufficient,
    mean_mgdl: spread.mean,
    sd_mgdl: spread.sd,
    cv_percent: from.cv,
    min_mgdl: spread.min,
    q1_mgdl: spread.q1,
    median_mgdl: spread.median,
    q3_mgdl: spread.q3,
    max_mgdl: spread.max,
    iqr_mgdl: spread.q1 === null || spread.q3 === null ? null : spread.q3 - spread.q1,
    gmi_percent: from.gmi,
    ea1c_percent: from.ea1c,
    tbr54_percent: shares.below54,
    tbr70_percent: shares.below70,
    tir_percent: from.timeInTarget,
    titr_percent: shares.from70to140,
    tar180_percent: shares.above180,
    tar250_percent: shares.above250,
    lbgi: risk.lbgi,
    hbgi: risk.hbgi,
    adrr_mgdl: risk.adrr,
    gri: from.gri?.gri ?? null,
    j_index: from.jIndex,
    modd_mgdl: from.modd,
    conga1_mgdl: from.conga1,
    conga24_mgdl: from.conga24,
    mag_mgdl_per_hour: from.mag,
    mage_mgdl: mage.mage,
    mage_plus_mgdl: mage.plus,
    mage_minus_mgdl: mage.minus,
    m_value: from.mValue,
    grade: grade?.grade ?? null,
    grade_hypo_percent: grade?.hypo ?? null,
    grade_eu_percent: grade?.eu ?? null,
    grade_hyper_percent: grade?.hyper ?? null,
    hyper_index: control?.hyperIndex ?? null,
    hypo_index: control?.hypoIndex ?? null,
    igc: control?.igc ?? null,
    cogi: from.cogi,
    mad_mgdl: spread.mad,
    gvp_percent: from.gvp,
    sd_roc_mgdl_per_minute: from.sdRateOfChange,
    sdw_mgdl: sds.sdw,
    sdhhmm_mgdl: sds.sdhhmm,
    sdwsh_mgdl: sds.sdwsh,
    sddm_mgdl: sds.sddm,
    sdb_mgdl: sds.sdb,
    sdbdm_mgdl: sds.sdbdm,
    ranges: {
      preset: from.preset.name,
      bands: from.bands.map(({ name, band, percent }) => ({
        name,
        from_mgdl: band.from?.mgdl ?? null,
        to_mgdl: band.to?.mgdl ?? null,
        percent,
      })),
      goals: from.goals.map(({ goal, percent, met }) => ({
        what: goal.what,
        relation: goal.relation,
        goal_percent: goal.percent,
        percent,
        met,
      })),
    },
    episodes: from.episodes.map((episode) => ({
      type: episode.type,
      level: episode.level,
      count: episode.count,
      per_day: episode.perDay,
      mean_minutes: episode.meanMinutes,
      mean_mgdl: episode.meanGlucose,
    })),
    profile: from.profile.map(({ minute, n, p05, p25, p50, p75, p95 }) => ({
      minute,
      n,
      p05,
      p25,
      p50,
      p75,
      p95,
    })),
  }
}
