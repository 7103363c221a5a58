/**
 * TLS certificates that institutions make themselves and pin: no authority is asked, the signed address record vouches.
 *
 * Source: RFC 5280; P-256 because every TLS 1.3 stack has it.
 */
import 'reflect-metadata'
import { createHash } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface OwnCertificate {
  /** PKCS #8 and certificate, PEM. */
  readonly key: string
  readonly certificate: string
  /** SHA-256 of the certificate (DER), 0x and lower-case hex. */
  readonly fingerprint: `0x${string}`
  /** Seconds since 1970. */
  readonly notAfter: number
}

/** Certificates live this long; a new one comes with a new address record. */
const CERTIFICATE_LIFE_SECONDS = 397 * 86_400
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Makes a key and a certificate for these host names or addresses; `now` in seconds since 1970. */
export async function makeCertificate(hosts: readonly string[], now: number): Promise<OwnCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const notAfter = Math.floor(now) + CERTIFICATE_LIFE_SECONDS
  const names = hosts.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }) as const)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Islet institution',
      notBefore: new Date((Math.floor(now) - 3600) * 1000),
      notAfter: new Date(notAfter * 1000),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names),
      ],
    },
    crypto,
  )
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
    certificate: certificate.toString('pem'),
    fingerprint: `0x${createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex')}`,
    notAfter,
  }
}
