/**
 * The contract as a page to read: made from the OpenAPI document once, at start; no script, nothing fetched from elsewhere.
 *
 * Chosen over Swagger UI and Scalar: both want inline styles or a relaxed content policy and weigh megabytes; a contract of
 * this size reads well as one static page.
 */
import type { OpenApiDocument } from '../../api/index.ts'

type Node = Readonly<Record<string, unknown>>

/** Text made safe inside HTML, attribute values included. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** The page, complete HTML. */
export function docsPage(contract: OpenApiDocument): string {
  const info = node(contract['info'])
  const operations = operationsOf(contract)
  const tags = list(contract['tags']).map(node)
  const messages = messagesOf(contract)
  const nav = tags.map((tag) => `<li><a href="#${text(tag['name'])}">${text(tag['name'])}</a></li>`).join('')
  const groups = tags.map((tag) => {
    const own = operations.filter((operation) => list(operation.body['tags']).includes(tag['name']))
    const extra = tag['name'] === 'messages' ? messageSection(messages) : ''
    return `<section aria-labelledby="${text(tag['name'])}"><h2 id="${text(tag['name'])}">${text(tag['name'])}</h2><p class="lead">${text(tag['description'])}</p>${tag['name'] === 'pages' ? pagesTable(own) : own.map(operationSection).join('')}${extra}</section>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Islet: the contract</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<a class="skip" href="#main">Skip to the contract</a>
<header><p class="brand"><a href="/">Islet</a></p><nav aria-label="Sections"><ul>${nav}<li><a href="/openapi.json">openapi.json</a></li></ul></nav></header>
<main id="main">
<h1>The contract <small>version ${text(info['version'])}</small></h1>
<p class="lead">${text(info['description'])}</p>
${signingSection()}
${groups.join('\n')}
</main>
</body>
</html>`
}

function signingSection(): string {
  return `<section aria-labelledby="signing"><h2 id="signing">A signed request</h2>
<pre tabindex="0"><code>POST /v1/institutions/0x…/messages HTTP/1.1
Content-Type: application/json
Content-Digest: sha-256=:<i>base64 of SHA-256(body)</i>:
Signature-Input: islet=("@method" "@target-uri" "content-digest");created=1764000000;expires=1764000060;nonce="<i>22 or more of A–Z a–z 0–9 _ -</i>";keyid="<i>your Ed25519 public key, base64url</i>";alg="ed25519";tag="islet-v1"
Signature: islet=:<i>base64 of the Ed25519 signature over the signature base</i>:</code></pre></section>`
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly body: Node
}

function operationsOf(contract: OpenApiDocument): readonly Operation[] {
  return Object.entries(node(contract['paths'])).flatMap(([path, methods]) =>
    Object.entries(node(methods)).map(([method, body]) => ({
      method: method.toUpperCase(),
      path,
      body: node(body),
    })),
  )
}

function operationSection({ method, path, body }: Operation): string {
  const id = text(body['operationId'])
  const responses = Object.entries(node(body['responses']))
  const answer = node(Object.values(node(node(node(body['responses'])['200'])['content']))[0])
  const produces = Object.keys(node(node(node(body['responses'])['200'])['content']))[0] ?? ''
  const parameters = list(body['parameters']).map(node)
  const facts = [
    ['Who', list(body['x-islet-roles']).map(String).join(', ')],
    ['Where', body['x-islet-loopback'] === true ? 'this machine only' : 'anywhere'],
    ['Answers with', produces],
    ['Costs', `${text(body['x-islet-weight'])} of the caller’s budget`],
  ]
  return `<article aria-labelledby="op-${id}">
<h3 id="op-${id}"><span class="method">${method}</span> <code>${escapeHtml(path).replace(/\//g, '/<wbr>')}</code></h3>
<p>${text(body['summary'])}.</p>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value ?? '')}</dd></div>`).join('')}</dl>
${
  parameters.length === 0
    ? ''
    : `<h4>Parameters</h4>${table(
        ['name', 'in', 'schema'],
        parameters.map((one) => [
          code(String(one['name'])),
          text(one['in']),
          code(shape(node(one['schema']))),
        ]),
      )}`
}
${produces === 'application/json' || produces === 'text/event-stream' ? `<details><summary>Shape of the answer</summary>${fields(node(answer['schema']))}</details>` : ''}
<details><summary>Statuses</summary>${table(
    ['status', 'meaning'],
    responses.map(([status, response]) => [code(status), text(node(response)['description'])]),
  )}</details>
</article>`
}

/** Pages have no shape to tell: one row each. */
function pagesTable(operations: readonly Operation[]): string {
  return table(
    ['path', 'what it is'],
    operations.map(({ path, body }) => [code(path), text(body['summary'])]),
  )
}

function messagesOf(contract: OpenApiDocument): readonly (readonly [string, Node])[] {
  const schemas = Object.entries(node(node(contract['components'])['schemas']))
  return schemas
    .filter(([name]) => name.startsWith('Message-'))
    .map(([name, schema]) => [name.slice('Message-'.length), node(schema)])
}

function messageSection(messages: readonly (readonly [string, Node])[]): string {
  return `<h3 id="types">Types of message</h3>${table(
    ['type', 'what it is for', 'from', 'repeated'],
    messages.map(([name, schema]) => [
      code(name),
      text(schema['description']),
      escapeHtml(list(schema['x-islet-from']).map(String).join(', ')),
      schema['x-islet-effect'] === 'write' ? 'done once' : 'answered afresh',
    ]),
  )}`
}

/** The members of an object schema as a table; anything else in one line. */
function fields(schema: Node): string {
  const choices = list(schema['anyOf']).map(node)
  if (choices.length > 0) {
    return choices.map((choice) => `<div class="choice">${fields(choice)}</div>`).join('')
  }
  const properties = Object.entries(node(schema['properties']))
  if (properties.length === 0) return `<p>${code(shape(schema))}</p>`
  const required = list(schema['required'])
  return table(
    ['member', 'schema', ''],
    properties.map(([name, member]) => [
      code(name),
      code(shape(node(member))),
      required.includes(name) ? '' : 'optional',
    ]),
  )
}

/** A schema in one line. */
function shape(schema: Node): string {
  if ('const' in schema) return JSON.stringify(schema['const'])
  const values = list(schema['enum'])
  if (values.length > 0) return values.map((value) => JSON.stringify(value)).join(' | ')
  const choices = list(schema['anyOf']).map(node)
  if (choices.length > 0) return choices.map(shape).join(' | ')
  if (schema['type'] === 'array') return `${shape(node(schema['items']))}[]`
  if (schema['type'] === 'object') {
    const names = Object.keys(node(schema['properties']))
    return names.length === 0 ? 'object' : `{ ${names.join(', ')} }`
  }
  const bounds = [
    typeof schema['minimum'] === 'number' ? `≥ ${schema['minimum']}` : '',
    typeof schema['pattern'] === 'string' ? schema['pattern'] : '',
  ].filter((bound) => bound !== '')
  return [String(schema['type'] ?? 'any'), ...bounds].join(' ')
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map(
    (name) => `<th scope="col">${name === '' ? '<span class="away">note</span>' : name}</th>`,
  )
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
  return `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

function code(value: string): string {
  return `<code>${escapeHtml(value)}</code>`
}

function text(value: unknown): string {
  return escapeHtml(typeof value === 'string' || typeof value === 'number' ? String(value) : '')
}

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
