import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  clockFaults,
  floorFaults,
  importsOf,
  isPure,
  packageFaults,
  purityFaults,
  readSources,
} from './support/boundaries.ts'

const sources = readSources(join(import.meta.dirname, '../src'))

test('the whole program is looked at', () => {
  expect(sources.size).toBeGreaterThan(80)
  const edges = [...sources.values()].flatMap(importsOf).filter((one) => one.from.startsWith('.'))
  expect(edges.length).toBeGreaterThan(200)
  expect([...sources.keys()].filter(isPure).length).toBeGreaterThan(25)
})

test('imports point down, and rooms on one floor do not know each other', () => {
  expect(floorFaults(sources)).toEqual([])
})

test('fastify, drizzle, undici, croner and SQLite are imported where they belong only', () => {
  expect(packageFaults(sources)).toEqual([])
})

test('pure files import pure files only and read no clock', () => {
  expect(purityFaults(sources)).toEqual([])
})

test('the clock is handed in everywhere', () => {
  expect(clockFaults(sources)).toEqual([])
})

/** A table of facts that is read from top to bottom; every other file tells one story. */
const TABLE = 'db/schema.ts'

test('no file but the schema is longer than 350 lines', () => {
  const long = [...sources].filter(([file, text]) => file !== TABLE && text.split('\n').length > 351)
  expect(long.map(([file]) => file)).toEqual([])
})

// The rules against a house that breaks each of them.

const house = (files: Record<string, string>) => new Map(Object.entries(files))

test('every form of import is seen, comments and strings are not', () => {
  const text = `
    import a from './a.ts'
    import type { B } from './b.ts'
    import { type C, type D } from './c.ts'
    import { type E, f } from './e.ts'
    import './g.ts'
    export { h } from './h.ts'
    export * from './i.ts'
    import {
      j,
      k,
    } from './j.ts'
    const l = await import('./l.ts')
    // import m from './m.ts'
    /* import n from './n.ts' */
    const o = "import p from './p.ts'"
  `
  expect(importsOf(text).map((one) => `${one.from}${one.typeOnly ? ' type' : ''}`)).toEqual([
    './a.ts',
    './b.ts type',
    './c.ts type',
    './e.ts',
    './h.ts',
    './i.ts',
    './j.ts',
    './g.ts',
    './l.ts',
  ])
})

test('an import upwards, to a neighbour or into nothing is found, also of types and behind await', () => {
  const faults = floorFaults(
    house({
      'app.ts': "import { x } from './orders/order.ts'\nimport '../app.ts'",
      'orders/order.ts': "import type { Run } from '../runs/run.ts'\nimport { today } from '../period.ts'",
      'runs/run.ts': "const late = () => import('../schedule/due.ts')",
      'schedule/due.ts': "export { x } from '../orders/order.ts'",
      'period.ts': "import { db } from './db/open.ts'",
      'db/open.ts': "import { client } from '../cscart/client.ts'",
      'cscart/client.ts': '',
      'attic/box.ts': '',
    }),
  )
  expect(faults).toEqual([
    'app.ts imports ../app.ts, which does not exist',
    'orders/order.ts imports its neighbour on the same floor: runs/run.ts',
    'runs/run.ts imports upwards: schedule/due.ts',
    'period.ts imports upwards: db/open.ts',
    'db/open.ts imports its neighbour on the same floor: cscart/client.ts',
    'attic/box.ts is in no room of the house',
  ])
})

test('the pretend shop knows nobody, and only the demo knows it', () => {
  expect(
    floorFaults(
      house({
        'demo/main.ts': "import './shop/index.ts'\nimport '../server.ts'\nimport '../app.ts'",
        'demo/shop/index.ts': "import '../../errors.ts'",
        'app.ts': "import './demo/shop/index.ts'",
        'server.ts': '',
        'errors.ts': '',
      }),
    ),
  ).toEqual([
    'demo/main.ts imports its neighbour on the same floor: server.ts',
    'demo/shop/index.ts is the pretend shop and may not know errors.ts',
    'app.ts may not know the pretend shop (demo/shop/index.ts)',
  ])
})

test('a package in the wrong place is found', () => {
  expect(
    packageFaults(
      house({
        'orders/order.ts': "import { eq } from '../db/drizzle.ts'",
        'orders/routes.ts': "import type { FastifyInstance } from 'fastify'\nimport Database from 'better-sqlite3'",
        'orders/status-routes.ts': "import type { FastifyInstance } from 'fastify'",
        'orders/history-repository.ts': "import { eq } from '../db/drizzle.ts'",
        'orders/repository.ts': "import { eq } from 'drizzle-orm'",
        'shops/test-connection.ts': "import { request } from 'undici'",
        'runs/run.ts': "import { Cron } from 'croner'\nimport cookie from '@fastify/cookie'",
      }),
    ),
  ).toEqual([
    'orders/order.ts may not import ../db/drizzle.ts',
    'orders/routes.ts may not import better-sqlite3',
    'orders/repository.ts may not import drizzle-orm',
    'shops/test-connection.ts may not import undici',
    'runs/run.ts may not import croner',
    'runs/run.ts may not import @fastify/cookie',
  ])
})

test('an impure pure file is found, whether it imports or reads the clock', () => {
  expect(
    purityFaults(
      house({
        'orders/order.ts': "import { rows } from './repository.ts'\nimport type { Db } from '../db/open.ts'",
        'orders/repository.ts': 'const at = Date.now()',
        'runs/run.ts': 'const a = new Date()\nconst b = new Date(0)\nconst c = Date.now()',
        'runs/start-run.ts': 'setTimeout(x, Date.now())',
        'contract/contract.ts': "import { readFileSync } from 'node:fs'\n// Date.now()\nconst words = 'Date.now()'",
        'shops/shop.ts': "import { object } from 'valibot'\nconst secret = process.env.SECRET",
      }),
    ),
  ).toEqual([
    'orders/order.ts is pure but imports orders/repository.ts',
    'runs/run.ts is pure but reads the clock (Date.now)',
    'runs/run.ts is pure but reads the clock (new Date())',
    'contract/contract.ts is pure but imports node:fs',
    'shops/shop.ts is pure but knows the process',
  ])
  expect(clockFaults(house({ 'orders/repository.ts': 'const at = Date.now()', 'services.ts': 'new Date()' }))).toEqual([
    'orders/repository.ts reads the clock instead of being handed it',
  ])
})
