import { describe, test } from 'vitest'
import { openRpc } from './rpc.door.ts'
import { conformance } from './testing/conformance.suite.ts'
import { engineIsBuilt } from './testing/engine-built.ts'
import { temporaryFolder } from './testing/fixtures.ts'
import { startFourNodes } from './testing/four-nodes.ts'

/** Three heartbeats without a block while work waits are a halt. */
const TIMING = { pollMs: 50, haltAfterMs: 6_000, resendMs: 1_000 }
const NAME = 'four validators of the consortium engine'

if (engineIsBuilt()) {
  conformance(NAME, async () => {
    const folder = await temporaryFolder()
    const four = await startFourNodes(`${folder.path}/network`)
    return {
      flood: 64,
      open: ({ perSender } = {}) =>
        openRpc({
          urls: four.urls,
          expect: { chainId: four.network.chainId },
          directory: `${folder.path}/outbox`,
          ...TIMING,
          ...(perSender === undefined ? {} : { perSender }),
        }),
      clean: async () => {
        await four.stop()
        await folder.remove()
      },
      fault: {
        code: 'HEAD_STANDS_STILL',
        halt: () => four.kill([2, 3]),
        mend: () => four.start([2, 3]),
      },
    }
  })
} else {
  describe(`the port on ${NAME}`, () => {
    test.skip('left out: the engine is not built, run `npm run engine:build`', () => undefined)
  })
}
