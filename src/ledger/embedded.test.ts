import { IsletError } from '../vocabulary/index.ts'
import { openEmbedded } from './embedded.door.ts'
import { conformance } from './testing/conformance.suite.ts'
import { failingDisk } from './testing/failing-disk.ts'
import { signerOf, temporaryFolder } from './testing/fixtures.ts'

conformance('the embedded engine', async () => {
  const folder = await temporaryFolder()
  const disk = failingDisk()
  return {
    flood: 150,
    open: ({ perSender = 4_096 } = {}) =>
      openEmbedded({
        directory: folder.path,
        operator: signerOf('operator'),
        disk,
        limits: {
          line: { perSender, total: 16_384 },
          block: { items: 64, gas: 25_000_000, bytes: 4_000_000 },
        },
      }),
    clean: folder.remove,
    fault: {
      code: 'DISK_FULL',
      halt: async () => {
        disk.fail = { at: 'append', error: new IsletError('DISK_FULL', 'full'), halfWritten: true }
      },
      mend: async () => {
        disk.fail = undefined
      },
    },
  }
})
