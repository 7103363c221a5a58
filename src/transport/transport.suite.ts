/**
 * What every transport must keep, run by each of them: the same messages, the same refusals, the same bytes.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  contentDigest,
  type Envelope,
  fromBase64,
  inboxPath,
  type MessageName,
  readSignature,
  signatureBase,
  type Transport,
  toBase64,
  type WireRequest,
  type WireResponse,
  writeSignature,
} from '../api/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { fromUtf8, utf8 } from '../vocabulary/index.ts'
import { createCourier, newEnvelope, type Peer } from './courier.ts'
import { createWorld, type Somebody, sha256, signAs, somebody, type World } from './testing/world.ts'

export interface Harness {
  readonly peer: () => Peer
  readonly carry: (peer: Peer, request: WireRequest) => Promise<WireResponse>
  /** The same with so much patience. */
  readonly carryWithin: (milliseconds: number) => (peer: Peer, request: WireRequest) => Promise<WireResponse>
  /** Stops South and starts it again on the same files. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Runs the suite against one transport. */
export function transportSuite(name: string, open: (world: World) => Promise<Harness>): void {
  describe(`transport ${name}`, () => {
    let world: World
    let harness: Harness

    beforeAll(async () => {
      world = await createWorld()
      harness = await open(world)
    })
    afterAll(async () => {
      await harness.close()
      await world.close()
    })

    const courier = (who: Somebody, carry = harness.carry): Transport =>
      createCourier({
        signer: who.signer,
        verifier: nodeEd25519,
        sha256,
        now: () => world.clock.now,
        random: (length) => randomBytes(length),
        peer: async (id) => (id === world.south.id ? harness.peer() : undefined),
        carry,
      })
    const letter = <Name extends MessageName>(
      type: Name,
      body: Readonly<Record<string, unknown>> = {},
      who: Somebody = world.north,
    ) =>
      newEnvelope(world.south.id, type, body as Envelope<Name>['body'], {
        from: { kind: 'institution', id: who.id },
        now: () => world.clock.now,
        random: (length) => randomBytes(length),
      })
    const url = (): string => `${harness.peer().origin}${inboxPath(world.south.id)}`
    const raw = (document: unknown, who: Somebody = world.north) =>
      signAs(who, url(), JSON.parse(JSON.stringify(document)), world)
    const sent = async (request: WireRequest) => {
      const response = await harness.carry(harness.peer(), request)
      const document = JSON.parse(fromUtf8(response.body))
      return { status: response.status, code: document.error?.code ?? 'OK', document, response }
    }
    const times = (type: string): number => world.handled.get(type) ?? 0

    test('a message arrives whole and its signed answer comes back', async () => {
      const body = { text: 'ä€😀', list: [1, 2.5, null, true], deep: { a: {} } }
      const reply = await courier(world.north).send(letter('append', body))
      expect(reply).toMatchObject({ ok: true, body: { got: body } })
    })

    test('a request sent twice, byte for byte, counts once', async () => {
      const request = await raw(letter('read'))
      expect((await sent(request)).code).toBe('OK')
      const before = times('read')
      expect(await sent(request)).toMatchObject({ status: 401, code: 'REQUEST_REPLAYED' })
      expect(times('read')).toBe(before)
    })

    test('a replay is refused after a restart as well', async () => {
      const request = await raw(letter('read'))
      expect((await sent(request)).code).toBe('OK')
      await harness.restart()
      expect((await sent(request)).code).toBe('REQUEST_REPLAYED')
    })

    test('a signature by another key than the one named is refused', async () => {
      const request = await raw(letter('read'), somebody('mallory'))
      const input = request.headers['signature-input'] ?? ''
      const forged = input.replace(/keyid="[^"]+"/, `keyid="${world.north.signer.keyId}"`)
      const answer = await sent({ ...request, headers: { ...request.headers, 'signature-input': forged } })
      expect(answer).toMatchObject({ status: 401, code: 'SIGNATURE_WRONG' })
    })

    test('an altered body is refused, with its digest kept or made anew', async () => {
      const request = await raw(letter('append', { a: 1 }))
      const body = utf8(fromUtf8(request.body).replace('"a":1', '"a":2'))
      expect(body).not.toEqual(request.body)
      const before = times('append')
      expect((await sent({ ...request, body })).code).toBe('DIGEST_WRONG')
      const headers = { ...request.headers, 'content-digest': contentDigest(body, sha256) }
      expect((await sent({ ...request, body, headers })).code).toBe('SIGNATURE_WRONG')
      expect(times('append')).toBe(before)
    })

    test('a request signed for another address is refused here', async () => {
      const elsewhere = await signAs(world.north, 'https://elsewhere.example/v1/x', {}, world)
      expect((await sent({ ...elsewhere, url: url() })).code).toBe('SIGNATURE_WRONG')
      const withQuery = await signAs(world.north, `${url()}?a=1`, {}, world)
      expect((await sent({ ...withQuery, url: url() })).code).toBe('SIGNATURE_WRONG')
    })

    test('a request without a signature is refused', async () => {
      const { headers, ...request } = await raw(letter('read'))
      const { signature: _, 'signature-input': __, ...bare } = headers
      const response = await harness.carry(harness.peer(), { ...request, headers: bare })
      expect(response.status).toBe(401)
      expect(JSON.parse(fromUtf8(response.body)).error.code).toBe('SIGNATURE_MISSING')
    })

    test.each([
      { drift: -89, code: 'OK', why: 'slow network or clock, within expiry and skew' },
      { drift: -90, code: 'SIGNATURE_EXPIRED', why: 'expired 60 s after its making, 30 s of skew gone' },
      { drift: 30, code: 'OK', why: 'the sender’s clock runs 30 s ahead' },
      { drift: 31, code: 'SIGNATURE_TOO_EARLY', why: 'more than the skew ahead' },
    ])('a clock that stands $drift s apart: $code ($why)', async ({ drift, code }) => {
      const at = world.clock.now
      world.clock.now = at + drift
      const request = await raw(letter('read'))
      world.clock.now = at
      expect((await sent(request)).code).toBe(code)
    })

    test('a signature that would live longer than 60 s is refused, however well made', async () => {
      const request = await raw(letter('read'))
      const fields = readSignature(request.headers)
      if (fields === undefined) throw new Error('unsigned')
      const parameters = fields.parameters.map(
        ([key, value]) => [key, key === 'expires' ? Number(value) + 1 : value] as const,
      )
      const signature = world.north.key.sign(utf8(signatureBase(request, fields.components, parameters)))
      const longer = writeSignature({ ...fields, parameters, signature })
      expect((await sent({ ...request, headers: { ...request.headers, ...longer } })).code).toBe(
        'SIGNATURE_LIVES_TOO_LONG',
      )
    })

    test.each(['@method', '@target-uri', 'content-digest'])(
      'a signature that leaves out %s is refused',
      async (left) => {
        const request = await raw(letter('read'))
        const fields = readSignature(request.headers)
        if (fields === undefined) throw new Error('unsigned')
        const components = fields.components.filter((component) => component.name !== left)
        const signature = world.north.key.sign(utf8(signatureBase(request, components, fields.parameters)))
        const less = writeSignature({ ...fields, components, signature })
        expect((await sent({ ...request, headers: { ...request.headers, ...less } })).code).toBe(
          'SIGNATURE_INCOMPLETE',
        )
      },
    )

    test('a body longer than its type allows is refused', async () => {
      const before = times('read')
      expect((await sent(await raw(letter('read', { pad: 'x'.repeat(70_000) })))).status).toBe(413)
      expect(times('read')).toBe(before)
      expect((await sent(await raw(letter('append', { pad: 'x'.repeat(70_000) })))).code).toBe('OK')
    })

    test('a stranger may not send what only members send, nor a long body at all', async () => {
      const stranger = somebody('stranger')
      expect((await sent(await raw(letter('append', {}, stranger), stranger))).code).toBe('PARTY_UNKNOWN')
      const long = letter('append', { pad: 'x'.repeat(600_000) }, stranger)
      expect((await sent(await raw(long, stranger))).code).toBe('BODY_TOO_LARGE')
    })

    test('a suspended member is refused from that moment, but may still pass on a revoke', async () => {
      const member = { roles: ['member'], institution: world.north.id } as const
      world.parties.set(world.north.signer.keyId, { ...member, state: 'suspended' })
      expect((await sent(await raw(letter('append')))).code).toBe('PARTY_SUSPENDED')
      expect((await sent(await raw(letter('revoke')))).code).toBe('OK')
      world.parties.set(world.north.signer.keyId, { ...member, state: 'active' })
      expect((await sent(await raw(letter('append')))).code).toBe('OK')
    })

    test('the same message sent again is done once and answered the same, also after a restart', async () => {
      const envelope = letter('append', { once: true })
      const before = times('append')
      const first = await courier(world.north).send(envelope)
      const again = await courier(world.north).send(envelope)
      await harness.restart()
      const later = await courier(world.north).send(envelope)
      expect(times('append')).toBe(before + 1)
      expect(again).toEqual(first)
      expect(later).toEqual(first)
    })

    test('the same message sent ten times at once is done once', async () => {
      const envelope = letter('append', { crowd: true })
      const before = times('append')
      const replies = await Promise.all(Array.from({ length: 10 }, () => courier(world.north).send(envelope)))
      expect(times('append')).toBe(before + 1)
      for (const reply of replies) expect(reply).toEqual(replies[0])
    })

    test('a message id that comes back with another body is refused', async () => {
      const envelope = letter('append', { first: true })
      await courier(world.north).send(envelope)
      const reply = await courier(world.north).send({ ...envelope, body: { second: true } })
      expect(reply).toMatchObject({ ok: false, code: 'MESSAGE_ID_REUSED' })
    })

    test.each<{ code: string; change: (envelope: Envelope) => object; why: string }>([
      {
        code: 'NOT_ADDRESSED_TO_US',
        change: (e) => ({ ...e, to: world.north.id }),
        why: 'another addressee',
      },
      {
        code: 'SENDER_NOT_SIGNER',
        change: (e) => ({ ...e, from: { kind: 'institution', id: world.south.id } }),
        why: 'another sender named',
      },
      {
        code: 'SENDER_NOT_SIGNER',
        change: (e) => ({ ...e, from: { kind: 'patient', key: somebody('x').signer.keyId } }),
        why: 'a person named whose key did not sign',
      },
      {
        code: 'ROLE_NOT_ALLOWED',
        change: (e) => ({ ...e, type: 'my-accesses' }),
        why: 'a type for patients',
      },
      {
        code: 'MESSAGE_TYPE_UNKNOWN',
        change: (e) => ({ ...e, type: 'shout' }),
        why: 'a type that is not there',
      },
      {
        code: 'MESSAGE_TYPE_UNKNOWN',
        change: (e) => ({ ...e, type: 'toString' }),
        why: 'a name of every object',
      },
      { code: 'MESSAGE_NOT_SERVED', change: (e) => ({ ...e, type: 'search' }), why: 'no handler here' },
      { code: 'ENVELOPE_INVALID', change: (e) => ({ ...e, id: 'short' }), why: 'an id that is none' },
      { code: 'ENVELOPE_INVALID', change: (e) => ({ ...e, extra: 1 }), why: 'a member too many' },
      { code: 'ENVELOPE_INVALID', change: (e) => ({ ...e, body: 'text' }), why: 'a body that is no object' },
    ])('an envelope with $why is refused: $code', async ({ code, change }) => {
      expect((await sent(await raw(change(letter('append'))))).code).toBe(code)
    })

    test('what is no JSON is refused', async () => {
      const request = await signAs(world.north, url(), {}, world)
      const body = utf8('{"schema":')
      const fields = readSignature(request.headers)
      if (fields === undefined) throw new Error('unsigned')
      const headers = { ...request.headers, 'content-digest': contentDigest(body, sha256) }
      const signature = world.north.key.sign(
        utf8(signatureBase({ ...request, headers }, fields.components, fields.parameters)),
      )
      expect(
        (
          await sent({
            ...request,
            body,
            headers: { ...headers, ...writeSignature({ ...fields, signature }) },
          })
        ).code,
      ).toBe('BODY_NOT_JSON')
    })

    test('a compressed body is not read', async () => {
      const request = await raw(letter('append'))
      const answer = await sent({ ...request, headers: { ...request.headers, 'content-encoding': 'gzip' } })
      expect(answer).toMatchObject({ status: 415, code: 'CONTENT_ENCODED' })
    })

    test('a refusal by the handler comes with its code; a crash tells nothing', async () => {
      const refusedReply = await courier(world.north).send(letter('signed-head', { fault: 'refused' }))
      expect(refusedReply).toMatchObject({ ok: false, code: 'CONSENT_REVOKED' })
      const before = world.reports.length
      const crashed = await courier(world.north).send(letter('signed-head', { fault: 'crash' }))
      expect(crashed).toMatchObject({ ok: false, code: 'UNEXPECTED' })
      expect(JSON.stringify(crashed)).not.toContain('glucose')
      expect(world.reports.length).toBe(before + 1)
    })

    test('an answer that was altered, moved from another request or signed by another is not believed', async () => {
      const tampering = (
        change: (response: WireResponse, request: WireRequest) => Promise<WireResponse> | WireResponse,
      ) =>
        courier(world.north, async (peer, request) =>
          change(await harness.carry(peer, request), request),
        ).send(letter('append'))
      const unverified = { code: 'PEER_ANSWER_UNVERIFIED' }
      await expect(
        tampering((r) => ({ ...r, body: utf8(fromUtf8(r.body).replace('"times"', '"timez"')) })),
      ).rejects.toMatchObject({ ...unverified, facts: { reason: 'ANSWER_ALTERED' } })
      await expect(tampering((r) => ({ ...r, status: 201 }))).rejects.toMatchObject({
        facts: { reason: 'ANSWER_SIGNATURE_WRONG' },
      })
      const other = await harness.carry(harness.peer(), await raw(letter('append')))
      await expect(tampering(() => other)).rejects.toMatchObject({
        facts: { reason: 'ANSWER_SIGNATURE_WRONG' },
      })
      await expect(
        tampering((r) => {
          const { signature: _, ...headers } = r.headers
          return { ...r, headers }
        }),
      ).rejects.toMatchObject({ facts: { reason: 'ANSWER_UNSIGNED' } })
      await expect(
        tampering((r) => {
          const bytes = fromBase64((r.headers['signature'] ?? '').replace('islet=:', '').replace(/:$/, ''))
          if (bytes === undefined) throw new Error('unsigned')
          bytes[0] = (bytes[0] ?? 0) ^ 1
          return { ...r, headers: { ...r.headers, signature: `islet=:${toBase64(bytes)}:` } }
        }),
      ).rejects.toMatchObject({ facts: { reason: 'ANSWER_SIGNATURE_WRONG' } })
    })

    test('an answer is believed only from the key that the ledger names', async () => {
      const impostor: Transport = createCourier({
        signer: world.north.signer,
        verifier: nodeEd25519,
        sha256,
        now: () => world.clock.now,
        random: (length) => randomBytes(length),
        peer: async () => ({ ...harness.peer(), keyId: somebody('impostor').signer.keyId }),
        carry: harness.carry,
      })
      await expect(impostor.send(letter('append'))).rejects.toMatchObject({ code: 'PEER_ANSWER_UNVERIFIED' })
    })

    test('a peer that does not answer in time is given up, and one that is unknown is not tried', async () => {
      await expect(
        courier(world.north, harness.carryWithin(300)).send(letter('signed-head', { fault: 'slow' })),
      ).rejects.toMatchObject({ code: 'PEER_TOO_SLOW' })
      await expect(
        courier(world.north).send({ ...letter('append'), to: somebody('nowhere').id }),
      ).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
    })

    test('a flood from one member is stopped, while its revokes and other members pass', async () => {
      const codes: string[] = []
      for (let i = 0; i < 240; i++) codes.push((await sent(await raw(letter('read')))).code)
      expect(codes.at(-1)).toBe('QUOTA_SPENT')
      const spent = await courier(world.north).send(letter('read'))
      expect(spent).toMatchObject({ ok: false, code: 'QUOTA_SPENT', retryAfterSeconds: 1 })
      // Drained to the last drop by a cheap type, so that nothing is left for a revoke to live on.
      for (let i = 0; i < 6; i++) await sent(await raw(letter('signed-head')))
      expect((await sent(await raw(letter('signed-head')))).code).toBe('QUOTA_SPENT')
      for (let i = 0; i < 5; i++) expect((await sent(await raw(letter('revoke')))).code).toBe('OK')
      expect((await sent(await raw(letter('read', {}, world.south), world.south))).code).toBe('OK')
      world.clock.now += 100
      expect((await sent(await raw(letter('read')))).code).toBe('OK')
    })
  })
}
