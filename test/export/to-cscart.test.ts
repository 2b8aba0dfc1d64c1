import { describe, expect, test } from 'vitest'
import type { CsCartShipment } from '../../src/cscart/lists.ts'
import type { CsCartLine, CsCartOrder } from '../../src/cscart/payloads.ts'
import { changedSince, type OurSide, sightOf } from '../../src/export/plan.ts'
import { type KnownParcel, planOrder } from '../../src/export/to-cscart.ts'

const address = {
  firstname: '',
  lastname: '',
  postalCode: '',
  country: 'JP',
  state: '',
  city: '',
  address1: '',
  address2: '',
  phone: '',
}

function line(itemId: string, amount: number, more: Partial<CsCartLine> = {}): CsCartLine {
  const shippedAmount = more.shippedAmount ?? 0
  return {
    itemId,
    productId: itemId,
    productCode: '',
    name: '急須',
    options: [],
    amount,
    unitPriceCents: 100,
    subtotalCents: 100 * amount,
    groupKey: 0,
    downloadable: false,
    remainingAmount: amount - shippedAmount,
    ...more,
    shippedAmount,
  }
}

function order(more: Partial<CsCartOrder> = {}): CsCartOrder {
  const group = { name: '宅急便', carrierModule: 'yamato', deliveryDate: '', deliverySlot: '' }
  return {
    orderId: 10,
    status: 'P',
    orderedAt: 0,
    updatedAt: undefined,
    knowsUpdatedAt: true,
    isParent: false,
    firstname: '',
    lastname: '',
    company: '',
    email: '',
    phone: '',
    billing: address,
    shippingAddress: address,
    fields: {},
    notes: '',
    details: '',
    paymentMethod: '',
    totalCents: 0,
    subtotalCents: 0,
    shippingCents: 0,
    discountCents: 0,
    surchargeCents: 0,
    taxes: [],
    lines: [line('1', 2), line('2', 1)],
    groups: [
      { ...group, groupKey: 0, shippingId: 12 },
      { ...group, groupKey: 1, shippingId: 13 },
    ],
    shipmentIds: [],
    ...more,
  }
}

function shipment(shipmentId: number, trackingNumber: string, more: Partial<CsCartShipment> = {}): CsCartShipment {
  return {
    shipmentId,
    orderId: 10,
    status: 'S',
    trackingNumber,
    carrier: 'yamato',
    shippingId: 12,
    comments: '',
    lines: { '1': 2, '2': 1 },
    at: 0,
    ...more,
  }
}

const ours = (...numbers: string[]): OurSide => ({ version: 1, contentHash: '', carrierCode: 'yamato', numbers })
const known = (shipmentId: number | null, trackingNumber = '111', more: Partial<KnownParcel> = {}): KnownParcel => ({
  groupKey: 0,
  trackingNumber,
  carrierCode: 'yamato',
  comment: '',
  shipmentId,
  ...more,
})

type Facts = {
  ours?: OurSide
  order?: CsCartOrder | undefined
  shipments?: CsCartShipment[]
  known?: KnownParcel[]
  canPut?: boolean
}
const plan = (facts: Facts) =>
  planOrder(
    facts.ours ?? ours('111'),
    { order: 'order' in facts ? facts.order : order(), shipments: facts.shipments ?? [] },
    facts.known ?? [],
    { canPut: facts.canPut, fetchStatuses: ['O', 'P'] },
  )

const shipped = { lines: [line('1', 2, { shippedAmount: 2 }), line('2', 1, { shippedAmount: 1 })] }

describe('what is written', () => {
  const cases: [string, Facts, unknown[]][] = [
    ['nothing there: a shipment of all', {}, [{ action: 'create', shippingId: 12, lines: { '1': 2, '2': 1 } }]],
    [
      'several numbers: the others go in the comment',
      { ours: ours('111', '222', '333') },
      [{ action: 'create', trackingNumber: '111', comment: '他の伝票番号: 222、333' }],
    ],
    [
      'two groups: a shipment each with the same number',
      { order: order({ lines: [line('1', 2), line('2', 1, { groupKey: 1 })] }) },
      [
        { action: 'create', groupKey: 0, shippingId: 12, trackingNumber: '111', lines: { '1': 2 } },
        { action: 'create', groupKey: 1, shippingId: 13, trackingNumber: '111', lines: { '2': 1 } },
      ],
    ],
    [
      'one group left by another hand: only the other',
      {
        order: order({ lines: [line('1', 2, { shippedAmount: 2 }), line('2', 1, { groupKey: 1 })] }),
        shipments: [shipment(5, '999', { lines: { '1': 2 } })],
      },
      [{ action: 'nothing' }, { action: 'create', lines: { '2': 1 } }],
    ],
    [
      'partly shipped with another number: the rest',
      {
        order: order({ lines: [line('1', 2, { shippedAmount: 1 }), line('2', 1)] }),
        shipments: [shipment(5, '999', { lines: { '1': 1 } })],
      },
      [{ action: 'create', lines: { '1': 1, '2': 1 } }],
    ],
    [
      'partly shipped with our number: the rest under it too',
      {
        order: order({ lines: [line('1', 2, { shippedAmount: 1 }), line('2', 1)] }),
        shipments: [shipment(5, '111', { lines: { '1': 1 } })],
      },
      [{ action: 'create', lines: { '1': 1, '2': 1 } }],
    ],
    [
      'our number is there, typed with hyphens: adopted',
      { order: order(shipped), shipments: [shipment(5, '1-1-1')] },
      [{ action: 'adopt', shipmentId: 5 }],
    ],
    [
      'seen in the shipments before it is seen in the order: adopted, not shipped twice',
      { shipments: [shipment(5, '111')] },
      [{ action: 'adopt', shipmentId: 5 }],
    ],
    [
      'our shipment has the number of before: corrected',
      { ours: ours('222'), order: order(shipped), shipments: [shipment(5, '111')], known: [known(5)] },
      [{ action: 'correct', shipmentId: 5, change: { trackingNumber: '222' } }],
    ],
    [
      'begun, its id never heard, and the number changed since: found by the number of before',
      { ours: ours('222'), order: order(shipped), shipments: [shipment(5, '111')], known: [known(null)] },
      [{ action: 'correct', shipmentId: 5, change: { trackingNumber: '222' } }],
    ],
    [
      'there, but not yet marked as sent: set to S',
      { order: order(shipped), shipments: [shipment(5, '111', { status: 'P' })] },
      [{ action: 'correct', change: { status: 'S' } }],
    ],
    [
      'a comment by hand that names the other number stays',
      { ours: ours('111', '222'), order: order(shipped), shipments: [shipment(5, '111', { comments: '2個口 222' })] },
      [{ action: 'adopt' }],
    ],
    ['nothing but downloads: no parcel', { order: order({ lines: [line('1', 1, { downloadable: true })] }) }, []],
  ]
  test.each(cases)('%s', (_name, facts, parcels) => {
    const planning = plan(facts)
    expect(planning).toMatchObject({ ok: true, planned: { statusNow: 'P', statusWill: 'C', parcels } })
    expect(planning.planned.parcels).toHaveLength(parcels.length)
  })
})

describe('what cannot be written, and what a person is told', () => {
  const cases: [string, Facts, string, string?][] = [
    ['not in the shop', { order: undefined }, 'not_in_shop'],
    ['cancelled', { order: order({ status: 'I' }) }, 'cancelled_in_cs_cart'],
    ['declined', { order: order({ status: 'D' }) }, 'cancelled_in_cs_cart'],
    ['no code for the carrier', { ours: { ...ours('111'), carrierCode: '' } }, 'carrier_missing'],
    ['no shipping method', { order: order({ groups: [] }) }, 'no_shipping_method'],
    [
      'all shipped under another number',
      { order: order(shipped), shipments: [shipment(5, '999')] },
      'shipped_with_other_number',
      '#5（999）',
    ],
    ['all shipped, and by no shipment', { order: order(shipped) }, 'nothing_left_to_ship'],
    [
      'a corrected number where PUT is refused',
      { ours: ours('222'), order: order(shipped), shipments: [shipment(5, '111')], known: [known(5)], canPut: false },
      'cannot_update_shipment',
      'CS-Cartの配送 #5（伝票番号 111）の伝票番号を「111」から「222」に直してください。',
    ],
    [
      'a corrected carrier',
      { order: order(shipped), shipments: [shipment(5, '111', { carrier: 'sagawa' })], known: [known(5)] },
      'cannot_change_carrier',
      '配送業者を「sagawa」から「yamato」に',
    ],
  ]
  test.each(cases)('%s', (_name, facts, reason, detail) => {
    const planning = plan(facts)
    expect(planning).toMatchObject({ ok: false, reason })
    expect(planning.planned.parcels).toEqual([])
    if (detail) expect(planning.planned.detail).toContain(detail)
  })
})

test('what an earlier attempt of ours left in the shop is no change since the plan; anything else is', () => {
  const { planned } = plan({})
  const now = (more: Partial<CsCartOrder>, shipments: CsCartShipment[]) => sightOf(order(more), shipments)
  expect(changedSince(planned, now({}, []), false)).toBe(false)
  const written = now(shipped, [shipment(5, '111')])
  expect(changedSince(planned, written, true)).toBe(false)
  expect(changedSince(planned, written, false)).toBe(true)
  expect(changedSince(planned, now({ ...shipped, status: 'C' }, [shipment(5, '111')]), true)).toBe(false)
  expect(changedSince(planned, now({ ...shipped, status: 'I' }, [shipment(5, '111')]), true)).toBe(true)
  expect(changedSince(planned, now(shipped, [shipment(5, '999')]), true)).toBe(true)
  expect(changedSince(planned, now({ lines: [line('1', 3), line('2', 1)] }, []), true)).toBe(true)
})
