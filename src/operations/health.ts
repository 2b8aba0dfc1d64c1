/** What must hold before this process can do its work. Pure. */
export type Check = {
  name: string
  /** @returns why not, in words for whoever runs the server; undefined when all is well */
  fault: (now: Date) => string | undefined
}

export type Readiness = { ready: boolean; reasons: { check: string; reason: string }[] }

/** Asks every check; one that throws counts as not well, with its message. */
export function readiness(checks: readonly Check[], now: Date): Readiness {
  const reasons = checks.flatMap((check) => {
    const reason = faultOf(check, now)
    return reason === undefined ? [] : [{ check: check.name, reason }]
  })
  return { ready: reasons.length === 0, reasons }
}

function faultOf(check: Check, now: Date): string | undefined {
  try {
    return check.fault(now)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
