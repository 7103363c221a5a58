/** The words of the patient's screens in English; the shape that every other language fills. */
export const en = {
  nav: { now: 'Now', history: 'History', sharing: 'Sharing', looked: 'Who looked' },
  now: {
    title: 'Now',
    ago: (minutes: number) =>
      minutes < 1 ? 'just now' : minutes < 90 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`,
    stale: (age: string) => `The last reading came ${age}. The number may no longer be true.`,
    none: 'There is no reading yet.',
    hours: (hours: number) => `${hours} h`,
    span: 'Show the last',
    summary: (n: number, low: string, high: string, unit: string) =>
      `${n} readings, between ${low} and ${high} ${unit}.`,
    inRange: 'The band is the target range.',
  },
  history: {
    title: 'History',
    days: (days: number) => `${days} days`,
    span: 'Show the last',
    copy: 'Copy as text',
    copied: 'Copied.',
    print: 'Print',
    proof: (proven: number, all: number) =>
      proven === all
        ? `All ${all} sealed hours were checked on this device: they are what was anchored on the ledger.`
        : `${proven} of ${all} sealed hours are proved; the rest is not anchored yet.`,
    broken: (hours: number) =>
      `${hours} sealed hours were changed since they were recorded. They are not shown. Ask the clinic that keeps your data.`,
  },
  sharing: {
    title: 'Sharing',
    requests: 'Waiting for your answer',
    noRequests: 'Nobody is asking at the moment.',
    asks: (who: string) => `${who} asks to read your data`,
    wants: (kinds: string, purpose: string) => `They ask for ${kinds}, for ${purpose}.`,
    answer: 'Answer',
    active: 'Can read your data now',
    noActive: 'Nobody can read your data.',
    ended: 'Stopped or over',
    until: (when: string) => `until ${when}`,
    window: (from: string, until: string) => `Data from ${from} to ${until}`,
    stop: 'Stop sharing',
    receipt: 'Receipt',
    receiptNote: 'What you signed, word for word (the signed sentence is in English):',
    stateEnded: 'stopped',
    stateOver: 'over',
  },
  grant: {
    title: (who: string) => `Share with ${who}`,
    sentence: 'You will sign this sentence:',
    which: 'Which data',
    days: (days: number) => `The last ${days} days`,
    asked: 'All they ask for, also what is to come',
    kinds: 'Kinds of data',
    access: 'For how long may they read it',
    accessDays: (days: number) => (days === 1 ? '1 day' : `${days} days`),
    share: 'Share',
    sharing: 'Sealing the keys to the reader …',
    decline: 'Decline',
    later: 'Not now',
    done: (who: string) => `Shared with ${who}. The receipt is on its card.`,
    impossible:
      'Nothing of this can be given now: the request is over, or no whole hour lies in it. Choose other data, or decline.',
    declined: 'Declined. They were told nothing else.',
  },
  stop: {
    title: (who: string) => `Stop sharing with ${who}?`,
    stopsNow:
      'Stops now: every institution refuses them, and what is recorded from now on is sealed with new keys.',
    cannot: 'Cannot be undone: what they read before, they may have kept.',
    confirm: 'Stop sharing',
    keep: 'Keep sharing',
    going: 'Stopping …',
    onLedger: (who: string) => `Stopped. ${who} is refused everywhere from now on.`,
    onItsWay: (who: string) =>
      `Stopped at the clinic that keeps your data. The notice about ${who} is still on its way to the others and is sent until it arrives.`,
  },
  looked: {
    title: 'Who looked',
    lead: 'Every access is written down before a byte leaves. The list was checked on this device.',
    checked: (n: number) =>
      `${n} entries checked: each stands in the signed log, and nothing seen or anchored before has vanished.`,
    own: 'Show my own reads too',
    you: 'You',
    what: {
      read: 'read',
      search: 'looked which hours exist',
      append: 'added data',
      'hand-over': 'received the keys',
      refuse: 'was refused',
      erase: 'erased',
    },
    hours: (n: number) => (n === 1 ? '1 sealed hour' : `${n} sealed hours`),
    none: 'Nobody has looked.',
    loading: 'Checking the log …',
  },
}

export type PatientWords = typeof en
