/** How a reader is called on a screen: the institution, and the person there where one is named. */
import type { AccessRequest } from '../../consent/browser.door.ts'

export function readerName(asked: Pick<AccessRequest, 'readerName' | 'subject'>): string {
  return asked.subject.type === 'institution'
    ? asked.readerName
    : `${asked.subject.name}, ${asked.readerName}`
}
