/** What operators and auditors read, in English; the shape that every other language fills. */
export const en = {
  nav: { members: 'Node and members', blocks: 'Ledger', logs: 'Access logs', dump: 'Check a dump' },
  figures: {
    revokes: 'How fast stopping works',
    measured: 'Measured',
    median: 'Median',
    p99: '99 of 100 within',
    slowest: 'Slowest',
    pending: 'Answered before a block',
    revokesNote: (since: string) =>
      `From the moment an institution of this node hears that somebody stops to the block that records it, since ${since}. The institution itself refuses from that moment on.`,
    backup: 'Backup',
    noBackup: 'No backup of this data directory is known.',
    backupOf: (when: string, megabytes: string) => `The newest was made ${when}, ${megabytes} MB.`,
    backupNote:
      'Made with islet backup FILE while the node stands. That a file was written does not say that it opens: only a restore shows that.',
  },
  members: {
    title: 'Members',
    head: ['Institution', 'State', 'Sealed hours anchored', 'Access log anchored', 'Log entries here'],
    states: { active: 'active', suspended: 'suspended' },
    anchored: (count: number, block: number, time: string) => `${count} (block ${block}, ${time})`,
    behind: (entries: number, behind: number) =>
      behind <= 0 ? `${entries}, all anchored` : `${entries}, ${behind} not anchored yet`,
    note: 'Anchored: the ledger has a fingerprint of it that nobody can change later. Numbers of sealed hours are padded, so that they tell nothing of single people.',
    again: 'Refresh',
  },
  blocks: {
    head: (height: number, time: string) => `Newest block: ${height}, ${time}.`,
    singleOperator:
      'One operator puts the blocks of this ledger in order. What keeps it honest are the signed heads that every member holds: a rewritten past shows.',
    columns: ['Block', 'Fingerprint', 'Time'],
    newest: 'Newest',
    older: 'Older',
  },
  logs: {
    lead: 'Every institution writes down who read what. Each log is fetched and computed again in this browser, and compared with what the ledger has of it.',
    check: 'Check all logs',
    busy: 'Checking …',
    head: ['Institution', 'Result', 'Entries', 'Of them anchored'],
    states: {
      HOLDS: 'holds',
      NOT_ANCHORED_YET: 'holds in itself; nothing anchored yet',
      CHECKPOINT_WRONG: 'BROKEN: its signed head is not its own',
      ROOT_WRONG: 'BROKEN: the entries do not give what was signed',
      ANCHOR_DIFFERS: 'BROKEN: the ledger has another past of it',
      SHORTER_THAN_ANCHORED: 'BROKEN: entries are missing that the ledger counted',
    },
  },
  dump: {
    lead: 'Choose the folder that islet export wrote. It is checked in this browser and goes nowhere.',
    anchor: 'A block of a consortium that you believe, if you have one (islet network anchor writes it)',
    folder: 'The folder of the dump',
    progress: (done: number, of: number) => `${done} of ${of} files …`,
    holds: 'What can be checked here holds.',
    foreign:
      'The files are as listed, but the dump is of another ledger than this node’s: heads and access logs were not checked.',
    foreignVouched:
      'The dump is of another ledger than this node’s. Its blocks follow from the one that you believe; heads and access logs were not checked.',
    voted: (blocks: number, facts: number) =>
      `${blocks} blocks carry the votes of more than two thirds of the seats, ${facts} members, seats and consents are proved as the contracts hold them.`,
    vouched: 'The block that you believe vouches for all of them.',
    notVouched: 'No block that you believe is among them: they hold together, and nobody vouches for them.',
    codes: {
      NOT_A_TRUST_ANCHOR:
        'This file holds no block to start from. Choose the one that islet network anchor wrote.',
    } as Readonly<Record<string, string>>,
    broken: (findings: number) => `It does NOT hold: ${findings} ${findings === 1 ? 'finding' : 'findings'}.`,
    counts: (files: number, heads: number, logs: number, entries: number) =>
      `${files} files compared with their list, ${heads} heads with this node’s blocks, ${logs} access logs with ${entries} entries computed again.`,
    notHere: 'Not checked in a browser',
    notHereList: [
      'Whether every block follows from the one before: that takes the ledger’s engine.',
      'Whether every consent, anchor and member came about by the contracts’ rules.',
      'Whether the heads carry the operator’s signature, and whether others hold the same heads.',
      'Whether every access had a consent, and every sealed hour its place.',
    ] as readonly string[],
    elsewhere: 'All of that is done, without a node, by',
  },
}

export type OperatorWords = typeof en
