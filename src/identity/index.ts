/** People, institutions, delegates and their keys: made where they are used, at rest only encrypted. */
export * from './ed25519.ts'
export * from './ledger-address.ts'
export * from './patient-keys.ts'
export * from './sign-document.ts'
