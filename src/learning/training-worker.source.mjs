// The training worker from its source: beside a bundle, training-worker.js runs instead. Threads read TypeScript only
// where the loader is registered in them.
import { register } from 'tsx/esm/api'

register()
await import('./training-worker.ts')
