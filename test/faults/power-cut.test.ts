import { expect, test } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { brokenInvariants, powerCuts } from '../soak/power-cut.ts'

test('wherever a power cut leaves the WAL of an import and an export, no promise is broken', async () => {
  const result = await powerCuts(300)
  expect(result.faults).toEqual([])
  expect(result.cuts).toBeGreaterThanOrEqual(300)
  expect(result.lossless).toBe(true)
}, 120_000)

test('the check sees a broken promise', () => {
  const db = openDatabase(':memory:')
  db.$client.exec(`insert into shops (id, name, base_url, api_email, api_key_sealed, landing_status_id, fetch_statuses, fetch_days,
    kana_fields, carrier_codes, capabilities, known_statuses, created_at, settings_saved_at)
    values (1, 'a', 'https://a.example/', 'a@example.jp', 'x', 1, '[]', 7, '{}', '{}', '{}', '[]', 0, 0);
    insert into runs (shop_id, kind, trigger, state, request, started_at, finished_at, created)
    values (1, 'import', 'manual', 'succeeded', '{}', 0, 1, 3)`)
  expect(brokenInvariants(db)).toEqual([expect.stringContaining("a run's counts differ from its items")])
  db.$client.close()
})
