import { openDatabase } from '../../src/db/open.ts'
import { shops } from '../../src/db/schema.ts'
import { runRepository } from '../../src/runs/repository.ts'
import type { RunStart } from '../../src/runs/run.ts'
import { type RunDeps, type RunHandle, startRun } from '../../src/runs/start-run.ts'
import { frozenClock } from '../support/app.ts'

type LogLine = { level: 'info' | 'warn' | 'error'; fields: object; message: string }

/** A real database with two shops, a clock that stands still, and what was logged. */
export function runsBench() {
  const db = openDatabase(':memory:')
  const clock = frozenClock()
  const at = clock.now().getTime()
  const shopOf = (name: string) =>
    db
      .insert(shops)
      .values({
        name,
        baseUrl: 'https://shop.example/',
        apiEmail: 'api@example.jp',
        apiKeySealed: '-',
        landingStatusId: 1,
        fetchStatuses: ['O'],
        fetchDays: 7,
        kanaFields: { contact: ['', ''], billing: ['', ''], shipping: ['', ''] },
        carrierCodes: {},
        capabilities: {},
        knownStatuses: [],
        createdAt: at,
        settingsSavedAt: at,
      })
      .returning({ id: shops.id })
      .get().id
  const shopId = shopOf('うつわ工房')
  const otherShopId = shopOf('=茶の間')
  const logged: LogLine[] = []
  const logs = (level: LogLine['level']) => (fields: object, message: string) => {
    logged.push({ level, fields, message })
  }
  const deps: RunDeps = {
    runs: runRepository(db),
    now: clock.now,
    log: { info: logs('info'), warn: logs('warn'), error: logs('error') },
  }
  const manualImport: RunStart = { shopId, kind: 'import', trigger: 'manual' }

  return {
    db,
    clock,
    shopId,
    otherShopId,
    deps,
    runs: deps.runs,
    logged,
    start: (start: Partial<RunStart> = {}, work: (run: RunHandle) => Promise<void> = async () => {}) =>
      startRun(deps, { ...manualImport, ...start }, work),
    /** Starts a run, waits for its end and returns it. */
    async ended(start: Partial<RunStart> = {}, work: (run: RunHandle) => Promise<void> = async () => {}) {
      const started = startRun(deps, { ...manualImport, ...start }, work)
      if (!started.started) throw new Error('another run is running')
      return started.done
    },
    close(): void {
      db.$client.close()
    },
  }
}

/** A promise that somebody else settles. */
export function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

/** What every run must satisfy at any time: its counts are the sums of its items. */
export function countsAndItems(bench: Pick<ReturnType<typeof runsBench>, 'db'>) {
  return bench.db.$client
    .prepare(
      `select r.id, r.created, r.changed, r.unchanged, r.done, r.skipped, r.failed,
         coalesce(sum(i.count) filter (where i.outcome = 'created'), 0) as itemsCreated,
         coalesce(sum(i.count) filter (where i.outcome = 'changed'), 0) as itemsChanged,
         coalesce(sum(i.count) filter (where i.outcome = 'unchanged'), 0) as itemsUnchanged,
         coalesce(sum(i.count) filter (where i.outcome = 'done'), 0) as itemsDone,
         coalesce(sum(i.count) filter (where i.outcome = 'skipped'), 0) as itemsSkipped,
         coalesce(sum(i.count) filter (where i.outcome = 'failed'), 0) as itemsFailed
       from runs r left join run_items i on i.run_id = r.id group by r.id
       having (r.created, r.changed, r.unchanged, r.done, r.skipped, r.failed)
         <> (itemsCreated, itemsChanged, itemsUnchanged, itemsDone, itemsSkipped, itemsFailed)`,
    )
    .all()
}
