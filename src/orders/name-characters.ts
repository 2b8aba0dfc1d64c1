/**
 * 髙 and 高, 邊 and 辺: characters of names that people take for one another. Each group begins with the one that stands for all in
 * the search. Places that differ by them (大阪 and 大坂) and names that are told apart (畑 and 畠) are not among them.
 */
const GROUPS = `高髙 崎﨑嵜 斎齋斉齊 辺邊邉 浜濵濱 吉𠮷 徳德 瀬瀨 広廣 沢澤 国國圀 真眞 曽曾 桜櫻 島嶋嶌 竜龍 富冨 恵惠 黒黑 栄榮 円圓
  渋澁 実實 寿壽 静靜 条條 関關 蔵藏 与與 豊豐 万萬 弥彌 桧檜 浅淺 滝瀧 戸戶 園薗 鉄鐵 館舘 桑桒 柳栁桺 横橫 来來 礼禮 穂穗 塩鹽
  学學 伝傳 児兒 亀龜 亜亞 会會 勲勳 巌巖 巣巢 応應 恒恆 楽樂 満滿 稲稻 経經 緑綠 総總 縄繩 聡聰 荘莊 薫薰 蛍螢 覚覺 郷鄕 顕顯
  鶴靏靍 麦麥 黄黃 尭堯 槙槇 遥遙 秋穐 頼賴 峰峯 岳嶽 船舩 橋槗 涼凉 剣劔劍 喜㐂 奥奧 宝寶寳 寛寬 将將 彦彥 慎愼 暁曉 昇曻 権權
  淵渕渊 灯燈 当當 衛衞 誉譽 郎郞 鎮鎭 青靑 騨驒 ケヶ`

/** By each other form the one that stands for it. */
export const COMMON_FORMS: ReadonlyMap<string, string> = new Map(
  GROUPS.split(/\s+/).flatMap((group) => {
    const [common = '', ...others] = group
    return others.map((other): [string, string] => [other, common])
  }),
)
/** Besides: format characters and the selectors of a glyph, of which nothing is seen. */
const FOLDED = new RegExp(`[\\p{Cf}\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}${[...COMMON_FORMS.keys()].join('')}]`, 'gu')

/**
 * The text with one form of each such character, and nothing that cannot be seen. Whoever adds a character here folds the stored texts by a
 * migration too, as 0011 did.
 */
export function foldNameCharacters(text: string): string {
  return text.replace(FOLDED, (found) => COMMON_FORMS.get(found) ?? '')
}
