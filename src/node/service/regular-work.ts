/** The regular work of whoever runs institutions: theirs first, then that of the people looked after. */
import { type OneAtATime, oneAtATime } from './one-at-a-time.ts'

const ROUND_SECONDS = 60

/** Does the regular work every so many seconds, the people's after the institutions'; gives what stops it. */
export function doRegularly(
  tick: () => Promise<void>,
  people: OneAtATime,
  report: (error: unknown) => void,
  seconds = ROUND_SECONDS,
): () => Promise<void> {
  const ticks = oneAtATime(async () => {
    await tick().catch(report)
    people.soon()
  }, report)
  const timer = setInterval(ticks.soon, seconds * 1_000)
  return async () => {
    clearInterval(timer)
    await ticks.idle()
  }
}
