/**
 * A hosted institution as a party: what whoever runs this process commands it.
 */
import { tryEveryKey } from '../../consent/probe.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type ConsentId, fromBase64Url, IsletError, type Json } from '../../vocabulary/index.ts'
import type { Hosted } from './hosted.ts'
import type { Party } from './party.ts'

export function hostedParty(hosted: Hosted): Party {
  const { id, key, name, roles, directory, keys, institution, chain, heads } = hosted
  const { reader, writer, results } = institution
  const handOver = (consent: ConsentId) => {
    const grant = reader.grants().find((one) => one.consentId === consent)
    if (grant === undefined) {
      throw new IsletError('CONSENT_NOT_HANDED_OVER', 'no such grant was handed over here')
    }
    return grant
  }
  return {
    id,
    key,
    name,
    roles,
    directory,
    hpkePublicKey: keys.hpke.publicKey,
    ask: (address, wish) =>
      reader.ask(address, { ...wish, readerName: name, hpkePublicKey: keys.hpke.publicKey }, chain),
    grants: async () =>
      reader.grants().map(({ consentId, signer, custodian, envelope }) => ({
        consentId,
        signer,
        custodian,
        sequence: envelope.notice.sequence,
      })),
    generations: async (consent) => {
      const covers = await reader.covers(consent)
      return [...new Set(covers.map((cover) => cover.generation))].sort((a, b) => a - b)
    },
    read: (consent, options) => reader.read(consent, options),
    search: (consent, options) => reader.search(consent, options),
    write: (consent, records) => writer.write(consent, records),
    probe: async (consent, objects) => {
      const { stream } = handOver(consent).ownership.body
      const theirs = reader.grants().filter((grant) => grant.ownership.body.stream === stream)
      const covers = await Promise.all(theirs.map((grant) => reader.covers(grant.consentId)))
      return tryEveryKey(nodeCrypto, covers.flat(), fromBase64Url(stream), objects)
    },
    record: async (consentId, reading, { activity, code, purpose, result }) => {
      const inputs = [{ consentId, purpose, reading }]
      const outcome: Json = JSON.parse(result)
      return (await results.record({ activity, code, inputs }, outcome)).hash
    },
    anchoredIn: async (analysis) => (await results.proof(analysis)).proof?.slot,
    tick: async (early) => {
      await institution.tick(early)
      await hosted.tellCopies()
    },
    exchangeHeads: (other) => hosted.exchangeHeads(other),
    heads: async () => ({
      held: heads.all().length,
      newest: heads.newest(),
      rewritten: heads.rewritten(),
    }),
    logSize: async () => hosted.log.size,
    enrolled: async (identityKey) => institution.rolesOf(identityKey).includes('patient'),
  }
}
