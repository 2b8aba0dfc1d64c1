import { asc, eq, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import { type ShopCapabilities, shops } from '../db/schema.ts'
import type { Seal } from '../db/seal.ts'
import { AppError } from '../errors.ts'
import type { Shop, ShopConnection, ShopSettings } from './shop.ts'

/** What runs and tests learn about a shop; a person's settings and `settingsSavedAt` are not among it. */
export type ShopMemory = Partial<
  Pick<
    Shop,
    'knownStatuses' | 'connectionState' | 'connectionReason' | 'connectionCheckedAt' | 'fenceAt' | 'exportDays'
  >
> & {
  /** Laid over what is known; a capability that is undefined is forgotten. */
  capabilities?: { [Name in keyof ShopCapabilities]: ShopCapabilities[Name] | undefined }
}

type Row = typeof shops.$inferSelect

const shopOf = ({ apiKeySealed, ...row }: Row): Shop => ({ ...row, hasApiKey: apiKeySealed !== '' })

/** The shops. API keys go in plain and are sealed here; they come out through `connectionOf` only. */
export function shopRepository(db: Db, seal: Seal) {
  const all = db.select().from(shops).orderBy(asc(shops.id)).prepare()
  const byId = db
    .select()
    .from(shops)
    .where(eq(shops.id, sql.placeholder('id')))
    .prepare()

  const anyOrder = db.$client.prepare<[number], number>('select 1 from orders where shop_id = ? limit 1').pluck()

  const list = remembering(db, { withoutRuns: true })((): readonly Shop[] => all.all().map(shopOf))
  const row = (id: number): Row => {
    const found = byId.get({ id })
    if (!found) throw new AppError('not_found', 'その店舗はありません。')
    return found
  }

  return {
    /** All shops, the oldest first; the same array until something is written. */
    list,

    find(id: number): Shop | undefined {
      const found = byId.get({ id })
      return found && shopOf(found)
    },

    /** Whether anything was ever taken in from the shop. */
    hasOrders(id: number): boolean {
      return anyOrder.get(id) !== undefined
    },

    create(settings: ShopSettings & { apiKey: string }, now: Date): Shop {
      const { apiKey, ...columns } = settings
      const at = now.getTime()
      const created = db
        .insert(shops)
        .values({
          ...columns,
          apiKeySealed: seal.seal(apiKey),
          capabilities: {},
          knownStatuses: [],
          createdAt: at,
          settingsSavedAt: at,
        })
        .returning()
        .get()
      return shopOf(created)
    },

    /**
     * Saves the settings: only columns that differ are written, and `settingsSavedAt` always moves on.
     * Another address is another shop as far as we know: what was learnt of the old one is forgotten. Whoever has updated a shop
     * presses 「接続テスト」, which forgets what PUT did.
     * @param settings without `apiKey` the stored key stays
     * @param alongside is done in the same transaction
     * @throws AppError('not_found')
     */
    update(
      id: number,
      settings: ShopSettings & { apiKey?: string | undefined },
      now: Date,
      alongside: () => void = () => {},
    ): Shop {
      return db.transaction(
        () => {
          alongside()
          const before = row(id)
          const { apiKey, ...columns } = settings
          const changes: Partial<Row> = changed(before, columns)
          if (apiKey !== undefined) changes.apiKeySealed = seal.seal(apiKey)
          if (changes.baseUrl !== undefined || changes.apiEmail !== undefined || apiKey !== undefined) {
            Object.assign(changes, { connectionState: 'untested', connectionReason: null, connectionCheckedAt: null })
          }
          if (changes.baseUrl !== undefined) Object.assign(changes, { capabilities: {}, knownStatuses: [] })
          changes.settingsSavedAt = Math.max(now.getTime(), before.settingsSavedAt + 1)
          return shopOf(db.update(shops).set(changes).where(eq(shops.id, id)).returning().get())
        },
        { behavior: 'immediate' },
      )
    },

    /**
     * What a request to the shop needs, with the key opened.
     * @throws AppError('unavailable') when the key was sealed under another secret
     */
    connectionOf(shop: Pick<Shop, 'id'>): ShopConnection {
      const { baseUrl, apiEmail, apiKeySealed } = row(shop.id)
      return { baseUrl, email: apiEmail, apiKey: seal.open(apiKeySealed) }
    },

    /** Notes what was seen of a shop. */
    remember(shopId: number, seen: ShopMemory): void {
      db.transaction(
        () => {
          const before = row(shopId)
          const { capabilities, ...rest } = seen
          const changes = changed(before, {
            ...rest,
            ...(capabilities && { capabilities: known({ ...before.capabilities, ...capabilities }) }),
          })
          if (Object.keys(changes).length > 0) db.update(shops).set(changes).where(eq(shops.id, shopId)).run()
        },
        { behavior: 'immediate' },
      )
    },
  }
}
export type ShopRepository = ReturnType<typeof shopRepository>

function known(capabilities: NonNullable<ShopMemory['capabilities']>): ShopCapabilities {
  return Object.fromEntries(Object.entries(capabilities).filter(([, value]) => value !== undefined))
}

/** Those of `wanted` that differ from the row; JSON columns are compared by their text. */
function changed<T extends Partial<Row>>(before: Row, wanted: T): Partial<Row> {
  const stored: Record<string, unknown> = before
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([key, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(stored[key]),
    ),
  )
}
