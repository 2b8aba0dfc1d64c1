import type { Address, Kana } from '../types.ts'
import type { Random } from './random.ts'

type Name = readonly [kanji: string, kana: string, roman: string]

const FAMILY: readonly [Name, ...Name[]] = [
  ['佐藤', 'サトウ', 'sato'],
  ['鈴木', 'スズキ', 'suzuki'],
  ['髙橋', 'タカハシ', 'takahashi'],
  ['田中', 'タナカ', 'tanaka'],
  ['伊藤', 'イトウ', 'ito'],
  ['渡邊', 'ワタナベ', 'watanabe'],
  ['山本', 'ヤマモト', 'yamamoto'],
  ['中村', 'ナカムラ', 'nakamura'],
  ['小林', 'コバヤシ', 'kobayashi'],
  ['加藤', 'カトウ', 'kato'],
  ['吉田', 'ヨシダ', 'yoshida'],
  ['山﨑', 'ヤマザキ', 'yamazaki'],
  ['齋藤', 'サイトウ', 'saito'],
  ['林', 'ハヤシ', 'hayashi'],
  ['森', 'モリ', 'mori'],
  ['五十嵐', 'イガラシ', 'igarashi'],
  ['勅使河原', 'テシガワラ', 'teshigawara'],
  ['長谷川', 'ハセガワ', 'hasegawa'],
  ['大久保', 'オオクボ', 'okubo'],
  ['岡', 'オカ', 'oka'],
  ['清水', 'シミズ', 'shimizu'],
  ['藤原', 'フジワラ', 'fujiwara'],
  ['近藤', 'コンドウ', 'kondo'],
  ['石川', 'イシカワ', 'ishikawa'],
]

const GIVEN: readonly [Name, ...Name[]] = [
  ['花子', 'ハナコ', 'hanako'],
  ['一郎', 'イチロウ', 'ichiro'],
  ['健', 'ケン', 'ken'],
  ['美咲', 'ミサキ', 'misaki'],
  ['陽菜', 'ヒナ', 'hina'],
  ['大輔', 'ダイスケ', 'daisuke'],
  ['翔太', 'ショウタ', 'shota'],
  ['さくら', 'サクラ', 'sakura'],
  ['恵', 'メグミ', 'megumi'],
  ['直樹', 'ナオキ', 'naoki'],
  ['由美子', 'ユミコ', 'yumiko'],
  ['隆', 'タカシ', 'takashi'],
  ['真理', 'マリ', 'mari'],
  ['拓也', 'タクヤ', 'takuya'],
  ['綾', 'アヤ', 'aya'],
  ['千尋', 'チヒロ', 'chihiro'],
  ['誠', 'マコト', 'makoto'],
  ['結衣', 'ユイ', 'yui'],
  ['浩二', 'コウジ', 'koji'],
  ['純', 'ジュン', 'jun'],
]

type Place = readonly [zip: string, state: string, city: string, street: string, area: string]

const PLACES: readonly [Place, ...Place[]] = [
  ['104-0061', '東京都', '中央区', '銀座', '03'],
  ['150-0002', '東京都', '渋谷区', '渋谷', '03'],
  ['190-0012', '東京都', '立川市', '曙町', '042'],
  ['060-0001', '北海道', '札幌市中央区', '北一条西', '011'],
  ['070-0035', '北海道', '旭川市', '五条通', '0166'],
  ['980-0811', '宮城県', '仙台市青葉区', '一番町', '022'],
  ['330-0854', '埼玉県', 'さいたま市大宮区', '桜木町', '048'],
  ['260-0013', '千葉県', '千葉市中央区', '中央', '043'],
  ['220-0012', '神奈川県', '横浜市西区', 'みなとみらい', '045'],
  ['950-0087', '新潟県', '新潟市中央区', '東大通', '025'],
  ['920-0853', '石川県', '金沢市', '本町', '076'],
  ['390-0811', '長野県', '松本市', '中央', '0263'],
  ['420-0852', '静岡県', '静岡市葵区', '紺屋町', '054'],
  ['450-0002', '愛知県', '名古屋市中村区', '名駅', '052'],
  ['600-8216', '京都府', '京都市下京区', '東塩小路町', '075'],
  ['530-0001', '大阪府', '大阪市北区', '梅田', '06'],
  ['650-0021', '兵庫県', '神戸市中央区', '三宮町', '078'],
  ['700-0024', '岡山県', '岡山市北区', '駅元町', '086'],
  ['730-0011', '広島県', '広島市中区', '基町', '082'],
  ['790-0004', '愛媛県', '松山市', '大街道', '089'],
  ['812-0011', '福岡県', '福岡市博多区', '博多駅前', '092'],
  ['860-0806', '熊本県', '熊本市中央区', '花畑町', '096'],
  ['892-0828', '鹿児島県', '鹿児島市', '金生町', '099'],
  ['900-0015', '沖縄県', '那覇市', '久茂地', '098'],
]

const BUILDINGS: readonly [string, ...string[]] = [
  'サンプルビル 4F',
  'メゾン青葉 203号室',
  'グランドハイツ1205',
  'コーポ桜 B-2',
  'レジデンス中央 801',
]

export type Person = { firstname: string; lastname: string; kana: Kana; email: string; address: Address }

/** Somebody with a name, kana, a mail address under example.jp, a place and a telephone that nobody has. */
export function person(chance: Random): Person {
  const family = chance.pick(FAMILY)
  const given = chance.pick(GIVEN)
  const [zip, state, city, street, area] = chance.pick(PLACES)
  const block = `${chance.int(1, 6)}-${chance.int(1, 25)}-${chance.int(1, 18)}`
  return {
    firstname: family[0],
    lastname: given[0],
    kana: { firstname: family[1], lastname: given[1] },
    email: `${given[2]}.${family[2]}${chance.int(1, 999)}@example.jp`,
    address: {
      firstname: family[0],
      lastname: given[0],
      zipcode: chance.chance(0.3) ? zip.replace('-', '') : zip,
      state,
      city,
      address: `${street}${block}`,
      address2: chance.chance(0.45) ? chance.pick(BUILDINGS) : '',
      phone: `${area}-000-${chance.digits(4)}`,
      country: 'JP',
    },
  }
}
