import type { FastifyInstance } from 'fastify'
import { dayOf } from '../period.ts'
import { formatter } from '../web/format.ts'
import { chartBars, type HomeJob, type HomeTask, jobTasks, jobWords } from './home.ts'
import type { HomeRepository } from './repository.ts'

/** A number on ホーム that leads to the orders it counts. */
export type HomeNumber = { label: string; count: number; href: string; isBad?: boolean }

export type HomeDeps = {
  home: HomeRepository
  /** The five numbers, of the orders room. */
  numbers: () => HomeNumber[]
  /** What a person must look at beside the jobs. */
  tasks: () => HomeTask[]
  jobs: () => HomeJob[]
  now: () => Date
  timeZone: string
}

const CHART_DAYS = 14

/** ホーム. */
export async function homeRoutes(app: FastifyInstance, deps: HomeDeps) {
  app.get('/', async (_request, reply) => {
    const now = deps.now().getTime()
    const fmt = formatter(deps.timeZone, now)
    const jobs = deps.jobs()
    return reply.page('home/show', {
      numbers: deps.numbers(),
      tasks: [...deps.tasks(), ...jobTasks(jobs)],
      jobs: jobs.map((job) => ({ ...job, words: jobWords(job, fmt) })),
      bars: chartBars(deps.home.salesByDay(dayOf(now, deps.timeZone), CHART_DAYS)),
    })
  })
}
