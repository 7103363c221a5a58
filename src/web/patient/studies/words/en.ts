/** The words of studies for the people who may join them, in English. */
export const en = {
  title: 'Studies',
  lead: 'Your data stay where they are. A study learns at the clinic that keeps them, and only what it learned leaves.',
  open: 'Open to you',
  none: 'No study is open at the moment.',
  mine: 'You take part',
  noMine: 'You take part in no study.',
  left: 'You left, or it is over',
  by: (who: string) => `By ${who}`,
  uses: (kinds: string, from: string, until: string) => `Uses ${kinds} from ${from} to ${until}.`,
  ends: (when: string) => `Ends ${when}.`,
  purposes: {
    'DUO:0000004': 'for any research',
    'DUO:0000006': 'for health research of any kind',
    'DUO:0000007': 'for research on one disease',
    'DUO:0000011': 'for research on where people come from',
    'DUO:0000042': 'for general research',
  } as Readonly<Record<string, string>>,
  look: 'Read about it',
  hide: 'Close',
  sheet: 'Information sheet',
  same: 'This is the sheet whose fingerprint the committee approved; it was checked on this device.',
  changed: 'What changed since you agreed',
  change: { ADDED: 'New', REMOVED: 'Gone', CHANGED: 'Changed' },
  noChange: 'Only the order or the titles changed.',
  now: 'It says now',
  before: 'It said before',
  again: 'The information sheet is another one now. You are left out until you agree again.',
  where: 'At which clinic?',
  noSites: 'No clinic of this node takes part, so nobody can join here.',
  join: 'Take part',
  joining: 'Sealing the keys to the clinic …',
  joined: (title: string) => `You take part in “${title}”.`,
  at: (site: string) => `at ${site}`,
  leave: 'Leave the study',
  leaveTitle: (title: string) => `Leave “${title}”?`,
  stopsNow: 'Stops now: no round that opens from here on uses you.',
  cannot: 'Cannot be undone: models that have learned from you already. They are listed below your study.',
  confirm: 'Leave',
  keep: 'Stay',
  going: 'Leaving …',
  gone: 'You left. No round that opens from now on uses you.',
  kept: 'Signed and kept here, because Islet does not answer. It is sent by itself; a round that opens before may still use you.',
  onItsWay:
    'You left at the clinic that keeps your data. The notice is on its way to the others and is sent until it arrives.',
  learned: 'What learned from me?',
  checking: 'Asking the ledger and the clinics, and checking their proofs here …',
  noRounds: 'No round has begun yet.',
  models: (n: number) =>
    n === 0
      ? 'No model learned from you.'
      : n === 1
        ? 'One model learned from you.'
        : `${n} models learned from you.`,
  model: (version: number, rounds: string) => `Version ${version}, through round ${rounds}`,
  withdrawn: 'withdrawn',
  head: ['Round', 'Begun', 'Clinic', 'Proved here', 'Learned from you'],
  proofs: {
    PRESENT: 'you were in it',
    ABSENT: 'you were not in it',
    INVALID: 'the proof is false',
    NO_PROOF: 'no proof came',
    NO_ROOT: 'the clinic took no part',
  },
  yes: 'yes',
  no: 'no',
  unproved: (n: number) => `${n} rounds could not be proved either way. Ask the clinic.`,
  limit:
    'Proved is what the clinic declared. Whether it trained on exactly those people is shown by an audit of the study.',
  vouchers: (size: number, redeemed: number) =>
    `Thank-you vouchers: at most ${size} given out (rounded up, so that it tells nothing), ${redeemed} redeemed.`,
  voucher: {
    title: (site: string) => `Your thank-you voucher at ${site}`,
    what: 'For having taken part. It holds no reading and no name, and counts once.',
    states: {
      UNKNOWN: 'You have not claimed it yet.',
      CLAIMED:
        'Claimed. The clinic gives out all vouchers of the study at once; then you can redeem it here.',
      ISSUED: 'Given out. You can redeem it.',
      REDEEMED: 'Redeemed. It counts no second time.',
    },
    late: 'The clinic gave out its vouchers already; none can be added.',
    claim: 'Claim the voucher',
    where: 'Redeem it at',
    redeem: 'Redeem',
    codes: {
      NOT_A_PARTICIPANT: 'The clinic finds no round that used you. Vouchers are for having taken part.',
      VOUCHERS_ISSUED: 'The clinic gave out its vouchers already; none can be added.',
      VOUCHER_CLAIMED: 'You claimed a voucher of this study from another key already.',
      VOUCHER_REDEEMED: 'This voucher was redeemed already.',
      VOUCHER_UNKNOWN: 'This voucher is not known there. Nothing was redeemed.',
    } as Readonly<Record<string, string>>,
  },
  noVouchers: 'No thank-you vouchers were issued for this study yet.',
}

export type StudiesWords = typeof en
