import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('the browser door reaches no ledger client and nothing of Node, also transitively', async () => {
  const bundle = async (entry: string) =>
    build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
    })
  const { metafile } = await bundle('src/consent/browser.door.ts')
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.length).toBeGreaterThan(50)
  expect(
    inputs.filter((path) => /src\/(ledger|node|audit)\/|node_modules\/(viem|ox|@foundry-rs)\//.test(path)),
  ).toEqual([])
  // The check sees what it looks for: the door to the ledger does reach it.
  await expect(bundle('src/consent/ledger-chain.door.ts')).rejects.toThrow()
})
