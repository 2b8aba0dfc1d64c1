import { connect } from 'node:net'

export type Sockets = ReturnType<typeof sockets>

/**
 * Asks for pages over connections that stay open, and throws their bytes away. A whole HTTP client takes as much of the processor
 * as the server that is measured, on a machine where both have to share it; this one reads `Content-Length` and counts.
 */
export function sockets(origin: string) {
  const { hostname, port, host } = new URL(origin)
  const free = new Set<Socket>()
  const all = new Set<Socket>()

  function open(): Socket {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const one: Socket = { socket, answered: undefined, head: '', left: 0, status: 0 }
    all.add(one)
    socket.on('data', (bytes) => take(one, bytes))
    const lost = () => {
      all.delete(one)
      free.delete(one)
      one.answered?.(0)
    }
    socket.on('error', lost).on('close', lost)
    return one
  }

  function take(one: Socket, bytes: Buffer): void {
    if (one.left === 0) {
      const text = one.head + bytes.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      one.head = end < 0 ? text : ''
      if (end < 0) return
      one.status = Number(text.slice(9, 12))
      one.left = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1]) - (text.length - end - 4)
    } else one.left -= bytes.length
    if (one.left > 0) return
    const { answered } = one
    one.left = 0
    one.answered = undefined
    free.add(one)
    answered?.(one.status)
  }

  return {
    /** @returns the status, once the last byte is here; 0 where the connection was lost */
    get(path: string, cookie: string): Promise<number> {
      return new Promise((resolve) => {
        const [one = open()] = free
        free.delete(one)
        one.answered = resolve
        one.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`)
      })
    },
    close(): void {
      for (const { socket } of all) socket.destroy()
    },
  }
}

type Socket = {
  socket: ReturnType<typeof connect>
  /** Where the answer that is under way goes. */
  answered: ((status: number) => void) | undefined
  head: string
  /** Bytes of the body that are still to come. */
  left: number
  status: number
}
