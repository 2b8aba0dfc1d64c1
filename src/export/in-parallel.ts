/**
 * Works through `items` in order, at most `atOnce` of them at a time. After the first throw nothing new is begun; what is under
 * way ends, and then that first error is thrown.
 * @throws the signal's reason when it is aborted between two items
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  let failed: { error: unknown } | undefined
  const worker = async () => {
    for (const item of queue) {
      if (failed) return
      try {
        signal.throwIfAborted()
        await work(item)
      } catch (error) {
        failed ??= { error }
        return
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, items.length)) }, worker))
  if (failed) throw failed.error
}
