/** The port to the chain: engines, sequencer, events, the contracts' typed ABIs. */
export * from './chain-parameters.ts'
export * from './port.ts'
export { recoverSigner, secp256k1Signer } from './signer.ts'
