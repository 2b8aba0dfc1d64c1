import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { CsCartError } from '../errors.ts'

/**
 * Addresses that no shop on the internet has: this machine, its networks, and what routers treat specially. A shop there is
 * refused unless the operator allows it, so that nobody can make this server ask its own neighbours (SSRF).
 */
const PRIVATE_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Among them those that carry a v4 address inside: `::/96`, NAT64, Teredo, 6to4. `::ffff:0:0/96` is judged as v4. */
const PRIVATE_V6: readonly [string, number][] = [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

const blocked = new BlockList()
for (const [net, prefix] of PRIVATE_V4) blocked.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of PRIVATE_V6) blocked.addSubnet(net, prefix, 'ipv6')

/** @param address an IP address as the system writes it, with or without brackets or a zone */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const version = isIP(bare)
  if (version === 0) return false
  return blocked.check(bare, version === 4 ? 'ipv4' : 'ipv6')
}

/** Looks a host up like `node:dns` does and refuses one of whose addresses is private. For `net.connect`. */
export function guardedLookup(lookup: LookupFunction = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '')
      const addresses: LookupAddress[] = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      if (addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(new CsCartError('private_address'), '')
      }
      const [first] = addresses
      if (options.all) return callback(null, addresses)
      callback(null, first?.address ?? '', first?.family)
    })
  }
}

/**
 * Refuses a root that must not even be tried: http:// and IP literals of private networks, in every spelling (`URL` brings
 * 127.1, 0x7f.1 and 2130706433 to 127.0.0.1).
 */
export function guardRoot(root: URL, allowPrivate: boolean): void {
  if (allowPrivate) return
  if (isPrivateAddress(root.hostname) || /^localhost\.?$/.test(root.hostname)) throw new CsCartError('private_address')
  if (root.protocol !== 'https:') throw new CsCartError('not_https')
}
