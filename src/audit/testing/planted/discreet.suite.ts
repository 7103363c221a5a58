/** What a dump must not hold: anything that names, links or opens a person. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex, toBase64Url } from '../../../vocabulary/index.ts'
import { keysOf, NAMES } from '../consortium.ts'
import type { Scene } from './scene.ts'

export function discreetDump(scene: Scene): void {
  describe('a dump', () => {
    it('holds no name, handle, key or mailbox of a person, in any spelling', async () => {
      const { place } = scene.story
      const secrets: string[] = [...Object.values(NAMES)]
      for (const name of ['anna', 'ben', 'carla']) secrets.push(place.identityOf(name).identityKey)
      for (const house of Object.values(place.houses)) {
        const people = join(house.directory, 'shelf', 'people', 'patients')
        for (const file of await readdir(people).catch(() => [])) {
          const patient: Record<string, unknown> = JSON.parse(await readFile(join(people, file), 'utf8'))
          const { id, identityKey, inboxKey, saltKey, logKey, mailboxes } = patient
          for (const value of [id, identityKey, inboxKey, saltKey, logKey, mailboxes].flat()) {
            if (typeof value === 'string') secrets.push(value)
          }
        }
        for (const { ledgerKey } of [keysOf(house.key)]) secrets.push(toBase64Url(ledgerKey))
      }
      expect(secrets.length).toBeGreaterThan(15)
      const needles = secrets.flatMap(spellings)
      let files = 0
      for (const entry of await readdir(scene.dump, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        files += 1
        const path = join(entry.parentPath, entry.name)
        const bytes = await readFile(path)
        const met = needles.filter(
          (needle) => bytes.includes(needle) || path.includes(needle.toString('latin1')),
        )
        expect(met.map(String), path).toEqual([])
      }
      expect(files).toBeGreaterThan(20)
    })
  })
}

/** Text as it is, and bytes behind hex or base64url in their other spellings. */
function spellings(text: string): readonly Buffer[] {
  const found = [Buffer.from(text, 'utf8')]
  const hex = /^(0x)?[0-9a-f]{32,}$/.test(text)
  if (hex) {
    const bytes = fromHex(text)
    found.push(Buffer.from(bytes), Buffer.from(toBase64Url(bytes)), Buffer.from(text.replace('0x', '')))
  } else if (/^[A-Za-z0-9_-]{40,}$/.test(text)) {
    const bytes = Buffer.from(text, 'base64url')
    found.push(bytes, Buffer.from(bytes.toString('hex')))
  } else
    found.push(
      Buffer.from(text).subarray(0, 12),
      Buffer.from(Buffer.from(text).toString('base64').slice(0, 12)),
    )
  return found
}
