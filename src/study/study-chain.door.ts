/**
 * The port of studies set over a ledger: typed calls and reads of `StudyLedger` and `RoundLedger`.
 *
 * Law: nothing is decided here: the contracts decide, and a refusal carries the name of the act.
 */

import { hexWord, keccak, uintWord } from '../consent/browser.door.ts'
import {
  type CallArgs,
  type CallName,
  contractCall,
  type Head,
  type Ledger,
  type Receipt,
  ROUND_PHASES,
  readContract,
  type Signer,
  STUDY_STATES,
  STUDY_VERDICTS,
  type StudyDeployment,
  studyEvents,
  type ViewArgs,
  type ViewName,
  type ViewResult,
} from '../ledger/index.ts'
import {
  type Address,
  address,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  institutionId,
  quantity,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type {
  Decision,
  LedgerContribution,
  LedgerRound,
  LedgerVersion,
  StudyActs,
  StudyChain,
} from './study-chain.ts'
import { AGGREGATION_NUMBERS, type LedgerPlan, planHashOf } from './study-hash.ts'

const ZERO = `0x${'00'.repeat(32)}` as const
/** Revealed contributions kept at hand. */
const MOST_REVEALED = 2_560
const NOBODY = `0x${'00'.repeat(20)}`

/** The contracts of studies on a ledger. */
export function studyChain(ledger: Ledger, deployment: StudyDeployment): StudyChain {
  // What a view says at one head is asked once, however many sites of this process want to know it.
  const memory = new Map<string, Promise<unknown>>()
  let height = -1
  const ask = async <C extends 'rounds' | 'studies', F extends ViewName<C>>(
    contract: C,
    name: F,
    args: ViewArgs<C, F>,
  ): Promise<ViewResult<C, F>> => {
    const head = await ledger.head()
    if (head.height !== height) {
      memory.clear()
      height = head.height
    }
    const key = JSON.stringify([contract, name, args], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    const known = memory.get(key)
    const asked = known ?? readContract(ledger, deployment, contract, name, args).then(({ value }) => value)
    if (known === undefined) {
      memory.set(key, asked)
      asked.catch(() => memory.delete(key))
    }
    return asked as Promise<ViewResult<C, F>>
  }

  // A contribution once revealed never changes.
  const revealed = new Map<string, LedgerContribution>()

  // The list of a study's sites only grows: one that is long enough for a set of numbers is right for it.
  const listed = new Map<Hash32, readonly InstitutionId[]>()
  const sites = async (id: Hash32): Promise<readonly InstitutionId[]> => {
    const all = (await ask('studies', 'sitesOf', [id])).map(institutionId)
    listed.set(id, all)
    return all
  }
  const sitesFor = async (id: Hash32, set: bigint): Promise<readonly InstitutionId[]> => {
    const known = listed.get(id)
    return known !== undefined && set >> BigInt(known.length) === 0n ? known : sites(id)
  }
  /** The latest round known of a study: whoever asks which is the latest asks for it next. */
  const latest = new Map<Hash32, number>()

  const version = async (id: Hash32, number: number): Promise<LedgerVersion | undefined> => {
    const found = await ask('rounds', 'versionOf', [id, number])
    if (found.round === 0) return undefined
    return { ...found, number, model: hash32(found.model), report: hash32(found.report) }
  }

  return {
    head: () => ledger.head(),
    block: (height) => ledger.block(height),
    watchHeads: (listener) => ledger.watchHeads(listener),
    study: async (id) => {
      const found = await ask('studies', 'studyOf', [id])
      return {
        state: named(STUDY_STATES, found.state),
        version: found.version,
        decisions: found.decisions,
        until: seconds(found.until),
        applicant: institutionId(found.applicant),
        planHash: hash32(found.plan),
        conditions: given(found.conditions),
      }
    },
    plan: async (id) => {
      const { aggregation, ends, ...words } = await ask('studies', 'planOf', [id])
      return {
        document: hash32(words.document),
        sheet: hash32(words.sheet),
        model: hash32(words.model),
        aggregation: aggregation === AGGREGATION_NUMBERS.masked ? 'masked' : 'open',
        minimumSites: words.minimumSites,
        rounds: words.rounds,
        stepSeconds: words.stepSeconds,
        ends: Number(ends),
      }
    },
    sites,
    approvedSites: async (id) => {
      const set = await ask('studies', 'approvedSites', [id])
      return inSet(set, await sitesFor(id, set))
    },
    quorum: () => ask('studies', 'quorum', []),
    seatOf: async (institution) => {
      const holder = await ask('studies', 'seatOf', [institution])
      return holder === NOBODY ? undefined : address(holder)
    },
    tally: async (id, decision) => Number(await ask('studies', 'tally', [id, decisionWords(decision)])),
    isRecused: (id, institution) => ask('studies', 'isRecused', [id, institution]),
    latestRound: async (id) => {
      const known = latest.get(id)
      // In the same request, and at hand when it is asked for.
      if (known !== undefined) ask('rounds', 'roundOf', [id, known]).catch(() => undefined)
      const number = await ask('rounds', 'latestRound', [id])
      latest.set(id, number)
      return number
    },
    round: async (study, round): Promise<LedgerRound | undefined> => {
      const found = await ask('rounds', 'roundOf', [study, round])
      const phase = named(ROUND_PHASES, found.phase)
      if (phase === 'NONE') return undefined
      const all = await sitesFor(study, found.expected)
      return {
        study,
        round,
        phase,
        planVersion: found.planVersion,
        base: found.base,
        openedAt: seconds(found.openedAt),
        openedBlock: Number(found.openedBlock),
        deadline: seconds(found.deadline),
        expected: inSet(found.expected, all),
        cohorts: inSet(found.cohorts, all),
        committed: inSet(found.committed, all),
        survivors: inSet(found.survivors, all),
        voided: inSet(found.voided, all),
        attested: inSet(found.attested, all),
      }
    },
    contribution: async (study, round, site) => {
      const name = `${study} ${round} ${site}`
      const known = revealed.get(name)
      if (known !== undefined) return known
      const found = await ask('rounds', 'contributionOf', [study, round, site])
      const contribution: LedgerContribution = {
        cohortRoot: given(found.cohortRoot),
        commitment: given(found.commitment),
        update: given(found.update),
      }
      if (contribution.update !== undefined) {
        if (revealed.size >= MOST_REVEALED) revealed.clear()
        revealed.set(name, contribution)
      }
      return contribution
    },
    headVersion: async (id) => version(id, await ask('rounds', 'headOf', [id])),
    version,
    events: async function* (from, to) {
      const addresses = [deployment.studies, deployment.rounds]
      const filter = { from, addresses, ...(to === undefined ? {} : { to }) }
      for await (const { block, logs } of ledger.logs(filter)) yield* studyEvents(deployment, block, logs)
    },
    as: (signer) => actsOf(ledger, deployment, signer),
  }
}

function actsOf(ledger: Ledger, deployment: StudyDeployment, by: Signer): StudyActs {
  const send = async <C extends 'rounds' | 'studies', F extends CallName<C>>(
    contract: C,
    name: F,
    args: CallArgs<C, F>,
  ): Promise<Receipt> => {
    const call = contractCall(deployment, contract, name, args)
    const { height } = await ledger.head()
    // With the height in it, an act that was refused can be tried again on a newer state.
    const key = keccak(
      utf8('islet/v1/study-act\0'),
      hexWord(deployment[contract]),
      hexWord(by.address),
      uintWord(height, 64),
      fromHex(call.data),
    )
    const receipt = await ledger.submit(call, { by, keys: [key] })
    if (receipt.status !== 'success') {
      throw new IsletError(
        'STUDY_CALL_REFUSED',
        `the ledger refused ${name}`,
        { act: name, block: receipt.block.height },
        { remedy: 'Look at the state of the study and the round: someone may have been first.' },
      )
    }
    return receipt
  }
  const act = async <C extends 'rounds' | 'studies', F extends CallName<C>>(
    contract: C,
    name: F,
    args: CallArgs<C, F>,
  ): Promise<Head> => (await send(contract, name, args)).block

  return {
    submit: async (plan, salt) => {
      const { block, logs } = await send('studies', 'submit', [planWords(plan), salt])
      const [event] = studyEvents(deployment, block, logs)
      if (event?.name !== 'Submitted' || hash32(event.args.planHash) !== planHashOf(plan))
        throw new IsletError('LEDGER_ANSWER_WRONG', 'the ledger recorded another plan')
      return { study: hash32(event.args.study), block }
    },
    amend: (study, plan) => act('studies', 'amend', [study, planWords(plan)]),
    acceptConditions: (study, conditions) => act('studies', 'acceptConditions', [study, conditions]),
    open: (study) => act('studies', 'open', [study]),
    close: (study) => act('studies', 'close', [study]),
    withdraw: (study) => act('studies', 'withdraw', [study]),
    seat: (holder: Address) => act('studies', 'seat', [holder]),
    setBoard: (reviewers, needed) => act('studies', 'setBoard', [reviewers, needed]),
    vote: (study, planHash, decision) => act('studies', 'vote', [study, planHash, decisionWords(decision)]),
    recuse: (study) => act('studies', 'recuse', [study]),
    approveSite: (study, planHash) => act('studies', 'approveSite', [study, planHash]),
    leaveStudy: (study) => act('studies', 'leaveStudy', [study]),
    openRound: (study, round, base) => act('rounds', 'openRound', [study, round, base]),
    commitCohort: (study, round, openedBlock, root) =>
      act('rounds', 'commitCohort', [study, round, BigInt(openedBlock), root]),
    commitUpdate: (study, round, root, commitment) =>
      act('rounds', 'commitUpdate', [study, round, root, commitment]),
    reveal: (study, round, update, salt) => act('rounds', 'reveal', [study, round, update, salt]),
    voidContribution: (study, round) => act('rounds', 'voidContribution', [study, round]),
    attest: (study, round, model, report) => act('rounds', 'attest', [study, round, model, report]),
    endStep: (study, round) => act('rounds', 'endStep', [study, round]),
    withdrawVersion: (study, number, reason) => act('rounds', 'withdrawVersion', [study, number, reason]),
    recordResult: (study, number, result) => act('rounds', 'recordResult', [study, number, result]),
  }
}

function planWords(plan: LedgerPlan) {
  return { ...plan, aggregation: AGGREGATION_NUMBERS[plan.aggregation], ends: BigInt(plan.ends) }
}

function decisionWords({ verdict, conditions = hash32(ZERO), until }: Decision) {
  return { verdict: STUDY_VERDICTS.indexOf(verdict), conditions, until: BigInt(until ?? 0) }
}

/** The sites whose bits a set has. */
function inSet(set: bigint, sites: readonly InstitutionId[]): readonly InstitutionId[] {
  return sites.filter((_, number) => ((set >> BigInt(number)) & 1n) === 1n)
}

function given(word: string): Hash32 | undefined {
  return word === ZERO ? undefined : hash32(word)
}

function seconds(value: bigint): UnixSeconds {
  return quantity<UnixSeconds>(Number(value))
}

function named<T>(names: readonly T[], number: number): T {
  const found = names[number]
  if (found === undefined)
    throw new IsletError('LEDGER_ANSWER_WRONG', 'the ledger answered with no known word')
  return found
}
