/** The shop's own clock. It may go wrong by an offset, as servers' clocks do. */
export function shopClock(now: () => Date, offsetMs = 0) {
  let offset = offsetMs
  return {
    now: (): Date => new Date(now().getTime() + offset),
    /** Unix seconds, as every column of the shop holds them. */
    seconds: (): number => Math.floor((now().getTime() + offset) / 1000),
    setOffset(ms: number): void {
      offset = ms
    },
  }
}
export type ShopClock = ReturnType<typeof shopClock>

/** Unix seconds from a date or from Unix seconds. */
export function unix(time: Date | number): number {
  return typeof time === 'number' ? Math.floor(time) : Math.floor(time.getTime() / 1000)
}
