/**
 * What a refused caller is told, by code: words and a remedy, once for every transport.
 */
import { IsletError } from '../vocabulary/index.ts'

const WORDS: Readonly<Record<string, readonly [message: string, remedy?: string]>> = {
  SIGNATURE_MISSING: ['the request is not signed', 'sign it as RFC 9421 says; /docs shows how'],
  SIGNATURE_MALFORMED: ['the signature fields cannot be read', 'send one signature labelled islet'],
  SIGNATURE_INCOMPLETE: [
    'the signature does not cover all that it must',
    'cover @method, @target-uri and content-digest, with created, expires, nonce, keyid, alg and tag',
  ],
  SIGNATURE_WRONG: ['the signature is not by this key over this request', 'check key and target URI'],
  SIGNATURE_EXPIRED: ['the signature is too old', 'set the clock and sign again'],
  SIGNATURE_TOO_EARLY: ['the signature was made in the future', 'set the clock and sign again'],
  SIGNATURE_LIVES_TOO_LONG: [
    'the signature lives longer than 60 s',
    'let it expire within 60 s of its making',
  ],
  DIGEST_WRONG: ['the body is not the one that was signed', 'send it unaltered'],
  REQUEST_REPLAYED: ['this very request was received before', 'sign again with a new nonce'],
  TARGET_WRONG: ['the signed target is not an address of this node', 'look up its address record'],
  HOST_REFUSED: ['the host name is not one of this node', 'use the printed address'],
  LOOPBACK_ONLY: ['this is shown on the machine itself only', 'open it there, under 127.0.0.1 or localhost'],
  ROLE_NOT_ALLOWED: ['this role may not do that'],
  PARTY_UNKNOWN: ['nobody enrolled this key here', 'enrol first'],
  PARTY_SUSPENDED: ['this party is suspended', 'ask the members why'],
  SENDER_NOT_SIGNER: ['the sender named in the message is not who signed it'],
  NOT_ADDRESSED_TO_US: ['the message is addressed to another institution'],
  INSTITUTION_NOT_HERE: ['this institution is not hosted here', 'look up its address record'],
  ENVELOPE_INVALID: ['the message does not have the form of its type', 'compare it with /docs'],
  MESSAGE_TYPE_UNKNOWN: ['there is no such type of message'],
  MESSAGE_NOT_SERVED: ['this institution does not serve that type of message'],
  MESSAGE_ID_REUSED: ['this message id was used for another message', 'draw a new id'],
  BODY_NOT_JSON: ['the body is not JSON'],
  BODY_TOO_LARGE: ['the body is larger than allowed here', 'send less at a time'],
  CONTENT_ENCODED: ['compressed bodies are not read', 'send it without Content-Encoding'],
  CONTENT_TYPE_UNKNOWN: ['the body must be application/json'],
  LENGTH_REQUIRED: ['the length of the body must be said', 'send Content-Length'],
  REQUEST_INVALID: ['the request does not fit the contract', 'compare it with /docs'],
  REQUEST_MALFORMED: ['the request cannot be read'],
  REQUEST_TOO_SLOW: ['the request came in too slowly'],
  HEADERS_TOO_LARGE: ['the header fields are too large'],
  ROUTE_UNKNOWN: ['there is nothing at this address', 'see /docs'],
  METHOD_NOT_ALLOWED: ['this address does not take that method', 'see /docs'],
  RATE_LIMITED: ['too many requests', 'wait and try again'],
  QUOTA_SPENT: ['the quota of this sender is spent', 'wait and send the same message again'],
  ANSWER_OUTSIDE_CONTRACT: ['the answer would not have fitted the contract and was held back'],
  NOT_READY: ['the node is not ready yet', 'wait and try again'],
  SHUTTING_DOWN: ['the node is stopping', 'try again when it is back'],
  TOO_BUSY: ['the node serves as many streams as it can', 'try again later'],
}

/** A refusal with the house's words for it. */
export function refusal(code: string, facts: Readonly<Record<string, string | number>> = {}): IsletError {
  const [message, remedy] = WORDS[code] ?? ['refused']
  return new IsletError(code, message, facts, remedy === undefined ? {} : { remedy })
}
