/**
 * A whole HTTP face for tests: real server, real signatures, handlers that answer something of the right form.
 */
import { PassThrough } from 'node:stream'
import type { Handlers, StudyStandingAnswer } from '../../../api/index.ts'
import type { InformationSheetDocument } from '../../../api/study.door.ts'
import { good } from '../../../study/testing/honest-passport.ts'
import { PLAN } from '../../../study/testing/papers.ts'
import type { Endpoint, Gate } from '../../../transport/index.ts'
import { createWorld, type Somebody, type World } from '../../../transport/testing/world.ts'
import { address, hash32, institutionId } from '../../../vocabulary/index.ts'
import type { PageAssets } from '../../page/assets.ts'
import { createLog } from '../log.ts'
import type { ReadyCheck } from '../own-handlers.ts'
import { createServer, type NodeServer, type ServerLimits } from '../server.ts'
import { createStoryBoard, type StoryBoard } from '../story-board.ts'

export const ADDRESS = address(`0x${'cd'.repeat(20)}`)
export const HASH = hash32(`0x${'ab'.repeat(32)}`)
const NOW = '2026-03-01T08:00:00Z'

const SHEET: InformationSheetDocument = {
  schema: 'islet.study.sheet/1',
  language: 'en',
  sections: [{ id: 'a', title: 'A', text: ['a'] }],
}
const STANDING: StudyStandingAnswer = {
  study: {
    schema: 'islet.study/1',
    study: HASH,
    title: PLAN.title,
    state: 'SUBMITTED',
    plan_sha256: 'ab'.repeat(32),
    plan_hash: HASH,
    plan_version: 1,
    applicant: 'meadow',
    committee: { quorum: 3, recused: [], votes: [], until: null, conditions: null },
    information_sheet: HASH,
    sites: [],
    rounds: [],
    model: null,
    privacy: { epsilon: null, delta: null },
  },
  names: [],
  run: { state: 'idle', because: null },
  conditions: [],
  bytes: { updates: 0, models: 0 },
}

export const EMPTY_PAGE: PageAssets = {
  html: '<!doctype html>',
  style: 'a{}',
  script: '1',
  icon: '<svg/>',
  docsStyle: 'a{}',
  app: async () => ({
    html: '<!doctype html>',
    style: 'a{}',
    manifest: '{}',
    worker: '1',
    icons: new Map([['icon-180.png', new Uint8Array(1)]]),
    scripts: new Map([['main.js', '1']]),
  }),
}

const WRAP = {
  schema: 'islet.recovery-wrap/1',
  salt: 'A'.repeat(43),
  nonce: 'A'.repeat(16),
  sealed: 'A'.repeat(64),
} as const

/** Handlers that answer with the smallest sound document. */
export function plainHandlers(): Handlers {
  return {
    head: async () => ({
      chain_id: 1,
      height: 2,
      hash: HASH,
      time: NOW,
      engine: 'embedded',
      single_operator: true,
    }),
    institutions: async () => ({ institutions: [] }),
    personas: async () => ({ personas: [] }),
    persona: async ({ params }) => ({
      persona: params.persona,
      name: 'Robin',
      simulated: true,
      root: 'A'.repeat(43),
      custodian: institutionId(HASH),
      origin: 'http://127.0.0.1:0',
    }),
    thisNode: async () => ({ origin: 'http://127.0.0.1:0', custodians: [] }),
    recovery: async () => ({ custodian: institutionId(HASH), wrap: WRAP }),
    keepRecovery: async () => ({ kept: false }),
    ledgerContracts: async () => ({ chain_id: 1, consents: ADDRESS }),
    ledgerMembers: async () => ({ members: [] }),
    ledgerConsent: async () => ({ state: 'NONE', expiry_day: 0, height: 2, time_seconds: 0 }),
    ledgerRequest: async () => ({ recorded_seconds: null }),
    ledgerSlot: async () => ({ slot: 0 }),
    ledgerAnchor: async () => ({ anchor: null }),
    consent: async ({ params }) => ({ consent: params.consent, state: 'none', expires: null, height: 2 }),
    studySheet: async ({ params }) => ({
      study: params.study,
      information_sheet: HASH,
      sheet: SHEET,
      changes: null,
    }),
    studyVouchers: async ({ params }) => ({ study: params.study, sites: [] }),
    openStudies: async () => ({ studies: [] }),
    voucher: async () => ({ state: 'UNKNOWN', open: true, place: null, chain_id: 1, credits: ADDRESS }),
    forecaster: async () => ({ forecaster: null }),
    studyInvitations: async ({ params }) => ({ study: params.study, invitations: [] }),
    studyHistory: async ({ params }) => ({
      study: params.study,
      title: '',
      duo: [],
      rounds: [],
      versions: [],
    }),
    cohortProof: async () => ({ proof: null }),
    demoStaff: async ({ params }) => ({
      persona: params.persona,
      name: 'Ada',
      simulated: true,
      seed: 'A'.repeat(43),
      institution: institutionId(HASH),
      institution_name: 'Meadow',
      answers_by: { institution: 'A'.repeat(43), node: 'A'.repeat(43) },
      origin: 'http://127.0.0.1:0',
    }),
    studies: async () => ({ studies: [] }),
    studyPassport: async () => good,
    studyRegistry: async () => ({ schema: 'islet.study.registry/1', models: [] }),
    ledgerBlocks: async () => ({ blocks: [] }),
    operations: async () => ({
      since: NOW,
      institutions: [],
      revokes: { measured: 0, pending: 0, median_seconds: null, p99_seconds: null, slowest_seconds: null },
      backup: null,
    }),
    study: async () => STANDING,
    studyEvents: async function* () {
      yield { type: 'standing', value: STANDING }
    },
    studyPapers: async ({ params }) => ({ study: params.study, plan: PLAN, plan_hash: HASH, sheet: SHEET }),
    studyDraft: async () => ({ plan: 'schema: islet.study.plan/1', sheet: 'language: en' }),
    checkpoint: async () => 'islet/log\n0\n',
    tile: async ({ params, query }) => new Uint8Array([params.level, params.index, query.width ?? 0]),
  }
}

export interface TestNode {
  readonly server: NodeServer
  readonly story: StoryBoard
  readonly origin: () => string
  /** Everything logged so far. */
  readonly logged: () => string
  readonly ready: { checks: ReadyCheck[] }
  readonly close: () => Promise<void>
}

export interface TestNodeParts {
  readonly gate: (origin: () => string) => Gate
  readonly signer: Somebody['signer']
  readonly endpoints?: () => readonly Endpoint[]
  readonly handlers?: Handlers
  readonly limits?: ServerLimits
  readonly tls?: { readonly key: string; readonly certificate: string }
  readonly hosts?: readonly string[]
  readonly page?: PageAssets
  readonly port?: number
  readonly level?: string
}

export async function startNode(parts: TestNodeParts): Promise<TestNode> {
  let origin = 'http://127.0.0.1:0'
  let text = ''
  const sink = new PassThrough()
  sink.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const story = createStoryBoard()
  const ready: { checks: ReadyCheck[] } = { checks: [] }
  const server = await createServer({
    handlers: parts.handlers ?? plainHandlers(),
    story,
    page: parts.page ?? EMPTY_PAGE,
    version: '0.0.0',
    endpoints: parts.endpoints ?? (() => []),
    gate: parts.gate(() => origin),
    signer: parts.signer,
    ready: async () => ready.checks,
    log: createLog(parts.level ?? 'trace', sink),
    ...(parts.limits === undefined ? {} : { limits: parts.limits }),
    ...(parts.tls === undefined ? {} : { tls: parts.tls }),
    ...(parts.hosts === undefined ? {} : { hosts: parts.hosts }),
  })
  origin = await server.listen({ host: '127.0.0.1', port: parts.port ?? 0 })
  return { server, story, origin: () => origin, logged: () => text, ready, close: server.close }
}

export interface SouthHere {
  readonly world: World
  readonly south: Awaited<ReturnType<World['openSouth']>>
  readonly node: TestNode
  close(): Promise<void>
}

/** A world of its own and the node of South in it. */
export async function southHere(
  more: Omit<Partial<TestNodeParts>, 'gate' | 'signer' | 'endpoints'> = {},
): Promise<SouthHere> {
  const world = await createWorld()
  const south = await world.openSouth(() => node.origin())
  const node = await startNode({
    gate: () => south.gate,
    signer: world.south.signer,
    endpoints: () => [south.endpoint],
    ...more,
  })
  const close = async (): Promise<void> => {
    await node.close()
    await south.close()
    await world.close()
  }
  return { world, south, node, close }
}
