/** Was Betreibende und Prüfende lesen, auf Deutsch. */
import type { OperatorWords } from './en.ts'

export const de: OperatorWords = {
  nav: {
    members: 'Knoten und Mitglieder',
    blocks: 'Register',
    logs: 'Zugriffsprotokolle',
    dump: 'Auszug prüfen',
  },
  figures: {
    revokes: 'Wie schnell Beenden wirkt',
    measured: 'Gemessen',
    median: 'Median',
    p99: '99 von 100 binnen',
    slowest: 'Am langsamsten',
    pending: 'Beantwortet vor dem Block',
    revokesNote: (since) =>
      `Vom Moment, in dem eine Einrichtung dieses Knotens hört, dass jemand beendet, bis zum Block, der es festhält, seit ${since}. Die Einrichtung selbst verweigert von jenem Moment an.`,
    backup: 'Sicherung',
    noBackup: 'Von einer Sicherung dieses Datenverzeichnisses ist nichts bekannt.',
    backupOf: (when, megabytes) => `Die neueste wurde gemacht ${when}, ${megabytes} MB.`,
    backupNote:
      'Gemacht mit islet backup DATEI, während der Knoten steht. Dass eine Datei geschrieben wurde, sagt nicht, dass sie sich öffnet: Das zeigt nur eine Wiederherstellung.',
  },
  members: {
    title: 'Mitglieder',
    head: ['Einrichtung', 'Stand', 'Versiegelte Stunden verankert', 'Protokoll verankert', 'Einträge hier'],
    states: { active: 'aktiv', suspended: 'ausgesetzt' },
    anchored: (count, block, time) => `${count} (Block ${block}, ${time})`,
    behind: (entries, behind) =>
      behind <= 0 ? `${entries}, alle verankert` : `${entries}, ${behind} noch nicht verankert`,
    note: 'Verankert: Das Register hat einen Fingerabdruck davon, den später niemand ändern kann. Zahlen versiegelter Stunden sind aufgefüllt, damit sie nichts über Einzelne sagen.',
    again: 'Aktualisieren',
  },
  blocks: {
    head: (height, time) => `Neuester Block: ${height}, ${time}.`,
    singleOperator:
      'Ein Betreiber ordnet die Blöcke dieses Registers. Ehrlich halten ihn die unterschriebenen Köpfe, die jedes Mitglied hat: Eine umgeschriebene Vergangenheit zeigt sich.',
    columns: ['Block', 'Fingerabdruck', 'Zeit'],
    newest: 'Neueste',
    older: 'Ältere',
  },
  logs: {
    lead: 'Jede Einrichtung schreibt auf, wer was las. Jedes Protokoll wird geholt, in diesem Browser neu berechnet und mit dem verglichen, was das Register davon hat.',
    check: 'Alle Protokolle prüfen',
    busy: 'Wird geprüft …',
    head: ['Einrichtung', 'Ergebnis', 'Einträge', 'Davon verankert'],
    states: {
      HOLDS: 'hält',
      NOT_ANCHORED_YET: 'hält in sich; noch nichts verankert',
      CHECKPOINT_WRONG: 'GEBROCHEN: Der unterschriebene Kopf ist nicht der seine',
      ROOT_WRONG: 'GEBROCHEN: Die Einträge ergeben nicht, was unterschrieben wurde',
      ANCHOR_DIFFERS: 'GEBROCHEN: Das Register hat eine andere Vergangenheit davon',
      SHORTER_THAN_ANCHORED: 'GEBROCHEN: Einträge fehlen, die das Register zählte',
    },
  },
  dump: {
    lead: 'Wählen Sie den Ordner, den islet export schrieb. Er wird in diesem Browser geprüft und geht nirgendwohin.',
    anchor:
      'Ein Block eines Konsortiums, dem Sie glauben, wenn Sie einen haben (islet network anchor schreibt ihn)',
    folder: 'Der Ordner des Auszugs',
    progress: (done, of) => `${done} von ${of} Dateien …`,
    holds: 'Was sich hier prüfen lässt, hält.',
    foreign:
      'Die Dateien sind wie aufgelistet, aber der Auszug ist von einem anderen Register als dem dieses Knotens: Köpfe und Zugriffsprotokolle wurden nicht geprüft.',
    foreignVouched:
      'Der Auszug ist von einem anderen Register als dem dieses Knotens. Seine Blöcke folgen aus dem, dem Sie glauben; Köpfe und Zugriffsprotokolle wurden nicht geprüft.',
    voted: (blocks, facts) =>
      `${blocks} Blöcke tragen die Stimmen von mehr als zwei Dritteln der Sitze, ${facts} Mitglieder, Sitze und Einwilligungen sind so bewiesen, wie die Verträge sie führen.`,
    vouched: 'Der Block, dem Sie glauben, bürgt für alle.',
    notVouched: 'Kein Block, dem Sie glauben, ist darunter: Sie passen zusammen, und niemand bürgt für sie.',
    codes: {
      NOT_A_TRUST_ANCHOR:
        'Diese Datei enthält keinen Block, mit dem man beginnen könnte. Wählen Sie die, die islet network anchor schrieb.',
    },
    broken: (findings) => `Er hält NICHT: ${findings} ${findings === 1 ? 'Befund' : 'Befunde'}.`,
    counts: (files, heads, logs, entries) =>
      `${files} Dateien mit ihrer Liste verglichen, ${heads} Köpfe mit Blöcken dieses Knotens, ${logs} Zugriffsprotokolle mit ${entries} Einträgen neu berechnet.`,
    notHere: 'In einem Browser nicht geprüft',
    notHereList: [
      'Ob jeder Block aus dem vorigen folgt: Dazu braucht es die Maschine des Registers.',
      'Ob jede Einwilligung, jeder Anker und jedes Mitglied nach den Regeln der Verträge zustande kam.',
      'Ob die Köpfe die Unterschrift des Betreibers tragen, und ob andere dieselben Köpfe haben.',
      'Ob jeder Zugriff eine Einwilligung hatte, und jede versiegelte Stunde ihren Platz.',
    ],
    elsewhere: 'All das macht, ohne einen Knoten,',
  },
}
