// The rooms and floors of the house, as rules. docs/architecture.md draws the same picture in words.
const floors = [
  ['vocabulary'],
  ['series', 'journal'],
  ['ledger', 'vault', 'intake', 'learning', 'physiology', 'glycemia', 'api'],
  ['identity', 'finality'],
  ['consent', 'proofs', 'transport', 'forecast'],
  ['care', 'study', 'sentinel', 'audit'],
  ['web'],
  ['node'],
]
const PURE = ['vocabulary', 'series', 'journal', 'glycemia', 'physiology', 'intake', 'api', 'finality']
// Files that a room opens beside its `index.ts`: the side doors.
const SIDE_DOORS = 'index|[a-z0-9-]+\\.door'
const TESTS = '\\.(test|long\\.test|suite|bench)\\.ts$|/testing/'

const rules = []
floors.forEach((rooms, floor) => {
  const above = floors.slice(floor + 1).flat()
  for (const room of rooms) {
    const beside = rooms.filter((other) => other !== room)
    const forbidden = [...above, ...beside]
    rules.push({
      name: `floor-${room}`,
      comment: `${room} stands on floor ${floor}: it may import lower floors only`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${forbidden.join('|')})/` },
    })
    rules.push({
      name: `door-${room}`,
      comment: `other rooms enter ${room} through index.ts or a *.door.ts file`,
      severity: 'error',
      from: { path: '^(src|tests|benches|examples)/', pathNot: [`^src/${room}/`, TESTS] },
      to: { path: `^src/${room}/`, pathNot: `^src/${room}/(${SIDE_DOORS})\\.tsx?$` },
    })
    rules.push({
      name: `own-door-${room}`,
      comment: 'no file imports the door of its own room',
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: `^src/${room}/(${SIDE_DOORS})\\.tsx?$|${TESTS}` },
      to: { path: `^src/${room}/index\\.ts$` },
    })
  }
})

/** Heavy packages and the only rooms that may open them. */
const doors = {
  '(viem|ox|@foundry-rs)': ['ledger'],
  '(@hpke|@noble/post-quantum|hash-wasm|shamir-secret-sharing)': ['vault', 'identity', 'proofs'],
  '(fastify|@fastify|@scalar|prom-client|commander)': ['node'],
  '(@electric-sql|kysely|pg)': ['ledger', 'node'],
  '(react|react-dom|react-aria|react-aria-components|react-stately)': ['web'],
}
for (const [pattern, rooms] of Object.entries(doors)) {
  rules.push({
    name: `package-door-${rooms.join('-')}`,
    severity: 'error',
    from: { path: '^src/', pathNot: [`^src/(${rooms.join('|')})/`, TESTS] },
    to: { path: `node_modules/${pattern}(/|$)` },
  })
}

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'wall-learning',
      comment: 'learning knows neither ledger nor vault, also transitively',
      severity: 'error',
      from: { path: '^src/learning/' },
      to: { path: '^src/(ledger|vault)/', reachable: true },
    },
    {
      name: 'wall-web',
      comment: 'web never reaches ledger or node, also transitively',
      severity: 'error',
      from: { path: '^src/web/' },
      to: { path: '^src/(ledger|node)/', reachable: true },
    },
    {
      name: 'pure-rooms',
      comment: 'pure rooms import nothing of Node',
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/`, pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-consent-turns-a-grant-into-a-key',
      comment: 'covers and envelopes are opened by consent alone',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(consent|vault)/', TESTS] },
      to: { path: '^src/vault/keys\\.door\\.ts$' },
    },
    { name: 'no-orphan-import', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    exclude: { path: '(^|/)dist/|/abi/|/assembly/' },
  },
}
