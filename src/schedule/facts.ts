import type { RunRepository } from '../runs/repository.ts'
import type { Run, RunKind } from '../runs/run.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import type { JobFacts } from './due.ts'

/** The key under which a run's `request` remembers which settings it ran with: a job that stopped starts again once they change. */
export const SETTINGS_SAVED_AT = 'settingsSavedAt'

export type FactsDeps = {
  shops: Pick<ShopRepository, 'list'>
  runs: Pick<RunRepository, 'running' | 'lastSuccess' | 'lastScheduledStart' | 'failuresInARow'>
  /** The contract gate for today: automatic export needs the APIオプション in force. */
  apiOptionInForce: () => boolean
}

/** The facts of both jobs of every shop, as they stand in the database now. */
export function jobFacts(deps: FactsDeps): JobFacts[] {
  const inForce = deps.apiOptionInForce()
  return deps.shops
    .list()
    .flatMap((shop) => [factsOf(deps, shop, 'import', true), factsOf(deps, shop, 'export', inForce)])
}

/** How long the clock leaves a new shop to whoever connects it: to look at what would come in, and to draw the fence. */
const FIRST_IMPORT_AFTER_MINUTES = 10

/** When the clock last began the job (ms UTC). A shop that no import has looked through yet counts from its connection. */
function lastStartOf({ runs }: FactsDeps, shop: Shop, kind: RunKind): number | undefined {
  const started = runs.lastScheduledStart(shop.id, kind)
  if (started !== undefined || kind === 'export' || runs.lastSuccess(shop.id, kind) !== undefined) return started
  return shop.createdAt - Math.max(0, shop.autoImportMinutes - FIRST_IMPORT_AFTER_MINUTES) * 60_000
}

function factsOf(deps: FactsDeps, shop: Shop, kind: RunKind, allowed: boolean): JobFacts {
  const lastStart = lastStartOf(deps, shop, kind)
  const failed = deps.runs.failuresInARow(shop.id, kind)
  return {
    shopId: shop.id,
    kind,
    enabled: kind === 'import' ? shop.autoImport : shop.autoExport,
    everyMinutes: kind === 'import' ? shop.autoImportMinutes : shop.autoExportMinutes,
    allowed,
    settingsSavedAt: shop.settingsSavedAt,
    running: deps.runs.running(shop.id, kind) !== undefined,
    lastStart: lastStart === undefined ? undefined : { wall: lastStart },
    failures: failed && { count: failed.count, since: failed.since, latest: latestOf(failed.latest) },
  }
}

function latestOf(run: Run) {
  const settings = run.request[SETTINGS_SAVED_AT]
  return {
    id: run.id,
    at: run.finishedAt ?? run.startedAt,
    reason: run.reason ?? 'unexpected',
    // 「失敗分を再実行」 and a planned export do not say: the clock then tries once itself before it rests.
    settingsSavedAt: typeof settings === 'number' ? settings : undefined,
  }
}
