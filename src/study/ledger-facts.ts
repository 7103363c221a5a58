/**
 * What the ledger says of one study, folded from its events: for whoever replays a ledger instead of asking a node.
 *
 * Law: the same facts as the contracts' views give at the last of the events.
 */
import type { StudyEvent } from '../ledger/index.ts'
import { type Hash32, hash32, type InstitutionId, institutionId } from '../vocabulary/index.ts'
import type { LedgerFacts } from './verify-passport.ts'

/** Takes in events in their order. */
export class LedgerFactsFold {
  readonly #study: Hash32
  #plan: { readonly hash: Hash32; readonly version: number } | undefined
  readonly #approved = new Set<InstitutionId>()
  readonly #versions = new Map<number, { model: Hash32; report: Hash32; round: number; withdrawn: boolean }>()
  readonly #roots = new Map<string, Hash32>()
  readonly #results = new Map<Hash32, InstitutionId>()

  constructor(study: Hash32) {
    this.#study = study
  }

  note(event: StudyEvent): void {
    if (!('study' in event.args) || hash32(event.args.study) !== this.#study) return
    switch (event.name) {
      case 'Submitted':
        this.#plan = { hash: hash32(event.args.planHash), version: 1 }
        break
      case 'Amended':
        this.#plan = { hash: hash32(event.args.planHash), version: event.args.version }
        this.#approved.clear()
        break
      case 'SiteApproved':
        this.#approved.add(institutionId(event.args.site))
        break
      case 'SiteLeft':
        this.#approved.delete(institutionId(event.args.site))
        break
      case 'CohortCommitted': {
        const { round, site, root } = event.args
        this.#roots.set(`${round}:${institutionId(site)}`, hash32(root))
        break
      }
      case 'VersionMade': {
        const { number, round, model, report } = event.args
        this.#versions.set(number, { model: hash32(model), report: hash32(report), round, withdrawn: false })
        break
      }
      case 'VersionWithdrawn': {
        const version = this.#versions.get(event.args.number)
        if (version !== undefined) version.withdrawn = true
        break
      }
      case 'ResultRecorded':
        this.#results.set(hash32(event.args.result), institutionId(event.args.by))
        break
      default:
    }
  }

  /** The facts about one version, or undefined where the ledger has no such study or version. */
  facts(number: number): LedgerFacts | undefined {
    const version = this.#versions.get(number)
    if (this.#plan === undefined || version === undefined) return undefined
    return {
      planHash: this.#plan.hash,
      planVersion: this.#plan.version,
      sites: [...this.#approved],
      version: { model: version.model, report: version.report, isWithdrawn: version.withdrawn },
      rounds: new Map([...this.#versions.values()].map((one) => [one.round, one])),
      cohortRoots: this.#roots,
      results: this.#results,
    }
  }
}
