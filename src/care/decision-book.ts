/**
 * Decisions on doses as an institution keeps them: sealed to its own key, by consent.
 *
 * Law: what lies on the disk shows that something was decided, when it was written, and nothing of what.
 */

import { parseText, type Shelf } from '../consent/browser.door.ts'
import { hpkeOpen, hpkeSeal } from '../vault/index.ts'
import { type ConsentId, fromUtf8, type Hash32, hash32, IsletError, utf8 } from '../vocabulary/index.ts'
import { type DoseDecision, DoseDecisionSchema } from './signed-decision.ts'

const INFO = utf8('islet/v1/dose-decision')

export interface DecisionBook {
  /** Keeps a decision under the hash of the analysis that recorded it. */
  keep(analysis: Hash32, decision: DoseDecision): Promise<void>
  /** Decisions under a consent, oldest first. Throws `DECISION_SEALED_OTHERWISE`. */
  of(consent: ConsentId): Promise<readonly { readonly analysis: Hash32; readonly decision: DoseDecision }[]>
}

export function decisionBook(
  shelf: Shelf,
  hpke: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array },
): DecisionBook {
  return {
    keep: async (analysis, decision) => {
      const name = `${decision.body.consentId.slice(2)}/${analysis.slice(2)}`
      await shelf.put(name, await hpkeSeal(hpke.publicKey, INFO, utf8(JSON.stringify(decision))))
    },
    of: async (consent) => {
      const names = await shelf.list(`${consent.slice(2)}/`)
      const kept = await Promise.all(
        names.map(async (name) => {
          const opened = await hpkeOpen(hpke.privateKey, INFO, (await shelf.get(name)) ?? new Uint8Array(0))
          if (opened.code !== 'OPENED')
            throw new IsletError(
              'DECISION_SEALED_OTHERWISE',
              'a decision does not open with the key of this institution',
              {},
              { remedy: 'open it with the key that it was sealed under' },
            )
          const decision = parseText(DoseDecisionSchema, fromUtf8(opened.plaintext), 'kept decision')
          return { analysis: hash32(`0x${name.slice(65)}`), decision }
        }),
      )
      return kept.sort((a, b) => a.decision.body.at - b.decision.body.at)
    },
  }
}
