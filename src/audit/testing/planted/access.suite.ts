/** Accesses that must not have been: logged by the custodians themselves, under their own keys. */
import { describe, expect, it } from 'vitest'
import type { Finding, FindingCode } from '../../finding.ts'
import { liarsDump, lies } from './access-lies.ts'
import type { Scene } from './scene.ts'

export function lyingCustodians(scene: Scene): void {
  let found: Promise<readonly Finding[]> | undefined
  const findings = (): Promise<readonly Finding[]> => {
    found ??= scene.findingsOf(liarsDump(scene.story))
    return found
  }

  describe('an access', () => {
    it.each<{ name: string; codes: readonly FindingCode[] }>([
      { name: 'after the revoke', codes: ['ACCESS_AFTER_REVOKE'] },
      { name: 'in the block of the revoke', codes: ['ACCESS_AFTER_REVOKE', 'ACCESS_BACKDATED'] },
      { name: 'after the expiry', codes: ['ACCESS_AFTER_EXPIRY'] },
      { name: 'without any consent', codes: ['ACCESS_WITHOUT_CONSENT'] },
      { name: 'in a block that is not', codes: ['ACCESS_BLOCK_UNKNOWN'] },
      { name: 'under a revoked consent, dated back', codes: ['ACCESS_BACKDATED'] },
      { name: 'before the grant', codes: ['ACCESS_BACKDATED', 'ACCESS_BEFORE_GRANT'] },
      { name: 'at an instant that has not come', codes: ['ACCESS_TIME_IMPLAUSIBLE'] },
      { name: 'while suspended', codes: ['ACCESS_BY_SUSPENDED'] },
    ])('$name is found and named', async ({ name, codes }) => {
      const place = lies().get(name)
      const where = `log of ${place?.house}, entry ${place?.entry}`
      const here = (await findings()).filter((finding) => finding.where === where)
      expect(here.map(({ code }) => code).toSorted()).toEqual(codes)
    })

    it('by a reader that was suspended is found in the reader’s own record', async () => {
      const here = (await findings()).filter(({ where }) => where.startsWith('institutions/east/reads.jsonl'))
      expect(here.map(({ code }) => code)).toEqual(['ACCESS_BY_SUSPENDED'])
    })

    it('log signed by a key that was replaced before is found', async () => {
      const here = (await findings()).filter(({ where }) => where === 'log of south')
      expect(here.map(({ code }) => code)).toEqual(['LOG_KEY_OUT_OF_TIME'])
    })

    it('is found nowhere else: nine entries, one record and one key are all that is wrong', async () => {
      expect(await findings()).toHaveLength(11 + 2)
    })
  })
}
