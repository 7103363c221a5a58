/**
 * The inbox of one institution: takes signed messages, does each once, signs every answer. Transports only carry bytes to it.
 *
 * Law: every refusal comes before any effect; the type's row in the table of messages decides who may send; what is
 * answered was journalled first. A revoke has a quota of its own (PROTOCOL 5) and is taken from anybody at all.
 */
import { createHash } from 'node:crypto'
import {
  type Arrival,
  type Envelope,
  EnvelopeShape,
  errorDocument,
  inboxPath,
  isMessageName,
  MESSAGES,
  type MessageHandlers,
  type MessageName,
  type MessageRule,
  type MessageSigner,
  mayEnter,
  signResponse,
  statusOf,
  type WireRequest,
  type WireResponse,
} from '../api/index.ts'
import {
  fromUtf8,
  type InstitutionId,
  isIsletError,
  quantity,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import { type Admitted, admitBody, admitHead, type Gate } from './admission.ts'
import type { InboxJournal } from './inbox-journal.ts'
import { createQuota } from './quota.ts'
import { refusal } from './refusals.ts'
import { misfit } from './validator.ts'

/** What an unexpected error is reported to; it must not print the error's message, which may quote a body. */
export type Report = (error: unknown) => void

export interface EndpointParts {
  readonly institution: InstitutionId
  readonly gate: Gate
  readonly signer: MessageSigner
  readonly journal: InboxJournal
  readonly handlers: MessageHandlers
  readonly report: Report
}

export interface Endpoint {
  readonly institution: InstitutionId
  readonly gate: Gate
  readonly signer: MessageSigner
  /**
   * Takes a request as it came over any wire; `admitted` if the carrier has judged its head already.
   * Never throws: what goes wrong is an answer.
   */
  readonly receive: (request: WireRequest, admitted?: Admitted) => Promise<WireResponse>
}

const RULES: readonly MessageRule[] = Object.values(MESSAGES)
/** No message is longer, in bytes. */
export const MESSAGE_LIMIT_BYTES = Math.max(...RULES.map((rule) => rule.limit))
/** The same for a sender whom nobody enrolled; nobody reads more for them. */
export const STRANGER_LIMIT_BYTES = Math.max(
  ...RULES.filter((rule) => rule.from.includes('anonymous')).map((rule) => rule.limit),
)

/** Opens the inbox of an institution. */
export function createEndpoint(parts: EndpointParts): Endpoint {
  const { gate, signer, journal, institution } = parts
  const seconds = (): number => gate.now()
  const ordinary = createQuota({ burst: 2_000, perSecond: 100 }, seconds)
  const first = createQuota({ burst: 200, perSecond: 20 }, seconds)
  const underWay = new Map<string, { readonly digest: string; readonly answer: Promise<WireResponse> }>()

  async function deliver(request: WireRequest, admitted: Admitted): Promise<WireResponse> {
    const { proof, roles } = admitted
    if (request.body.length > (roles.length === 0 ? STRANGER_LIMIT_BYTES : MESSAGE_LIMIT_BYTES)) {
      throw refusal('BODY_TOO_LARGE')
    }
    const body = await admitBody(request, proof, gate)
    if (!body.ok) throw refusal(body.code)
    const envelope = readEnvelope(request.body)
    const rule: MessageRule = MESSAGES[envelope.type]
    if (request.body.length > rule.limit) throw refusal('BODY_TOO_LARGE')
    if (envelope.to !== institution) throw refusal('NOT_ADDRESSED_TO_US')
    checkSender(envelope, admitted, rule)
    // Keys cost a stranger nothing, so strangers share one bucket; but nobody's revoke waits for another's.
    const wait =
      rule.first === true
        ? first.take(proof.keyId, rule.weight)
        : ordinary.take(admitted.party === undefined ? 'strangers' : proof.keyId, rule.weight)
    if (wait > 0) throw refusal('QUOTA_SPENT', { retryAfterSeconds: Math.ceil(wait) })
    const misfitting = misfit(rule.body, envelope.body)
    if (misfitting !== undefined) throw refusal('ENVELOPE_INVALID', { field: `/body${misfitting.field}` })

    const arrival: Arrival = {
      from: envelope.from,
      keyId: proof.keyId,
      roles,
      id: envelope.id,
      created: envelope.created,
    }
    if (rule.effect === 'read') return handle(envelope, arrival)
    const key = `${proof.keyId} ${envelope.id}`
    const digest = createHash('sha256').update(request.body).digest('hex')
    const known = journal.find(key) ?? underWay.get(key)
    if (known !== undefined) {
      if (known.digest !== digest) throw refusal('MESSAGE_ID_REUSED')
      return 'text' in known ? json(known.status, known.text) : known.answer
    }
    const answer = handle(envelope, arrival).then(async (response) => {
      await journal.record(key, { digest, status: response.status, text: fromUtf8(response.body) })
      return response
    })
    underWay.set(key, { digest, answer })
    return answer.finally(() => underWay.delete(key))
  }

  async function handle<Name extends MessageName>(
    envelope: Envelope<Name>,
    arrival: Arrival,
  ): Promise<WireResponse> {
    const handler = parts.handlers[envelope.type]
    if (handler === undefined) throw refusal('MESSAGE_NOT_SERVED')
    const reply = await handler(envelope.body, arrival)
    if (misfit(MESSAGES[envelope.type].reply, reply) !== undefined) throw refusal('ANSWER_OUTSIDE_CONTRACT')
    return json(
      200,
      JSON.stringify({ schema: 'islet.reply/1', type: envelope.type, to: envelope.id, body: reply }),
    )
  }

  async function answer(request: WireRequest, judged: Admitted | undefined): Promise<WireResponse> {
    if (request.method !== 'POST') throw refusal('METHOD_NOT_ALLOWED')
    if (request.headers['content-encoding'] !== undefined) throw refusal('CONTENT_ENCODED')
    const admitted = judged ?? (await admitHead(request, gate))
    if (!admitted.ok) throw refusal(admitted.code)
    if (request.url !== `${gate.origin()}${inboxPath(institution)}`) throw refusal('TARGET_WRONG')
    return deliver(request, admitted)
  }

  return {
    institution,
    gate,
    signer,
    receive: async (request, admitted) => {
      let response: WireResponse
      try {
        response = await answer(request, admitted)
      } catch (error) {
        if (!isIsletError(error)) parts.report(error)
        response = refused(error)
      }
      // A request that carries no signature at all has nothing that an answer could be bound to.
      if (request.headers['signature'] === undefined) return response
      return signResponse(response, request, {
        signer,
        sha256: gate.sha256,
        now: quantity<UnixSeconds>(gate.now()),
      })
    },
  }
}

function checkSender(envelope: Envelope, { party, proof, roles }: Admitted, rule: MessageRule): void {
  const { from } = envelope
  const own =
    from.kind === 'institution'
      ? party?.institution === from.id && has(party.roles, 'member')
      : from.key === proof.keyId
  if (rule.from.some((role) => role !== 'anonymous') && party === undefined) throw refusal('PARTY_UNKNOWN')
  if (party?.state === 'suspended' && !mayEnter(rule.from, [])) throw refusal('PARTY_SUSPENDED')
  if (!own) throw refusal('SENDER_NOT_SIGNER')
  if (!mayEnter(rule.from, roles)) throw refusal('ROLE_NOT_ALLOWED')
}

function has<T>(list: readonly T[], item: T): boolean {
  return list.includes(item)
}

function readEnvelope(body: Uint8Array): Envelope {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(body))
  } catch {
    throw refusal('BODY_NOT_JSON')
  }
  if (typeof value === 'object' && value !== null && 'type' in value) {
    if (typeof value.type !== 'string' || !isMessageName(value.type)) throw refusal('MESSAGE_TYPE_UNKNOWN')
  }
  if (!isEnvelope(value)) {
    throw refusal('ENVELOPE_INVALID', { field: misfit(EnvelopeShape, value)?.field ?? '/' })
  }
  return value
}

function isEnvelope(value: unknown): value is Envelope {
  return misfit(EnvelopeShape, value) === undefined
}

function json(status: number, text: string): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: utf8(text) }
}

/** A refusal as an answer, with Retry-After where waiting helps. */
function refused(error: unknown): WireResponse {
  const document = errorDocument(error)
  const response = json(statusOf(document.error.code).http, JSON.stringify(document))
  const wait = isIsletError(error) ? error.facts['retryAfterSeconds'] : undefined
  if (typeof wait !== 'number') return response
  return { ...response, headers: { ...response.headers, 'retry-after': String(wait) } }
}
