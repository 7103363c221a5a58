/** The words about prescriptions in English; the shape that every other language fills. */
export const en = {
  title: 'Prescriptions',
  none: 'Nothing is prescribed.',
  how: { bolus: 'for meals and corrections', 'long-acting': 'long-acting' },
  dosage: (frequency: number, dose: string | null, how: string) =>
    `${frequency} × a day, ${dose === null ? 'each dose worked out for the meal' : `${dose} U each`}, ${how}`,
  period: (from: string, until: string) => `from ${from} until ${until}`,
  by: (who: string, when: string) => `Signed by ${who}, ${when}`,
  former: 'a former member of staff',
  anchored: 'on the ledger',
  notYet: 'waits for the next record on the ledger',
  stopped: 'Stopped',
  taken: 'Recorded doses',
  takenSays: (doses: number, prescribed: number, percent: string, days: number) =>
    `${doses} of ${prescribed} prescribed doses were recorded (${percent} %) on ${days} days.`,
  unknown: (days: number) => `On ${days} further days no insulin was recorded at all; they are not counted.`,
  leftOut: (hours: number) =>
    `${hours === 1 ? 'One hour' : `${hours} hours`} of insulin records ${hours === 1 ? 'is' : 'are'} damaged where they are kept; doses in them are not counted.`,
  takenNone: 'Cannot be told: no whole day of insulin records lies in this time, or insulin is not shared.',
  takenLimit: 'This is what was recorded, not what was taken.',
  fhir: 'Save as FHIR',
  clinic: {
    lead: 'Nothing counts without your signature. The patient sees it, with your name.',
    write: 'Write a prescription',
    medication: 'Insulin',
    how: 'How it is given',
    frequency: 'Times a day',
    dose: 'Units each time (empty: worked out for each meal)',
    since: 'From',
    days: 'For how many days',
    note: 'Note for the patient',
    sign: 'Sign the prescription',
    signed: 'Signed, recorded and told to the patient.',
    stop: 'Stop it',
    stopNote: 'Signs its end with your key.',
  },
  patient: {
    title: 'Medication',
    lead: 'What clinicians prescribed to you, under their signature. How much of it you recorded is counted on this device.',
    loading: 'Asking those who care for you …',
    nobody: 'Nobody may read your data for care, so nobody can have prescribed anything here.',
    silent: (who: string) => `${who} does not answer now.`,
  },
  codes: {
    PRESCRIPTION_UNSOUND:
      'This cannot be signed: look at the units and the dates. It holds for a year at most.',
    PRESCRIPTION_OLD: 'The clock of this device is wrong, or this was signed too long ago. Sign it anew.',
    PRESCRIPTION_UNKNOWN: 'There is a newer version of this. Look at it first.',
    HOURS_NOT_GRANTED: 'The patient shares none of the last days with you. Ask for more.',
    CONSENT_REVOKED: 'The patient has stopped sharing with you.',
  } as Readonly<Record<string, string>>,
}

export type MedicationWords = typeof en
