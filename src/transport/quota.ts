/**
 * Quotas by sender: a bucket that refills steadily, so that a flood from one delays nobody else (PROTOCOL 5).
 */
export interface Quota {
  /** Takes `weight` from the bucket of a sender; 0 when there was enough, else the seconds to wait. */
  readonly take: (sender: string, weight: number) => number
}

export interface QuotaSize {
  /** What a full bucket holds. */
  readonly burst: number
  /** What flows in, per second. */
  readonly perSecond: number
}

const SWEEP_AT = 10_000

/** Quotas in memory; `now` in seconds. A clock that is set back takes from nobody what they had. */
export function createQuota({ burst, perSecond }: QuotaSize, now: () => number): Quota {
  const buckets = new Map<string, { level: number; at: number }>()

  function sweep(at: number): void {
    for (const [sender, bucket] of buckets) {
      if (bucket.level + (at - bucket.at) * perSecond >= burst) buckets.delete(sender)
    }
  }

  return {
    take: (sender, weight) => {
      const at = now()
      if (buckets.size >= SWEEP_AT) sweep(at)
      const bucket = buckets.get(sender)
      const level =
        bucket === undefined ? burst : Math.min(burst, bucket.level + Math.max(0, at - bucket.at) * perSecond)
      const enough = level >= weight
      buckets.set(sender, { level: enough ? level - weight : level, at })
      return enough ? 0 : (weight - level) / perSecond
    },
  }
}
