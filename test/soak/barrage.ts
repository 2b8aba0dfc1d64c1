import { connect, type NetConnectOpts } from 'node:net'

/** How many connections the requests are spread over: fewer than a socket's backlog of 511. */
const CONNECTIONS = 40

/**
 * Sends many HTTP requests at the same moment, one behind the other on each connection, without waiting for an answer.
 * @param to whom: a port or a socket file
 * @param requests each as it goes over the wire
 * @returns `sent` once the kernel has taken the last byte; `answers` in the order of `requests`, head and body as text
 */
export function barrage(to: NetConnectOpts, requests: readonly string[]) {
  const lanes = Array.from({ length: CONNECTIONS }, (_, lane) => {
    const mine = requests.filter((_, place) => place % CONNECTIONS === lane)
    const socket = connect(to)
    const sent = new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.write(mine.join(''), () => resolve())
    })
    return { sent, answers: answersOf(socket, mine.length) }
  })
  return {
    sent: Promise.all(lanes.map((lane) => lane.sent)).then(() => undefined),
    answers: Promise.all(lanes.map((lane) => lane.answers)).then((byLane) =>
      requests.map((_, place) => byLane[place % CONNECTIONS]?.[Math.floor(place / CONNECTIONS)] ?? ''),
    ),
  }
}

/** Reads `count` answers off a connection, and closes it. */
function answersOf(socket: ReturnType<typeof connect>, count: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const answers: string[] = []
    let bytes = Buffer.alloc(0)
    const close = () => {
      socket.destroy()
      resolve(answers)
    }
    if (count === 0) close()
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more])
      for (let end = endOf(bytes); end !== undefined; end = endOf(bytes)) {
        answers.push(bytes.subarray(0, end).toString('utf8'))
        bytes = bytes.subarray(end)
      }
      if (answers.length === count) close()
    })
    socket.on('error', reject)
    socket.on('end', () => reject(new Error(`${answers.length} of ${count} requests were answered`)))
  })
}

/** Where the first answer ends, undefined while it is not all there. */
function endOf(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /^content-length: (\d+)/im.exec(bytes.subarray(0, head).toString('latin1'))?.[1]
  if (length === undefined) throw new Error(`an answer without its length: ${bytes.subarray(0, head)}`)
  const end = head + 4 + Number(length)
  return bytes.length < end ? undefined : end
}
