/** The patient may give less than was asked, never more. */
import { narrow as narrowed } from '../../../consent/index.ts'
import { quantity, startOfHour, type UnixSeconds } from '../../../vocabulary/index.ts'
import { wallClock } from '../../institution/wire.ts'
import { need, refusalOf, type Stage } from '../stage.ts'

export async function narrow(stage: Stage): Promise<void> {
  const { material } = stage
  const { body } = need(stage.progress.request, 'the request').request
  const now = quantity<UnixSeconds>(Math.floor(wallClock()))
  const from = startOfHour(material.window.first)
  const until = startOfHour(material.window.end)
  const agreement = narrowed(body, { kinds: ['glucose'], from, until }, now)
  const hours = agreement.window.end - agreement.window.first
  stage.check(
    `of ${Math.round((material.until - material.from) / 3600)} hours and three kinds asked, ${hours} hours of glucose are given`,
    hours === material.window.end - material.window.first && agreement.kinds.length === 1,
    `${hours} hours, ${agreement.kinds.join(', ')}`,
  )
  const wider = await refusalOf(
    Promise.resolve().then(() => narrowed(body, { until: quantity<UnixSeconds>(body.until + 3600) }, now)),
  )
  stage.check('a choice that gives more than was asked is refused', wider === 'NARROWING_WIDENS', wider)
  const other = await refusalOf(Promise.resolve().then(() => narrowed(body, { kinds: ['notes'] }, now)))
  stage.check('a kind that was not asked for cannot be added', other === 'NARROWING_WIDENS', other)
}
