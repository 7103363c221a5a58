import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { MESSAGE_NAMES } from './messages.ts'
import { messageSchemaName, openApi } from './openapi.ts'
import { fillPath, ROUTE_NAMES, routeOf } from './routes.ts'

const contract = JSON.parse(JSON.stringify(openApi('1.2.3')))

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(contract))
    expect(result).toMatchObject({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  test('a broken document would be found', async () => {
    const broken = structuredClone(contract)
    delete broken.paths['/healthz'].get.responses
    broken.info.title = 3
    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  test('names every route, and none beside them', () => {
    const operations = Object.entries<Record<string, { operationId: string }>>(contract.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, { operationId }]) => [
          operationId,
          `${method.toUpperCase()} ${path}`,
        ]),
    )
    expect(Object.fromEntries(operations)).toEqual(
      Object.fromEntries(ROUTE_NAMES.map((name) => [name, `${routeOf(name).method} ${routeOf(name).path}`])),
    )
  })

  test('names every type of message, and refers to nothing that is not there', () => {
    for (const name of MESSAGE_NAMES)
      expect(contract.components.schemas).toHaveProperty(messageSchemaName(name))
    const text = JSON.stringify(contract)
    for (const [, target] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(contract.components.schemas).toHaveProperty(String(target))
    }
  })

  test('says who may enter: what is not open to everybody asks for a signature', () => {
    for (const name of ROUTE_NAMES) {
      const { method, path, roles } = routeOf(name)
      const { security } = contract.paths[path][method.toLowerCase()]
      expect(security.some((one: object) => Object.keys(one).length === 0)).toBe(roles.includes('anonymous'))
      expect(roles.length).toBeGreaterThan(0)
    }
  })

  test('paths are filled in with their values encoded', () => {
    expect(fillPath('/a/{b}/c/{d}', { b: 'x/y?', d: 3 })).toBe('/a/x%2Fy%3F/c/3')
  })
})
