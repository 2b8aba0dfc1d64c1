import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { PAGES } from './load.ts'
import { browser, startServer } from './server.ts'
import { judged, type Row } from './table.ts'
import { must, openWorld, tempDir } from './world.ts'

const ORDERS = 10_000
const ROOT = join(import.meta.dirname, '../..')

/** Memory of the real process, and the folder that a production installation fills. */
export async function benchSize(rounds: number): Promise<Row[]> {
  const shop = await spawnPretendShop({ profile: 'jp413', orders: ORDERS, statuses: ['O', 'P'], warm: true })
  const peaks: number[] = []
  const idle: number[] = []
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { dir, remove } = tempDir()
      openWorld(dir, shop, 2).close()
      const server = await startServer({ dataDir: dir, watched: true })
      const person = browser(server.origin, 2)
      await person.logIn()
      await person.post('/import', '/import/1')
      do await wait(300)
      while ((await person.get('/runs/1')).text.includes('実行中'))
      peaks.push((await server.report()).peakRssMb)
      await person.close()
      await server.stop()
      idle.push(await idleRss(dir))
      remove()
    }
  } finally {
    await shop.close()
  }
  return [
    judged({ name: `受注${ORDERS}件、待機中のメモリ`, values: idle, most: 110, digits: 0, unit: ' MB' }),
    judged({ name: `${ORDERS}件の取込中のメモリの最大`, values: peaks, most: 200, digits: 0, unit: ' MB' }),
    productionFolder(),
  ]
}

/** After a start, each page opened once, and a moment of rest. */
async function idleRss(dataDir: string): Promise<number> {
  const server = await startServer({ dataDir, watched: true })
  const person = browser(server.origin, 2)
  await person.logIn()
  for (const page of PAGES) must(page, (await person.get(page)).status, 200)
  await person.close()
  await wait(3_000)
  const { rssMb } = await server.report()
  await server.stop()
  return rssMb
}

/** Installs what the container holds into a folder of its own. */
function productionFolder(): Row {
  const { dir, remove } = tempDir()
  try {
    for (const name of ['package.json', 'package-lock.json', 'src', 'views', 'public', 'migrations']) {
      cpSync(join(ROOT, name), join(dir, name), { recursive: true })
    }
    execFileSync(
      'npm',
      ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
      {
        cwd: dir,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    const values = [sizeOf(dir) / 1_048_576]
    return judged({
      name: '本番用のフォルダー（npm ci --omit=dev --omit=optional）',
      values,
      most: 120,
      digits: 0,
      unit: ' MB',
    })
  } finally {
    remove()
  }
}

const sizeOf = (dir: string): number =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
