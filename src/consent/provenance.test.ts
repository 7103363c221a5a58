import { Fhir } from 'fhir'
import { describe, expect, it } from 'vitest'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { keccakText } from './abi-words.ts'
import { verifyAnalysis } from './provenance.ts'
import { askOf, at, DAY, START, town, trace } from './testing/town.ts'

describe('the result of an analysis', () => {
  it('names its consent, roots and code, stands under an anchored root, and is told to the patient', async () => {
    const place = town()
    const south = await place.house('South Hospital')
    const north = await place.house('North Clinic')
    const anna = await place.patient('anna')
    await anna.enrol(south.id)
    await anna.add(trace(START - 2 * DAY, START), { fill: true })
    await south.open.tick(true)
    const mailbox = await anna.openMailbox('North Clinic')
    const ask = askOf(north, { from: at(START - DAY), until: at(START) })
    await north.open.reader.ask({ custodian: south.id, mailbox }, ask, north.chain)
    const [pending] = (await anna.collect()).requests
    const consentId = (await anna.grant(pending!.request)).handOver.consentId
    const reading = await north.open.reader.read(consentId)
    const work = {
      activity: 'mean glucose',
      code: keccakText('code'),
      inputs: [{ consentId, purpose: 'TREAT' as const, reading }],
    }
    const { analysis, hash } = await north.open.results.record(work, { mean_mgdl: 129.5 })
    expect((await north.open.results.proof(hash)).proof).toBeUndefined()
    await north.open.tick(true)
    await north.restart()
    const { proof } = await north.open.results.proof(hash)
    const ports = { hasher: nodeCrypto.hasher, ed: nodeEd25519 }
    const key = north.keys.public.messageKey
    expect(verifyAnalysis(analysis, proof!, key, ports)).toBe(true)
    expect(await south.chain.anchorAt(north.id, 'objects', proof!.slot)).toMatchObject({ root: proof!.root })
    // One changed word breaks the signature, one changed node the proof.
    const changed = { ...analysis, body: { ...analysis.body, activity: 'median glucose' } }
    expect(() => verifyAnalysis(changed, proof!, key, ports)).toThrow('signed')
    expect(verifyAnalysis(analysis, { ...proof!, root: keccakText('other') }, key, ports)).toBe(false)
    expect(analysis.body.inputs).toEqual([
      {
        consentId,
        purpose: 'TREAT',
        chunks: 24,
        roots: [
          expect.objectContaining({
            root: reading.chunks[0]!.anchor.code === 'ANCHORED' ? reading.chunks[0]!.anchor.root : '',
          }),
        ],
      },
    ])
    const verdict = new Fhir().validate(JSON.parse(JSON.stringify(analysis.body.provenance)), {
      errorOnUnexpected: true,
    })
    expect(verdict.messages.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual(
      [],
    )
    const told = (await anna.collect()).results
    expect(told.map((notice) => notice.body)).toEqual([
      { consentId, activity: 'mean glucose', recorded: START, analysis: hash },
    ])
  })
})
