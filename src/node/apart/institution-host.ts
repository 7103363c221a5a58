/**
 * An institution in a process of its own: its directory, its keys, its view of the ledger, its HTTPS inbox.
 *
 * Laws: the directory is locked before anything in it is touched; keys never leave the process; a new certificate is made
 * at every start and vouched for by a newer signed address; what closes, closes in the order inbox, institution, ledger.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageSigner, SignedAddress } from '../../api/index.ts'
import type { InstitutionKeys, Unlock } from '../../identity/index.ts'
import { nodeKey } from '../../identity/key-file.door.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { addressBook, httpsCarrier, makeCertificate, signAddress } from '../../transport/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { formatInstant, hash32, IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { openCare } from '../care/open-care.ts'
import { createServer } from '../http/server.ts'
import { createStoryBoard } from '../http/story-board.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import { type Hosted, openHosted } from '../institution/hosted.ts'
import { hostedParty } from '../institution/hosted-party.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import type { Party, Seat } from '../institution/party.ts'
import { wallClock } from '../institution/wire.ts'
import type { DeskInstitution } from '../study/study-desk.ts'
import { firstId, seatOf } from '../world/enrolment.ts'
import { type Members, membersOf } from '../world/members.ts'
import { ownFace } from './own-face.ts'
import {
  attachToConsortium,
  attachToGateway,
  type OwnLedger,
  type OwnLedgerParts,
  operateLedger,
  ownNode,
} from './own-ledger.ts'
import { studyHost } from './study-host.ts'
import type { InstitutionVerbs, Opening } from './verbs.ts'
import { openWhereabouts, type Whereabouts } from './whereabouts.ts'

export interface HostParts {
  readonly version: string
  readonly log: NonNullable<Parameters<typeof createServer>[0]['log']>
}

interface Opened {
  readonly opening: Opening
  readonly unlock: Unlock
  readonly keys: InstitutionKeys
}
interface Attached extends Opened, OwnLedger {
  readonly members: Members
  readonly whereabouts: Whereabouts
  readonly seat: Seat
}

const HOST = '127.0.0.1'

/** The verbs of one institution process; nothing is open until `open` is called. */
export function institutionHost({ version, log }: HostParts): InstitutionVerbs {
  const closers: (() => Promise<void>)[] = []
  let opened: Opened | undefined
  let attached: Attached | undefined
  let party: Party | undefined
  let house: Hosted | undefined
  let called: readonly DeskInstitution[] = []
  const report = (error: unknown): void => log.warn({ error })
  const need = <T>(value: T | undefined): T => {
    if (value === undefined) throw new IsletError('NOT_READY', 'the institution is not open yet')
    return value
  }

  const parts = (): OwnLedgerParts => ({ ...need(opened), report, notice: (code) => log.info({ code }) })
  const node = ownNode(parts)
  const attachTo = async (under: OwnLedger): Promise<void> => {
    closers.push(() => under.close())
    const { ledger, deployment } = under
    const { opening, keys, unlock } = need(opened)
    const id = firstId(keys.public.messageKey)
    const members = membersOf(ledger, deployment)
    const carrier = httpsCarrier()
    closers.push(() => carrier.close())
    const whereabouts = await openWhereabouts({
      own: id,
      key: keys.message,
      path: join(opening.directory, 'addresses.json'),
      book: addressBook((member) => members.messageKey(member), nodeEd25519),
      carry: carrier.carry,
    })
    const seat = seatOf({ id, name: opening.name, keys, ledger, deployment })
    attached = { ...under, opening, unlock, keys, members, whereabouts, seat }
  }

  const studies = studyHost(() => {
    const { ledger, deployment, whereabouts, unlock } = need(attached)
    return {
      hosted: need(house),
      ledger,
      deployment,
      road: whereabouts.road,
      unlock,
      known: called,
      report,
      told: (site, code) => log.warn({ site, code }),
    }
  })

  const own: Pick<
    InstitutionVerbs,
    | 'open'
    | 'operate'
    | 'requestMembership'
    | 'foundConsortium'
    | 'startNode'
    | 'attach'
    | 'serve'
    | 'learn'
    | 'close'
    | 'invite'
    | 'answer'
    | 'vote'
    | 'judge'
    | 'ledgerHeight'
  > = {
    open: async (opening) => {
      await mkdir(opening.directory, { recursive: true, mode: 0o700 })
      const lock = await lockDataDirectory(opening.directory)
      closers.push(() => lock.release())
      const unlock = {
        nodeKey: await nodeKey(join(opening.directory, 'node.key'), (length) =>
          nodeCrypto.cipher.random(length),
        ),
      }
      opened = { opening, unlock, keys: await openInstitutionKeys(opening.directory, unlock) }
      return opened.keys.public
    },
    operate: async (founding, port) => {
      const { place, ...under } = await operateLedger(parts(), founding, port)
      await attachTo(under)
      return place
    },
    requestMembership: node.request,
    foundConsortium: node.found,
    startNode: async () => {
      closers.push(node.close)
      return node.start()
    },
    attach: async (place) =>
      attachTo(
        place.engine === 'embedded'
          ? await attachToGateway(parts(), place)
          : await attachToConsortium(parts(), place),
      ),
    serve: async ({ port, second, members: known }) => {
      called = known
      const under = need(attached)
      const { opening, keys, unlock, ledger, deployment, sealing, members, whereabouts, seat } = under
      let origin = `https://${HOST}:0`
      const hosted = await openHosted({
        id: seat.id,
        key: opening.key,
        name: opening.name,
        roles: opening.roles,
        directory: opening.directory,
        keys,
        unlock,
        ledger,
        deployment,
        road: whereabouts.road,
        origin: () => origin,
        members,
        slotMinutes: opening.slotMinutes,
        sealing,
        handlers: { address: whereabouts.hear },
        report,
      })
      closers.push(() => hosted.close())
      closers.push(() => studies.close())
      house = hosted
      await openCare(new Map([[opening.key, hosted]]), whereabouts.road, second)
      // Whatever keeps studies shut keeps nothing else shut.
      await studies.reopen().catch(report)
      const certificate = await makeCertificate([HOST], wallClock())
      const server = await createServer({
        ...ownFace(hosted, under, { unlock, origin: () => origin, known, studies: studies.routes }),
        story: createStoryBoard(),
        version,
        endpoints: () => [hosted.endpoint],
        gate: hosted.gate,
        signer: messageSigner(keys.message),
        ready: async () => [{ name: 'ledger', ok: ledger.state().status === 'running' }],
        tls: certificate,
        log,
        limits: { budget: { burst: 5_000, perSecond: 200 } },
      })
      closers.push(() => server.close())
      origin = await server.listen({ host: HOST, port })
      party = hostedParty(hosted)
      const address = await nextAddress(opening.directory, keys, {
        institution: seat.id,
        origin,
        certificate: hash32(certificate.fingerprint),
      })
      await whereabouts.announce(address)
      return address
    },
    learn: (addresses) => need(attached).whereabouts.learn(addresses),
    invite: (candidate) => need(attached).seat.invite(candidate),
    answer: (invitation) => need(attached).seat.answer(invitation),
    vote: (invitation, request) => need(attached).seat.vote(invitation, request),
    judge: (vote) => need(attached).seat.judge(vote),
    ledgerHeight: async () => (await need(attached).ledger.head()).height,
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close().catch(report)
    },
  }
  const { close: _, reopen: __, routes: ___, ...studyVerbs } = studies
  return {
    ...own,
    ...studyVerbs,
    ask: (...values) => need(party).ask(...values),
    grants: () => need(party).grants(),
    generations: (...values) => need(party).generations(...values),
    read: (...values) => need(party).read(...values),
    search: (...values) => need(party).search(...values),
    write: (...values) => need(party).write(...values),
    probe: (...values) => need(party).probe(...values),
    record: (...values) => need(party).record(...values),
    anchoredIn: (...values) => need(party).anchoredIn(...values),
    tick: (...values) => need(party).tick(...values),
    exchangeHeads: (...values) => need(party).exchangeHeads(...values),
    heads: () => need(party).heads(),
    logSize: () => need(party).logSize(),
    enrolled: (...values) => need(party).enrolled(...values),
  }
}

/** The next address record: its number rises with every start, whatever the clock does. */
async function nextAddress(
  directory: string,
  keys: InstitutionKeys,
  where: Pick<SignedAddress['body'], 'institution' | 'origin' | 'certificate'>,
): Promise<SignedAddress> {
  const path = join(directory, 'address.json')
  const before = await readDocumentFile(path, SignedAddress, 'ADDRESS_FILE_DAMAGED')
  const signed = signAddress(
    {
      ...where,
      sequence: (before?.body.sequence ?? 0) + 1,
      from: formatInstant(quantity<UnixSeconds>(Math.floor(wallClock()))),
    },
    keys.message,
  )
  await writeDocumentFile(path, signed)
  return signed
}
