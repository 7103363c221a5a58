#!/usr/bin/env node
// The `islet` command. In a clone it bundles the sources once, on first use; a packed release carries `dist/`.
import { bundleIfStale } from '../scripts/build.mjs'

bundleIfStale()
await import(new URL('../dist/islet.js', import.meta.url).href)
