import type { Language } from './shop.ts'

type Text = Record<Language, string>

/** What the shop says in its errors, in the request's language. */
export const TEXTS = {
  noEntity: { ja: 'エンティティ [name] が見つかりません', en: 'Entity [name] not found' },
  fieldRequired: { ja: '[name]フィールドを指定してください', en: 'The [name] field is required' },
  carrierOrNumber: {
    ja: '次のフィールドのいずれかが必要です: carrier / tracking_number',
    en: 'One of the following fields is required: carrier / tracking_number',
  },
  nothingSelected: { ja: '配送する商品が選択されていません', en: 'Products for shipment were not selected' },
  onlyNumberAndCarrier: {
    ja: '追跡番号と運送会社のパラメータのみ更新できます',
    en: 'Only the tracking_number and carrier params can be updated',
  },
  onlyFourFields: {
    ja: '追跡番号、ステータス、コメント、時間のパラメータのみ更新できます',
    en: 'Only tracking_number, status, comments and timestamp can be updated',
  },
  wrongShipmentStatus: {
    ja: 'ステータスフィールドの値が正しくありません。許可された値：A、P、S',
    en: "Value of status field is not correct. Allowed values: 'A', 'P', 'S'",
  },
  noId: { ja: 'オブジェクトIDが定義されていません', en: 'Object ID is not defined' },
  noParameters: { ja: 'パラメータが不足しています', en: 'Missing parameters' },
  malformedJson: { ja: 'シンタックスエラー：無効なJSONです', en: 'Syntax error, malformed JSON' },
  httpsOnly: { ja: 'The API is only accessible over HTTPS', en: 'The API is only accessible over HTTPS' },
} as const satisfies Record<string, Text>

/** One of the texts, with its `[name]` filled in. */
export function say(key: keyof typeof TEXTS, language: Language, name = ''): string {
  return TEXTS[key][language].replace('[name]', name)
}
