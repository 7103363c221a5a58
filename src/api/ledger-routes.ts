/**
 * What the ledger says to whoever can name it: no signature is asked, and without the name there is nothing to ask for.
 */
import {
  LedgerAnchorAnswer,
  LedgerAnchorParams,
  LedgerConsentAnswer,
  LedgerConsentParams,
  LedgerContractsAnswer,
  LedgerMembersAnswer,
  LedgerRequestAnswer,
  LedgerRequestParams,
  LedgerSlotAnswer,
  LedgerSlotParams,
} from './ledger-answers.ts'
import { open } from './route.ts'

const asked = { ...open, method: 'GET', tag: 'ledger', produces: 'application/json' } as const

export const LEDGER_ROUTES = {
  ledgerContracts: {
    ...asked,
    path: '/v1/ledger/contracts',
    summary: 'For which ledger and contract a consent is signed',
    answer: LedgerContractsAnswer,
  },
  ledgerMembers: {
    ...asked,
    path: '/v1/ledger/members',
    summary: 'The members with the keys that they answer by',
    answer: LedgerMembersAnswer,
    weight: 2,
  },
  ledgerConsent: {
    ...asked,
    path: '/v1/ledger/consents/{consent}/{signer}',
    summary: 'The state of a consent, for whoever knows its id and its signer',
    params: LedgerConsentParams,
    answer: LedgerConsentAnswer,
  },
  ledgerRequest: {
    ...asked,
    path: '/v1/ledger/members/{member}/requests/{commitment}',
    summary: 'When a member recorded the commitment to an access request',
    params: LedgerRequestParams,
    answer: LedgerRequestAnswer,
  },
  ledgerSlot: {
    ...asked,
    path: '/v1/ledger/members/{member}/anchors/{stream}',
    summary: 'The newest slot that a member anchored',
    params: LedgerSlotParams,
    answer: LedgerSlotAnswer,
  },
  ledgerAnchor: {
    ...asked,
    path: '/v1/ledger/members/{member}/anchors/{stream}/{slot}',
    summary: 'The root that a member anchored for a slot',
    params: LedgerAnchorParams,
    answer: LedgerAnchorAnswer,
  },
} as const
