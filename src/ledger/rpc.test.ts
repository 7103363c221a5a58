import { IsletError } from '../vocabulary/index.ts'
import { openEmbedded, openGateway } from './embedded.door.ts'
import { openRpc } from './rpc.door.ts'
import { startBareAnvil } from './testing/bare-anvil.ts'
import { conformance, type EngineUnderTest, type OpenOptions } from './testing/conformance.suite.ts'
import { failingDisk } from './testing/failing-disk.ts'
import { signerOf, temporaryFolder } from './testing/fixtures.ts'

/** Four windows of the outbox. */
const FLOOD = 64

/** So quick that the tests are, and halted only where nothing comes for long on the slowest machine. */
const means = ({ perSender, haltAfterMs = 40_000 }: OpenOptions = {}) => ({
  pollMs: 20,
  resendMs: 400,
  haltAfterMs,
  ...(perSender === undefined ? {} : { perSender }),
})

const onBareAnvil = (blockSeconds?: number) => async (): Promise<EngineUnderTest> => {
  const folder = await temporaryFolder()
  const anvil = await startBareAnvil(blockSeconds)
  return {
    flood: FLOOD,
    open: (options) => openRpc({ urls: [anvil.url], directory: folder.path, ...means(options) }),
    clean: async () => {
      await anvil.stop()
      await folder.remove()
    },
    fault: {
      code: 'HEAD_STANDS_STILL',
      halt: async () => {
        await anvil.rpc.call('evm_setAutomine', [false])
        await anvil.rpc.call('evm_setIntervalMining', [0])
      },
      mend: async () => {
        if (blockSeconds === undefined) await anvil.rpc.call('evm_setAutomine', [true])
        else await anvil.rpc.call('evm_setIntervalMining', [1])
        await anvil.rpc.call('evm_mine', [])
      },
    },
  }
}

conformance('a bare anvil, a block for every transaction', onBareAnvil())
conformance('a bare anvil, blocks by the clock', onBareAnvil(0.2))

conformance('the gateway of an embedded engine', async () => {
  const folder = await temporaryFolder()
  const disk = failingDisk()
  const behind = await openEmbedded({
    directory: `${folder.path}/behind`,
    operator: signerOf('operator'),
    disk,
  })
  const gateway = await openGateway(behind)
  const dead = 'http://127.0.0.1:9/'
  return {
    flood: FLOOD,
    open: (options) =>
      openRpc({
        urls: [dead, gateway.url],
        expect: { chainId: behind.chainId, genesisHash: behind.genesisHash },
        directory: `${folder.path}/outbox`,
        ...means(options),
      }),
    clean: async () => {
      await gateway.close()
      await behind.close()
      await folder.remove()
    },
    fault: {
      code: 'HEAD_STANDS_STILL',
      halt: async () => {
        disk.fail = { at: 'append', error: new IsletError('DISK_FULL', 'full') }
      },
      mend: async () => {
        disk.fail = undefined
      },
    },
  }
})
