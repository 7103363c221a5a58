/** A consortium whose institutions keep their objects with a real server: shared, read, erased. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { exportDump, verifyDump } from '../../audit/index.ts'
import type { ObjectStore } from '../../vault/index.ts'
import { kuboStore } from '../../vault/kubo.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { s3Store } from '../../vault/s3.door.ts'
import { drawSwarmKey, KUBO, S3_GATEWAY, startBucket, startKubo } from '../../vault/testing/object-servers.ts'
import { freshHandle, openPerson } from '../story/person.ts'
import { virtualCast } from '../story/source.ts'
import { glucoseShared } from '../story/testing/glucose-shared.ts'
import { openConsortium } from '../world/consortium.ts'
import { dumpSource } from './dump-source.ts'

const { hasher } = nodeCrypto

/** A person shares and is erased while `store` shows what lies at the server. */
async function shareAndErase(store: ObjectStore): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-elsewhere-'))
  const consortium = await openConsortium({ directory })
  try {
    const { material } = await virtualCast(7)
    const person = await openPerson(consortium, freshHandle(), consortium.unlock)
    const [south, meadow] = [consortium.party('south'), consortium.party('meadow')]
    await person.agent.enrol(south.id)
    await person.agent.add(material.records, { fill: true })
    await consortium.tick(true)
    expect(await stat(join(directory, 'institutions', 'south', 'objects')).catch(() => 'none')).toBe('none')
    const names = []
    for await (const name of store.list()) names.push(name)
    expect(names.length).toBeGreaterThan(0)
    // Neither context nor chunk shows: all of it lies under outer keys.
    for (const name of names.slice(0, 5)) {
      expect(
        Buffer.from(await store.get(name))
          .subarray(0, 4)
          .toString(),
      ).toBe('islo')
    }

    const reading = await glucoseShared(person, south, meadow, material)
    expect(reading.records.length).toBe(material.records.filter(({ type }) => type === 'glucose').length)

    await consortium.tick(true)
    const dump = join(directory, 'dump')
    await exportDump({ source: await dumpSource(directory), target: dump })
    const { ok, checked, findings } = await verifyDump(dump)
    expect([ok, findings]).toEqual([true, []])
    expect(checked.objects).toBeGreaterThan(0)
    const url = process.env['ISLET_OBJECTS_URL']
    vi.stubEnv('ISLET_OBJECTS_URL', '')
    await expect(dumpSource(directory)).rejects.toMatchObject({ code: 'OBJECTS_ELSEWHERE' })
    vi.stubEnv('ISLET_OBJECTS_URL', url)

    expect([...(await person.agent.erase())].sort()).toEqual([south.id, meadow.id].sort())
    const left = []
    for await (const name of store.list()) left.push(name)
    expect(left).toEqual([])
    for (const name of names) expect(await store.has(name)).toBe(false)
  } finally {
    await consortium.close()
    await rm(directory, { recursive: true, force: true })
  }
}

describe('institutions that keep their objects elsewhere', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.skipIf(S3_GATEWAY === undefined)('in a bucket', async () => {
    const served = await startBucket(S3_GATEWAY!)
    try {
      const { bucket, credentials } = served
      vi.stubEnv('ISLET_OBJECTS_URL', `s3+${bucket}`)
      vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKey)
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretKey)
      await shareAndErase(s3Store({ hasher, bucket, credentials, prefix: 'south/' }))
    } finally {
      await served.stop()
    }
  })

  it.skipIf(KUBO === undefined)('in a private swarm', async () => {
    const { node, stop } = await startKubo(KUBO!, drawSwarmKey())
    try {
      vi.stubEnv('ISLET_OBJECTS_URL', `kubo+${node}`)
      await shareAndErase(kuboStore({ hasher, node, pins: 'islet-south' }))
    } finally {
      await stop()
    }
  })
})
