/** Lets at most `width` pieces of work run at the same time, the others in the order in which they came. */
export function queue(width: number) {
  const waiting = new Set<() => void>()
  let free = Math.max(1, Math.trunc(width) || 1)

  const turn = (signal: AbortSignal | undefined): Promise<void> => {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.delete(begin)
        reject(signal?.reason)
      }
      const begin = (): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      waiting.add(begin)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  const done = (): void => {
    const [next] = waiting
    if (!next) {
      free += 1
      return
    }
    waiting.delete(next)
    next()
  }

  /** Runs `work` when its turn comes; throws the signal's reason where it is aborted before. */
  return async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted()
    await turn(signal)
    try {
      return await work()
    } finally {
      done()
    }
  }
}
