/** `islet network add|remove|weigh|upgrade`: changes of a network that runs. */
import { resolve } from 'node:path'
import { IsletError } from '../../vocabulary/index.ts'
import { readNetwork } from '../network/network-file.ts'
import { addSeat, removeSeat, weighSeat } from '../network/seats.ts'
import { upgradeAtHeight, upgradeRolling } from '../network/upgrade.ts'
import { withProgress } from './network.ts'
import type { Action } from './verb.ts'

/** Votes of most of ten members, and the steps around them: an estimate for the display. */
const STEPS = 10

export const networkAdd: Action = (context, [institution = ''], options) =>
  withProgress(context, 'adding', STEPS, (progress) =>
    addSeat(
      { directory: context.data, signal: context.signal, progress },
      institution,
      Number(options['power']),
    ),
  )

export const networkRemove: Action = (context, [institution = ''], options) => {
  const heir = options['for'] === undefined ? undefined : String(options['for'])
  return withProgress(context, 'removing', STEPS, (progress) =>
    removeSeat({ directory: context.data, signal: context.signal, progress }, institution, heir),
  )
}

export const networkWeigh: Action = (context, [institution = '', power = '']) => {
  if (!/^[1-9]\d{0,9}$/.test(power)) {
    throw new IsletError('POWER_OUT_OF_RANGE', 'the power of a seat is 1 to 1,000,000,000', {
      power: power.slice(0, 20),
    })
  }
  return withProgress(context, 'weighing', STEPS, (progress) =>
    weighSeat({ directory: context.data, signal: context.signal, progress }, institution, Number(power)),
  )
}

export const networkUpgrade: Action = async (context, [engine = ''], options) => {
  const { nodes } = await readNetwork(context.data)
  const height = options['height'] === undefined ? undefined : Number(options['height'])
  return withProgress(context, 'upgrading', (height === undefined ? 1 : 3) * nodes.length, (progress) => {
    const work = { directory: context.data, signal: context.signal, progress }
    return height === undefined
      ? upgradeRolling(work, resolve(engine))
      : upgradeAtHeight(work, resolve(engine), height)
  })
}
