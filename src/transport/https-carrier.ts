/**
 * Carries signed messages over TLS 1.3 to the one certificate that the peer's signed address record names.
 *
 * Law: not a byte of a request is written before the certificate was compared; no redirect is followed, no proxy asked.
 */
import { Agent, type AgentOptions, request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'
import type { WireRequest, WireResponse } from '../api/index.ts'
import { IsletError } from '../vocabulary/index.ts'
import type { Peer } from './courier.ts'

export interface HttpsCarrierOptions {
  /** How long a whole exchange may take, in milliseconds. */
  readonly timeoutMs?: number
  /** Longest answer, in bytes. */
  readonly answerLimit?: number
}

export interface HttpsCarrier {
  readonly carry: (peer: Peer, request: WireRequest) => Promise<WireResponse>
  readonly close: () => Promise<void>
}

/** An agent whose connections stand only with the pinned certificate. */
class PinnedAgent extends Agent {
  readonly #certificate: string
  constructor(certificate: string, options: AgentOptions) {
    super(options)
    this.#certificate = certificate
  }
  override createConnection(
    options: ConnectionOptions,
    done?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = connect({ ...options, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
    const fail = (error: Error): void => {
      socket.destroy()
      done?.(error, socket)
    }
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      socket.off('error', fail)
      const shown = `0x${socket.getPeerCertificate().fingerprint256?.replace(/:/g, '').toLowerCase()}`
      if (shown === this.#certificate) done?.(null, socket)
      else {
        fail(
          new IsletError(
            'PEER_CERTIFICATE_WRONG',
            'the certificate is not the one that the address record names',
            {},
            { remedy: 'fetch the newest address record of the institution' },
          ),
        )
      }
    })
    return undefined
  }
}

/** A carrier with connections kept alive per peer and certificate. */
export function httpsCarrier({
  timeoutMs = 30_000,
  answerLimit = 64 * 1024 * 1024,
}: HttpsCarrierOptions = {}): HttpsCarrier {
  const agents = new Map<string, PinnedAgent>()

  function agentOf(peer: Peer): PinnedAgent {
    const name = `${peer.origin} ${peer.certificate}`
    const known = agents.get(name)
    if (known !== undefined) return known
    const agent = new PinnedAgent(peer.certificate, { keepAlive: true, maxSockets: 16, maxFreeSockets: 2 })
    agents.set(name, agent)
    return agent
  }

  return {
    carry: (peer, request) =>
      new Promise((resolve, reject) => {
        const unreachable = (cause: unknown): IsletError =>
          cause instanceof IsletError
            ? cause
            : new IsletError(
                'PEER_UNREACHABLE',
                'the institution does not answer',
                { institution: peer.institution },
                { cause },
              )
        const out = httpsRequest(request.url, {
          method: request.method,
          agent: agentOf(peer),
          headers: { ...request.headers, 'content-length': request.body.length },
          signal: AbortSignal.timeout(timeoutMs),
        })
        out.on('error', (error) =>
          reject(
            error.name === 'TimeoutError' || error.name === 'AbortError'
              ? new IsletError('PEER_TOO_SLOW', 'the institution did not answer in time', {
                  institution: peer.institution,
                })
              : unreachable(error),
          ),
        )
        out.on('response', (response) => {
          const parts: Buffer[] = []
          let length = 0
          response.on('data', (part: Buffer) => {
            length += part.length
            if (length > answerLimit) {
              out.destroy(
                new IsletError('PEER_ANSWER_UNVERIFIED', 'the answer is longer than any answer may be'),
              )
            } else parts.push(part)
          })
          response.on('error', (error) => reject(unreachable(error)))
          response.on('end', () => {
            if (!response.complete) return reject(unreachable(undefined))
            resolve({
              status: response.statusCode ?? 0,
              headers: plainHeaders(response.headers),
              body: Uint8Array.from(Buffer.concat(parts)),
            })
          })
        })
        out.end(request.body)
      }),
    close: async () => {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

/** Header fields as one string each; repeated ones are joined as RFC 9110 section 5.2 says. */
export function plainHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return plain
}
