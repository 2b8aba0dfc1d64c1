/**
 * What is waiting to be fetched: filled by one side while several workers take from the other. New orders go first, so
 * that staff see them before thousands of known ones have been compared.
 */
export function fetchQueue<T>() {
  const urgent = lane<T>()
  const calm = lane<T>()
  const waiting: ((item: T | undefined) => void)[] = []
  let closed = false

  return {
    push(item: T, isUrgent: boolean): void {
      if (closed) return
      const taker = waiting.shift()
      if (taker) taker(item)
      else (isUrgent ? urgent : calm).push(item)
    },
    /** The next item, as soon as there is one; undefined when the queue is closed and empty. */
    next(): Promise<T | undefined> {
      const item = urgent.shift() ?? calm.shift()
      if (item !== undefined || closed) return Promise.resolve(item)
      return new Promise((resolve) => waiting.push(resolve))
    },
    /** No more will come. With `andDrop` what still waits is forgotten too. */
    close({ andDrop = false } = {}): void {
      closed = true
      if (andDrop) {
        urgent.clear()
        calm.clear()
      }
      for (const taker of waiting.splice(0)) taker(undefined)
    },
    isEmpty: (): boolean => urgent.size() + calm.size() === 0,
    /** true when every one of `workers` waits for work. */
    isIdle: (workers: number): boolean => waiting.length >= workers,
  }
}
export type FetchQueue<T> = ReturnType<typeof fetchQueue<T>>

/** First in, first out, without the cost of `Array.shift` on long lists. */
function lane<T>() {
  let items: T[] = []
  let head = 0
  return {
    push: (item: T): void => void items.push(item),
    shift(): T | undefined {
      const item = items[head]
      if (head < items.length) head += 1
      if (head > 1_000 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
    clear(): void {
      items = []
      head = 0
    },
    size: (): number => items.length - head,
  }
}
