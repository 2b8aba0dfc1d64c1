/**
 * A signal that aborts after `ms` or with the caller's own signal, whichever is first. `AbortSignal.any` over a run's
 * long-lived signal would leave one follower behind for every request; `clear` leaves nothing.
 */
export function deadline(ms: number, caller?: AbortSignal) {
  const controller = new AbortController()
  let expired = false
  const timer = setTimeout(() => {
    expired = true
    controller.abort()
  }, ms)
  const follow = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) follow()
  else caller?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    /** Whether the time ran out (and not the caller's patience). */
    expired: (): boolean => expired,
    clear(): void {
      clearTimeout(timer)
      caller?.removeEventListener('abort', follow)
    },
  }
}
