import { it } from 'vitest'
import { runHistories } from './model.ts'

const SEED = Number(process.env.SEED ?? 20_261_124)

it('after any history of a shop the stored orders are those that should be there, as they are in the shop', async () => {
  await runHistories(250, SEED)
}, 120_000)
