/**
 * A node under load in a process of its own, that says what was acknowledged, so that a test can kill it at any moment:
 * readings are appended, grants made, data read and grants stopped, at once and without end.
 */
import { asked } from '../../benches/support/town.ts'
import { openConsortium, openPerson, type PersonHere } from '../../src/node/world.door.ts'
import { quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'
import { CUSTODIAN, crashReading, PEOPLE, READER, type Said, WINDOW } from './crash-words.ts'

const [directory = '', from = '0'] = process.argv.slice(2)
const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`)
const town = await openConsortium({ directory })
const [custodian, reader] = [town.house(CUSTODIAN), town.house(READER)]
const window = {
  from: quantity<UnixSeconds>(WINDOW.from),
  until: quantity<UnixSeconds>(WINDOW.until),
}

const appending = async (person: PersonHere): Promise<never> => {
  for (let i = Number(from); ; i++) {
    await person.agent.add([crashReading(i)])
    say({ is: 'appended', person: person.handle, number: i })
  }
}
const sharing = async (person: PersonHere): Promise<never> => {
  for (;;) {
    const { id, request } = await asked(person, custodian, reader, window)
    const { handOver } = await person.agent.grant(request, {}, { requestId: id })
    const { consentId, signer } = handOver
    const { height, hash } = await town.ledger.head()
    say({ is: 'granted', person: person.handle, consentId, signer, height, hash })
    await reader.institution.reader.read(consentId)
    say({ is: 'read', person: person.handle, consentId })
    if ((await person.agent.revoke(consentId)) === 'on-ledger') {
      say({ is: 'revoked', person: person.handle, consentId, signer })
    }
  }
}
const anchoring = async (): Promise<never> => {
  for (;;) {
    await town.tick(true)
    const { height, hash } = await town.ledger.head()
    say({ is: 'anchored', height, hash })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

say({ is: 'executor', pid: town.embedded?.executorPid ?? 0 })
setInterval(() => say({ is: 'executor', pid: town.embedded?.executorPid ?? 0 }), 10)
const people = await Promise.all(PEOPLE.map((name) => openPerson(town, name, town.unlock)))
await Promise.all([...people.flatMap((person) => [appending(person), sharing(person)]), anchoring()])
