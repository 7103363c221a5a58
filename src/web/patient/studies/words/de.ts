/** Die Wörter der Studien für die Menschen, die mitmachen können, auf Deutsch. */
import type { StudiesWords } from './en.ts'

export const de: StudiesWords = {
  title: 'Studien',
  lead: 'Ihre Daten bleiben, wo sie sind. Eine Studie lernt in der Klinik, die sie aufbewahrt; nur das Gelernte verlässt sie.',
  open: 'Offen für Sie',
  none: 'Zurzeit ist keine Studie offen.',
  mine: 'Sie machen mit',
  noMine: 'Sie machen bei keiner Studie mit.',
  left: 'Verlassen oder vorbei',
  by: (who) => `Von ${who}`,
  uses: (kinds, from, until) => `Nutzt ${kinds} vom ${from} bis ${until}.`,
  ends: (when) => `Endet ${when}.`,
  purposes: {
    'DUO:0000004': 'für jede Forschung',
    'DUO:0000006': 'für Gesundheitsforschung jeder Art',
    'DUO:0000007': 'für Forschung zu einer Krankheit',
    'DUO:0000011': 'für Forschung zur Herkunft',
    'DUO:0000042': 'für allgemeine Forschung',
  },
  look: 'Mehr lesen',
  hide: 'Schließen',
  sheet: 'Information',
  same: 'Das ist die Information, deren Fingerabdruck die Kommission genehmigt hat; auf diesem Gerät geprüft.',
  changed: 'Was sich seit Ihrer Zustimmung geändert hat',
  change: { ADDED: 'Neu', REMOVED: 'Entfallen', CHANGED: 'Geändert' },
  noChange: 'Nur Reihenfolge oder Überschriften sind anders.',
  now: 'Jetzt steht da',
  before: 'Vorher stand da',
  again: 'Die Information ist inzwischen eine andere. Sie bleiben außen vor, bis Sie wieder zustimmen.',
  where: 'In welcher Klinik?',
  noSites: 'Keine Klinik dieses Knotens macht mit; darum kann hier niemand beitreten.',
  join: 'Mitmachen',
  joining: 'Die Schlüssel werden für die Klinik versiegelt …',
  joined: (title) => `Sie machen bei „${title}“ mit.`,
  at: (site) => `bei ${site}`,
  leave: 'Studie verlassen',
  leaveTitle: (title) => `„${title}“ verlassen?`,
  stopsNow: 'Endet jetzt: Keine Runde, die ab hier beginnt, nutzt Sie.',
  cannot: 'Nicht zurückzuholen: Modelle, die schon von Ihnen gelernt haben. Sie stehen unter Ihrer Studie.',
  confirm: 'Verlassen',
  keep: 'Bleiben',
  going: 'Wird beendet …',
  gone: 'Sie haben die Studie verlassen. Keine Runde, die ab jetzt beginnt, nutzt Sie.',
  kept: 'Unterschrieben und hier aufbewahrt, weil Islet nicht antwortet. Es wird von selbst gesendet; eine Runde, die vorher beginnt, kann Sie noch nutzen.',
  onItsWay:
    'In der Klinik, die Ihre Daten aufbewahrt, ist es beendet. Die Nachricht an die anderen ist unterwegs und wird geschickt, bis sie ankommt.',
  learned: 'Was hat von mir gelernt?',
  checking: 'Ledger und Kliniken werden gefragt, ihre Belege hier geprüft …',
  noRounds: 'Noch hat keine Runde begonnen.',
  models: (n) =>
    n === 0
      ? 'Kein Modell hat von Ihnen gelernt.'
      : n === 1
        ? 'Ein Modell hat von Ihnen gelernt.'
        : `${n} Modelle haben von Ihnen gelernt.`,
  model: (version, rounds) => `Fassung ${version}, durch Runde ${rounds}`,
  withdrawn: 'zurückgezogen',
  head: ['Runde', 'Begonnen', 'Klinik', 'Hier bewiesen', 'Lernte von Ihnen'],
  proofs: {
    PRESENT: 'Sie waren dabei',
    ABSENT: 'Sie waren nicht dabei',
    INVALID: 'der Beleg ist falsch',
    NO_PROOF: 'es kam kein Beleg',
    NO_ROOT: 'die Klinik nahm nicht teil',
  },
  yes: 'ja',
  no: 'nein',
  unproved: (n) => `${n} Runden ließen sich weder so noch so beweisen. Fragen Sie die Klinik.`,
  limit:
    'Bewiesen ist, was die Klinik erklärt hat. Ob sie mit genau diesen Menschen trainiert hat, zeigt eine Prüfung der Studie.',
  vouchers: (size, redeemed) =>
    `Dankeschön-Gutscheine: höchstens ${size} ausgegeben (aufgerundet, damit es nichts verrät), ${redeemed} eingelöst.`,
  voucher: {
    title: (site) => `Ihr Dankeschön-Gutschein bei ${site}`,
    what: 'Dafür, dass Sie teilgenommen haben. Er enthält keinen Messwert und keinen Namen und zählt einmal.',
    states: {
      UNKNOWN: 'Sie haben ihn noch nicht angefordert.',
      CLAIMED:
        'Angefordert. Die Klinik gibt alle Gutscheine der Studie auf einmal aus; dann können Sie ihn hier einlösen.',
      ISSUED: 'Ausgegeben. Sie können ihn einlösen.',
      REDEEMED: 'Eingelöst. Ein zweites Mal zählt er nicht.',
    },
    late: 'Die Klinik hat ihre Gutscheine schon ausgegeben; es kommt keiner mehr dazu.',
    claim: 'Gutschein anfordern',
    where: 'Einlösen bei',
    redeem: 'Einlösen',
    codes: {
      NOT_A_PARTICIPANT:
        'Die Klinik findet keine Runde, die Sie verwendet hat. Gutscheine sind für die Teilnahme.',
      VOUCHERS_ISSUED: 'Die Klinik hat ihre Gutscheine schon ausgegeben; es kommt keiner mehr dazu.',
      VOUCHER_CLAIMED:
        'Sie haben einen Gutschein dieser Studie schon mit einem anderen Schlüssel angefordert.',
      VOUCHER_REDEEMED: 'Dieser Gutschein wurde schon eingelöst.',
      VOUCHER_UNKNOWN: 'Dieser Gutschein ist dort nicht bekannt. Nichts wurde eingelöst.',
    },
  },
  noVouchers: 'Für diese Studie wurden noch keine Dankeschön-Gutscheine ausgegeben.',
}
