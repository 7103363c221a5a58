/**
 * `islet network anchor FILE` and `islet network proof CONSENT FILE --anchor ANCHOR`: a block to start from, and the
 * proof of how a consent stands.
 *
 * Law: an anchor is written only where every node that answers shows the same block; a proof is verified before it is
 * written.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FINALITY_CRYPTO } from '../../audit/index.ts'
import { cometNode } from '../../finality/comet.door.ts'
import {
  agreedBlock,
  anchorOf,
  type BlockAndStateSource,
  openAnchor,
  proveConsent,
  type TrustAnchor,
} from '../../finality/index.ts'
import { CONSORTIUM_CONTRACTS } from '../../ledger/consortium.door.ts'
import { contractEvents } from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import { type Address, address, type ConsentId, consentId, IsletError } from '../../vocabulary/index.ts'
import { type NetworkFile, readNetwork } from '../network/network-file.ts'
import { proofRules, readAnchor, tellStanding } from './consent-standing.ts'
import { EXIT, printDocument } from './outcome.ts'
import type { Action } from './verb.ts'

export const networkAnchor: Action = async ({ data, json, terminal }, [file = '']) => {
  const { nodes } = await readNetwork(data)
  const block = await agreedBlock(
    nodes.map(({ ports }) => cometNode(ports.comet)),
    FINALITY_CRYPTO,
  )
  const anchor = anchorOf(block, FINALITY_CRYPTO.hasher)
  await writeFile(file, `${JSON.stringify(anchor, null, 2)}\n`)
  if (json) printDocument(anchor, terminal)
  else
    terminal.out(`block ${anchor.height} of ${anchor.chain}: ${anchor.hash}\nask another member for theirs\n`)
  return EXIT.done
}

export const networkProof: Action = async (context, [named = '', file = ''], options) => {
  const network = await readNetwork(context.data)
  const consent = consentId(named)
  const anchor = await readAnchor(options['anchor'])
  const given = options['signer']
  const signer = typeof given === 'string' ? address(given) : await signerOf(consent, network, anchor)
  const proof = await proveConsent(
    { consent, signer, consents: CONSORTIUM_CONTRACTS.consents },
    openAnchor(anchor, FINALITY_CRYPTO.hasher),
    await answeringNode(network),
    proofRules(),
    FINALITY_CRYPTO,
  )
  await writeFile(file, proof)
  return tellStanding(context, proof, anchor)
}

/** The first node that answers. Throws `NODE_SILENT`. */
async function answeringNode({ nodes }: NetworkFile): Promise<BlockAndStateSource> {
  const sources = nodes.map(({ ports }) => cometNode(ports.comet))
  return Promise.any(sources.map((source) => source.newest().then(() => source))).catch((error: unknown) => {
    throw error instanceof AggregateError ? error.errors[0] : error
  })
}

/** The address that granted or revoked a consent, by the ledger's events. Throws `CONSENT_NOT_SEEN`. */
async function signerOf(
  consent: ConsentId,
  { chainId, nodes }: NetworkFile,
  { height, hash }: TrustAnchor,
): Promise<Address> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-proof-'))
  const urls = nodes.map(({ ports }) => `http://${ports.rpc}/`)
  const ledger = await openRpc({ urls, expect: { chainId, block: { height, hash } }, directory })
  try {
    for await (const { block, logs } of ledger.logs({
      from: 0,
      addresses: [CONSORTIUM_CONTRACTS.consents],
    })) {
      for (const { name, args } of contractEvents(CONSORTIUM_CONTRACTS, block, logs)) {
        if ((name === 'Granted' || name === 'Revoked') && args.consentId === consent)
          return address(args.signer)
      }
    }
  } finally {
    await ledger.close()
    await rm(directory, { recursive: true, force: true })
  }
  throw new IsletError(
    'CONSENT_NOT_SEEN',
    'no grant and no revoke of this consent stands on the ledger',
    {},
    { remedy: 'to prove that, name the address that would have signed it with --signer ADDRESS' },
  )
}
