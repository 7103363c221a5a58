/** A dump in which nobody lied. */
import { describe, expect, it } from 'vitest'
import { verifyDump } from '../../verify-dump.ts'
import type { Scene } from './scene.ts'

export function honestDump(scene: Scene): void {
  describe('a dump of an honest consortium', () => {
    it('holds together, and says whether a head that others hold was compared', async () => {
      const alone = await verifyDump(scene.dump)
      expect(alone.findings).toEqual([])
      expect(alone).toMatchObject({ ok: true, anchored: false })
      const anchored = await verifyDump(scene.dump, {
        anchors: [scene.story.heads.before, scene.story.heads.after, scene.story.heads.last],
      })
      expect(anchored).toMatchObject({ ok: true, anchored: true, findings: [] })
      expect(anchored.checked).toMatchObject({ consents: 3, accesses: expect.any(Number) })
      expect(anchored.checked.accesses).toBeGreaterThan(8)
      expect(anchored.also).toMatchObject({ reads: 5, results: 1, institutions: 3 })
      expect(anchored.also.erasedLeaves).toBeGreaterThan(0)
    })
  })
}
