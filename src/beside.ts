/** What the rooms of one floor may not ask each other for, and are handed here instead. */
import { apiOption } from './contract/contract.ts'
import { csCartClient } from './cscart/client.ts'
import { statusName } from './cscart/statuses.ts'
import { failureOf } from './failures.ts'
import type { HomeJob, HomeTask } from './home/home.ts'
import { homeRepository } from './home/repository.ts'
import type { HomeDeps, HomeNumber } from './home/routes.ts'
import { previewRows } from './import/preview-rows.ts'
import type { Check } from './operations/health.ts'
import type { ImportJob } from './operations/last-import.ts'
import { CARRIERS, carrierName } from './orders/carriers.ts'
import { exportRules } from './orders/desk.ts'
import { dayOf, startOfDay } from './period.ts'
import {
  lastStartOf,
  messageOf,
  nextStepOf,
  type RunKind,
  type RunState,
  resultLine,
  STATE_LABELS,
  TRIGGER_LABELS,
} from './runs/run.ts'
import type { Job } from './schedule/due.ts'
import type { Services } from './services.ts'
import type { ShopRoutesDeps } from './shops/routes.ts'
import type { LastRun } from './shops/shop-page.ts'
import { yen } from './web/format.ts'

/** What モール詳細設定 needs of the rooms beside it. */
export function shopSettings(services: Services): ShopRoutesDeps {
  const { config, now, shops, runs } = services
  const lastRun = (shopId: number, kind: RunKind): LastRun | undefined => {
    const run = runs.latest(shopId, kind)
    return run && { id: run.id, at: lastStartOf(run), label: resultLine(run), why: messageOf(run) + nextStepOf(run) }
  }
  return {
    shops,
    now,
    allowPrivate: config.allowPrivateStores,
    // One retry only: a person waits for the answer.
    clientFor: (connection) =>
      csCartClient({ ...connection, allowPrivate: config.allowPrivateStores }, { now, attempts: 2 }),
    orderStatuses: services.orderStatuses.list,
    carriers: CARRIERS,
    apiOptionInForce: services.apiOption,
    lastRuns: (shopId) => ({ import: lastRun(shopId, 'import'), export: lastRun(shopId, 'export') }),
    isWorking: (shopId) => (['import', 'export'] as const).some((kind) => runs.running(shopId, kind) !== undefined),
    forgetImports: services.imports.forget,
    previewOrder: ({ order }, settings, known) =>
      previewRows(
        order,
        { id: 0, ...settings },
        { timeZone: config.timeZone, statusName: (letter) => statusName(letter, known), carrierName, yen },
      ),
  }
}

/** What the header's 「最後の取込」 is told from. */
export function importJobs({ shops, runs }: Services): ImportJob[] {
  return shops.list().map((shop) => ({
    auto: shop.autoImport,
    everyMinutes: shop.autoImportMinutes,
    lastSuccessAt: runs.lastSuccess(shop.id, 'import'),
    settingsSavedAt: shop.settingsSavedAt,
  }))
}

/** For /readyz: once the clock was started, its ticks must come. */
export function clockCheck(automation: Services['automation']): Check {
  return {
    name: 'scheduler',
    fault: () =>
      automation.isStarted() && !automation.isTicking()
        ? '自動処理の時計が止まっています。再起動してください。'
        : undefined,
  }
}

/** For /readyz: the end of a run that the disk had no room for is kept in memory, and lost if the process ends now. */
export function unsavedCheck(runs: Services['runs']): Check {
  return {
    name: 'runs',
    fault: () =>
      runs.unsavedCount() > 0
        ? `保存できていない実行結果が ${runs.unsavedCount()}件あります。空き容量と DATA_DIR の権限を確かめてください。`
        : undefined,
  }
}

const FAULTY: ReadonlySet<RunState> = new Set(['partial', 'failed', 'interrupted'])

/** What ホーム gathers from every room. */
export function homePage(services: Services): HomeDeps {
  const { db, orders, shops, runs, contract, now, config } = services
  const today = () => dayOf(now().getTime(), config.timeZone)

  function numbers(): HomeNumber[] {
    const counts = orders.counts(startOfDay(today(), config.timeZone), exportRules(shops.list(), today()))
    return [
      { label: '今日の新規', count: counts.today, href: `/orders?from=${today()}` },
      { label: '発送待ち', count: counts.toShip, href: '/orders?todo=ship' },
      { label: '伝票番号待ち', count: counts.toNumber, href: '/orders?todo=number' },
      { label: '書出待ち', count: counts.toExport, href: '/orders?export=waiting' },
      { label: '失敗', count: counts.failed, href: '/orders?export=error', isBad: true },
    ]
  }

  function tasks(): HomeTask[] {
    const attention = orders.attentionCount()
    const list: HomeTask[] =
      attention === 0 ? [] : [{ text: `要確認の受注が ${attention}件あります`, href: '/orders?tab=attention' }]
    if (apiOption(contract.entries(), today()).appliedAt !== undefined) {
      list.push({
        text: 'APIオプションの申し込みが届いています（契約の記録待ち）',
        href: '/contract',
        isForAdmin: true,
      })
    }
    for (const shop of shops.list()) {
      if (shop.connectionState === 'error' && shop.connectionReason !== null) {
        list.push({
          text: `${shop.name}: ${failureOf(shop.connectionReason).sentence}`,
          href: `/shops/${shop.id}`,
          isForAdmin: true,
        })
      }
      if (shop.dryRun)
        list.push({
          text: `${shop.name} は試運転中です（CS-Cartには書き込みません）`,
          href: `/shops/${shop.id}`,
          isForAdmin: true,
        })
    }
    return list
  }

  return {
    home: homeRepository(db, config.timeZone),
    numbers,
    tasks,
    jobs: () => services.automation.jobs().map(homeJob),
    now,
    timeZone: config.timeZone,
  }

  function homeJob(job: Job): HomeJob {
    const run = runs.latest(job.shopId, job.kind)
    const shop = shops.find(job.shopId)
    return {
      shopId: job.shopId,
      shopName: shop?.name ?? '',
      kind: job.kind,
      state: job.state,
      nextAt: job.nextAt,
      wanted: job.enabled,
      lastRun: run && {
        id: run.id,
        at: lastStartOf(run),
        how: TRIGGER_LABELS[run.trigger],
        line: resultLine(run),
        fault: FAULTY.has(run.state) ? STATE_LABELS[run.state] : '',
      },
      failing: job.failures && {
        reason: job.failures.latest.reason,
        since: job.failures.since,
        count: job.failures.count,
      },
      recoveredAt: runs.recoveredAt(job.shopId, job.kind),
    }
  }
}
