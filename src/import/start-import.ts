import { AppError } from '../errors.ts'
import type { RunRepository } from '../runs/repository.ts'
import type { Run, RunTrigger } from '../runs/run.ts'
import { type RunLog, type StartedRun, startRun } from '../runs/start-run.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import { type ImportDeps, importOrders } from './import-orders.ts'
import { type ImportRequest, readImportRequest } from './request.ts'

export type ImportServiceDeps = ImportDeps & { runs: RunRepository; shops: ShopRepository; log: RunLog }

export type StartedBy = { trigger: RunTrigger; accountId?: number | undefined; continuesRunId?: number | undefined }

/** データ取込 as button, clock and command line start it; they differ in `by` alone. */
export function importService(deps: ImportServiceDeps) {
  /** @throws AppError('unavailable') when the shop's key cannot be opened, or while the process stops */
  function start(shop: Shop, request: ImportRequest, by: StartedBy): StartedRun {
    // Here, so that the person who pressed the button reads it, and not only the log.
    deps.clientFor(shop)
    const days = request.mode === 'days' || request.mode === 'scheduled' ? { days: shop.fetchDays } : {}
    // Which settings it ran with: the clock rests after a failure that waiting cannot mend until they are saved again.
    const asked = { ...request, ...days, settingsSavedAt: shop.settingsSavedAt }
    return startRun(deps, { shopId: shop.id, kind: 'import', request: asked, ...by }, (run) =>
      importOrders(deps, run, { shop, request }),
    )
  }

  function shopOf(run: Run): Shop {
    const shop = deps.shops.find(run.shopId)
    if (!shop) throw new AppError('not_found', 'この実行の店舗はもうありません。')
    return shop
  }

  return {
    start,

    /**
     * 「失敗分を再実行」: just the orders that failed; where the run failed as a whole, all of it again.
     * @throws AppError
     */
    retry(run: Run, by: { accountId?: number | undefined }): StartedRun {
      const request = readImportRequest(run.request)
      const ids = deps.runs.failedItems(run.id).flatMap(({ csCartOrderId }) => csCartOrderId ?? [])
      const again: ImportRequest =
        ids.length > 0 && run.reason === null
          ? { mode: 'ids', ids: [...new Set(ids)], force: request.mode === 'ids' && request.force }
          : request.mode === 'scheduled'
            ? { mode: 'days' }
            : request
      return start(shopOf(run), again, { trigger: 'manual', continuesRunId: run.id, ...by })
    },

    /** Picks up an import that a crash or a stop cut off: the same request; what is here already changes nothing. */
    resume(run: Run): StartedRun {
      return start(shopOf(run), readImportRequest(run.request), { trigger: 'recovery', continuesRunId: run.id })
    },
  }
}
export type ImportService = ReturnType<typeof importService>
