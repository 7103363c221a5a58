import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hpkeKeyPair } from '../vault/index.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { webCrypto } from '../vault/web-cipher.door.ts'
import { fromHex, toHex } from '../vocabulary/index.ts'
import { makeGuardianKit, openShare, recoverWithGuardians } from './guardians.ts'
import { openKeyFile, sealKeyFile } from './key-file.ts'
import { nodeEd25519 } from './node-signer.door.ts'
import { patientKeys } from './patient-keys.ts'
import { provedRoute, recoveryReady, unwrapRoot, wrapRoot } from './recovery.ts'
import { drawRecoverySecret, formatRecoveryCode, readRecoveryCode } from './recovery-code.ts'

const root = nodeCrypto.cipher.random(32)
const anySecret = fc.uint8Array({ minLength: 20, maxLength: 20 })
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

describe('a recovery code', () => {
  it('reads back however it was typed or pasted', () => {
    fc.assert(
      fc.property(
        anySecret,
        fc.constantFrom('-', ' ', '', '\n', ' – '),
        fc.boolean(),
        (secret, separator, lower) => {
          const code = formatRecoveryCode(secret)
          expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}$/)
          const typed = code
            .replaceAll('-', separator)
            .replaceAll('1', lower ? 'l' : 'I')
            .replaceAll('0', lower ? 'o' : 'O')
          expect(readRecoveryCode(lower ? typed.toLowerCase() : typed)).toEqual({
            ok: true,
            secret: new Uint8Array(secret),
          })
        },
      ),
    )
  })

  it('is the one that logarithm tables of GF(32) give for a known secret', () => {
    const code = formatRecoveryCode(fromHex('000102030405060708090a0b0c0d0e0f10111213'))
    expect(code).toBe('000G4-40R4P-0M309-E209W-185GA-R38E6-1W818-24GK8')
  })

  it('finds every single wrong symbol and names its group', () => {
    fc.assert(
      fc.property(anySecret, fc.nat(39), fc.integer({ min: 1, max: 31 }), (secret, place, shift) => {
        const symbols = [...formatRecoveryCode(secret).replaceAll('-', '')]
        const before = ALPHABET.indexOf(symbols[place] ?? '')
        symbols[place] = ALPHABET[(before + shift) % 32] ?? ''
        expect(readRecoveryCode(symbols.join(''))).toEqual({
          ok: false,
          code: 'RECOVERY_CODE_MISTYPED',
          groups: [Math.floor(place / 5) + 1],
        })
      }),
    )
  })

  it('finds every two symbols swapped in a group, and groups that changed places', () => {
    fc.assert(
      fc.property(anySecret, fc.nat(7), fc.nat(7), fc.nat(4), fc.nat(4), (secret, group, other, i, j) => {
        const groups = formatRecoveryCode(secret).split('-')
        const symbols = [...(groups[group] ?? '')]
        const [a, b] = [symbols[i] ?? '', symbols[j] ?? '']
        if (a !== b) {
          symbols[i] = b
          symbols[j] = a
          expect(readRecoveryCode(groups.with(group, symbols.join('')).join('-'))).toEqual({
            ok: false,
            code: 'RECOVERY_CODE_MISTYPED',
            groups: [group + 1],
          })
        }
        if (group !== other) {
          const swapped = groups.with(group, groups[other] ?? '').with(other, groups[group] ?? '')
          expect(readRecoveryCode(swapped.join('-'))).toMatchObject({
            ok: false,
            groups: [group + 1, other + 1].toSorted(),
          })
        }
      }),
    )
  })

  it('says how many symbols were read when some are missing', () => {
    const code = formatRecoveryCode(drawRecoverySecret(nodeCrypto.cipher.random))
    expect(readRecoveryCode(code.slice(0, -2))).toEqual({
      ok: false,
      code: 'RECOVERY_CODE_INCOMPLETE',
      symbols: 38,
    })
    expect(readRecoveryCode(`U${code.slice(1)}`)).toEqual({
      ok: false,
      code: 'RECOVERY_CODE_MISTYPED',
      groups: [1],
    })
    expect(readRecoveryCode('')).toEqual({ ok: false, code: 'RECOVERY_CODE_INCOMPLETE', symbols: 0 })
  })
})

describe('a root wrapped by a recovery code', () => {
  it('opens with that code, in browser and server, and with no other', async () => {
    const secret = drawRecoverySecret(nodeCrypto.cipher.random)
    const wrap = await wrapRoot(root, secret, webCrypto)
    expect(await unwrapRoot(wrap, secret, nodeCrypto)).toEqual({ code: 'OPENED', root })
    const other = secret.with(0, (secret[0] ?? 0) ^ 1)
    expect(await unwrapRoot(wrap, other, nodeCrypto)).toEqual({ code: 'RECOVERY_CODE_WRONG' })
    for (const change of [{ sealed: 'AAAA' }, { salt: wrap.nonce }, { nonce: wrap.salt }, { sealed: '!' }]) {
      expect(await unwrapRoot({ ...wrap, ...change }, secret, nodeCrypto)).toEqual({
        code: 'RECOVERY_CODE_WRONG',
      })
    }
  })

  it('brings every key, consent and salt back after the device is lost', async () => {
    const before = patientKeys(root, nodeCrypto.hasher, nodeEd25519)
    const secret = drawRecoverySecret(nodeCrypto.cipher.random)
    const paper = formatRecoveryCode(secret)
    const wrap = await wrapRoot(before.root, secret, nodeCrypto)
    const typed = readRecoveryCode(paper.toLowerCase())
    if (!typed.ok) throw new Error(typed.code)
    const back = await unwrapRoot(wrap, typed.secret, nodeCrypto)
    if (back.code !== 'OPENED') throw new Error(back.code)
    const after = patientKeys(back.root, nodeCrypto.hasher, nodeEd25519)
    expect(after.identityKey).toBe(before.identityKey)
    expect(toHex(after.inboxSeed)).toBe(toHex(before.inboxSeed))
    expect([0, 1, 99].map((n) => after.consent(n))).toEqual([0, 1, 99].map((n) => before.consent(n)))
  })
})

describe('readiness for real data', () => {
  it('needs two different ways that were tried and led to the same root', async () => {
    const cost = { memoryKib: 8 * 1024, iterations: 1 }
    const unlock = { passphrase: 'correct horse' }
    const file = await sealKeyFile(root, { holds: 'patient', unlock, cost }, nodeCrypto)
    const opened = await openKeyFile(file, { holds: 'patient', unlock }, nodeCrypto)
    if (opened.code !== 'OPENED') throw new Error(opened.code)
    const byPassphrase = provedRoute('passphrase', opened.secrets, nodeCrypto, nodeEd25519)
    const byCode = provedRoute('recovery-code', root, nodeCrypto, nodeEd25519)
    const stranger = provedRoute('recovery-code', new Uint8Array(32), nodeCrypto, nodeEd25519)
    expect(recoveryReady([])).toEqual({ ready: false, code: 'RECOVERY_ROUTES_TOO_FEW' })
    expect(recoveryReady([byPassphrase, byPassphrase])).toEqual({
      ready: false,
      code: 'RECOVERY_ROUTES_TOO_FEW',
    })
    expect(recoveryReady([byPassphrase, stranger])).toEqual({ ready: false, code: 'RECOVERY_ROUTES_DIFFER' })
    expect(recoveryReady([byPassphrase, byCode])).toEqual({
      ready: true,
      routes: ['passphrase', 'recovery-code'],
    })
    expect(Buffer.from(root).includes(Buffer.from(byCode.rootTag))).toBe(false)
  })
})

describe('guardians', () => {
  const seeds = [1, 2, 3, 4].map((fill) => new Uint8Array(32).fill(fill))
  const kitOf = (threshold: number) =>
    makeGuardianKit(
      root,
      seeds.map((seed) => hpkeKeyPair(seed).publicKey),
      threshold,
      nodeCrypto,
    )
  const sharesOf = async (kit: Awaited<ReturnType<typeof kitOf>>, places: readonly number[]) =>
    Promise.all(
      places.map(async (place) => ({
        place,
        share: (await openShare(kit, place, seeds[place] ?? root)) ?? new Uint8Array(0),
      })),
    )

  it('bring the root back with any k of n, and with fewer not', async () => {
    const kit = await kitOf(3)
    for (const places of [
      [0, 1, 2],
      [3, 1, 0],
      [0, 1, 2, 3],
    ]) {
      expect(await recoverWithGuardians(kit, await sharesOf(kit, places), nodeCrypto)).toEqual({
        code: 'OPENED',
        root,
      })
    }
    const two = await sharesOf(kit, [0, 3])
    expect(await recoverWithGuardians(kit, two, nodeCrypto)).toEqual({
      code: 'SHARES_TOO_FEW',
      have: 2,
      need: 3,
    })
    const thrice = [...two, ...two]
    expect(await recoverWithGuardians(kit, thrice, nodeCrypto)).toEqual({
      code: 'SHARES_TOO_FEW',
      have: 2,
      need: 3,
    })
    const lowered = { ...kit, threshold: 2 }
    expect(await recoverWithGuardians(lowered, two, nodeCrypto)).toEqual({ code: 'GUARDIAN_KIT_DAMAGED' })
  })

  it('who give a wrong share are named before anything is combined', async () => {
    const kit = await kitOf(2)
    const other = await kitOf(2)
    const [good] = await sharesOf(kit, [0])
    const [foreign] = await sharesOf(other, [1])
    if (good === undefined || foreign === undefined) throw new Error('no shares')
    expect(await recoverWithGuardians(kit, [good, foreign], nodeCrypto)).toEqual({
      code: 'SHARE_WRONG',
      places: [1],
    })
    expect(await recoverWithGuardians(kit, [good, { place: 1, share: good.share }], nodeCrypto)).toEqual({
      code: 'SHARE_WRONG',
      places: [1],
    })
    expect(await recoverWithGuardians(kit, [good, { place: 9, share: good.share }], nodeCrypto)).toEqual({
      code: 'SHARE_WRONG',
      places: [9],
    })
  })

  it('open their own share only, and a changed kit gives nothing', async () => {
    const kit = await kitOf(2)
    expect(await openShare(kit, 0, seeds[1] ?? root)).toBeUndefined()
    expect(await openShare(kit, 7, seeds[0] ?? root)).toBeUndefined()
    const shares = await sharesOf(kit, [0, 1])
    const other = await kitOf(2)
    expect(await recoverWithGuardians({ ...kit, sealed: other.sealed }, shares, nodeCrypto)).toEqual({
      code: 'GUARDIAN_KIT_DAMAGED',
    })
    expect(await recoverWithGuardians({ ...kit, sealed: '!' }, shares, nodeCrypto)).toEqual({
      code: 'GUARDIAN_KIT_DAMAGED',
    })
  })

  it('must be at least two and no fewer than are needed', async () => {
    for (const threshold of [0, 1, 5, 2.5])
      await expect(kitOf(threshold)).rejects.toMatchObject({ code: 'GUARDIANS_WRONG' })
  })
})
