"""Who and what the sample member is: units, offices, systems, documents. All names are made up."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "株式会社あかつき暗号資産取引所"
REGISTRATION = "関東財務局長 第00999号（架空）"
SERVICES = "暗号資産の売買、売買の媒介、利用者財産の管理"

# key: (name, function, parent, people)
UNITS: dict[str, tuple[str, str, str | None, int]] = {
    "U-MGT": ("経営", "management", None, 6),
    "U-PLAN": ("経営企画部", "other", "U-MGT", 7),
    "U-DEV": ("システム開発部", "system", "U-MGT", 24),
    "U-OPE": ("システム運用部", "system", "U-MGT", 16),
    "U-CSIRT": ("CSIRT", "csirt", "U-MGT", 6),
    "U-RISK": ("リスク管理部", "risk", "U-MGT", 7),
    "U-COMP": ("コンプライアンス部", "risk", "U-MGT", 8),
    "U-AUD": ("内部監査室", "audit", "U-MGT", 4),
    "U-TRD": ("取引業務部", "user", "U-MGT", 14),
    "U-CUS": ("カストディ業務部", "user", "U-MGT", 9),
    "U-SUP": ("カスタマーサポート部", "user", "U-MGT", 13),
    "U-ADM": ("総務人事部", "other", "U-MGT", 6),
}

FAMILY = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
    "山崎",
    "森",
    "池田",
    "橋本",
    "阿部",
    "石川",
    "山下",
    "中島",
    "前田",
    "藤田",
    "小川",
    "後藤",
    "岡田",
    "長谷川",
    "村上",
    "近藤",
    "石井",
    "斉藤",
    "坂本",
    "遠藤",
]
GIVEN = [
    "翔太",
    "美咲",
    "健太",
    "陽菜",
    "大輔",
    "葵",
    "拓也",
    "結衣",
    "直樹",
    "さくら",
    "亮",
    "智子",
    "和也",
    "真由美",
    "悠斗",
    "彩",
    "誠",
    "恵子",
    "蓮",
    "千尋",
    "浩二",
    "由美",
    "隆",
    "香織",
    "慎一",
    "麻衣",
    "修",
    "明美",
    "剛",
    "優子",
]


@dataclass(frozen=True)
class Office:
    """An office and who holds it: `person` counts within the unit, from 0."""

    role: str
    home: str
    person: int
    unit: str | None = None
    system: str | None = None


OFFICES: tuple[Office, ...] = (
    Office("representative_director", "U-MGT", 0),
    Office("chief_system_officer", "U-MGT", 1),
    Office("director_in_charge", "U-MGT", 2),
    Office("board_member", "U-MGT", 3),
    Office("board_member", "U-MGT", 4),
    Office("risk_manager", "U-RISK", 0),
    Office("risk_manager", "U-RISK", 1),
    Office("internal_auditor", "U-AUD", 0),
    Office("internal_auditor", "U-AUD", 1),
    Office("csirt_lead", "U-CSIRT", 0),
    Office("csirt_member", "U-CSIRT", 1),
    Office("csirt_member", "U-CSIRT", 2),
    Office("administrator", "U-OPE", 3),
    Office("project_lead", "U-DEV", 1),
    Office("vendor_owner", "U-OPE", 2),
)

# key: (name, country, group, business)
VENDORS: dict[str, tuple[str, str, str | None, str]] = {
    "V-0001": ("株式会社みなと認証", "JP", "みなとグループ", "オンライン本人確認"),
    "V-0002": ("セイラン分析株式会社", "JP", None, "取引モニタリング"),
    "V-0003": ("北斗クラウド株式会社", "JP", "北斗グループ", "クラウド、顧客対応・文書基盤の運用"),
    "V-0004": ("東風セキュリティ株式会社", "JP", None, "SIEM・WAF の運用と監視"),
    "V-0005": ("株式会社ひなた人事", "JP", None, "人事給与システムの運用"),
    "V-0006": ("株式会社すずらんBPO", "JP", "みなとグループ", "本人確認書類の目視確認"),
    "V-0007": ("ケストレル画像処理", "SG", None, "本人確認書類の文字認識"),
    "V-0008": ("東雲データセンター株式会社", "JP", "北斗グループ", "データセンター"),
    "V-0009": ("うみねこ開発株式会社", "JP", None, "スマートフォンアプリの開発"),
    "V-0010": ("つばめテスト技研株式会社", "JP", None, "アプリの試験"),
    "V-0011": ("オーロラ台帳分析", "US", None, "ブロックチェーン分析データの提供"),
    "V-0012": ("白樺運用サービス株式会社", "JP", None, "夜間・休日の運用監視"),
    "V-0013": ("オリオン計算基盤合同会社", "JP", None, "クラウド基盤"),
    "V-0014": ("ライオンゲート・データ", "SG", None, "データ分析クラウド"),
}

# key: (name, unit, criticality, internet-facing, vendor or None, holds users' data)
SYSTEMS: dict[str, tuple[str, str, str, bool, str | None, bool]] = {
    "S-EXC": ("取引所マッチングエンジン", "U-DEV", "high", False, None, False),
    "S-WEB": ("取引ウェブサイト", "U-DEV", "high", True, None, True),
    "S-APP": ("スマートフォンアプリ基盤", "U-DEV", "high", True, None, True),
    "S-API": ("取引API", "U-DEV", "high", True, None, True),
    "S-HOT": ("ホットウォレット", "U-CUS", "high", False, None, True),
    "S-COLD": ("コールドウォレット", "U-CUS", "high", False, None, True),
    "S-SIGN": ("署名サーバー", "U-CUS", "high", False, None, False),
    "S-KYC": ("本人確認システム", "U-COMP", "high", True, "V-0001", True),
    "S-AML": ("取引モニタリング", "U-COMP", "high", False, "V-0002", True),
    "S-LED": ("会計帳簿システム", "U-ADM", "medium", False, None, True),
    "S-BNK": ("銀行入出金連携", "U-TRD", "high", False, None, True),
    "S-CRM": ("顧客対応システム", "U-SUP", "medium", True, "V-0003", True),
    "S-IDP": ("認証基盤", "U-OPE", "high", True, None, True),
    "S-MON": ("監視基盤", "U-OPE", "high", False, None, False),
    "S-LOG": ("ログ基盤", "U-OPE", "high", False, None, True),
    "S-SIEM": ("SIEM", "U-CSIRT", "high", False, "V-0004", False),
    "S-WAF": ("WAF", "U-CSIRT", "high", True, "V-0004", False),
    "S-CI": ("開発・配備基盤", "U-DEV", "medium", False, None, False),
    "S-SRC": ("ソース管理", "U-DEV", "medium", True, "V-0003", False),
    "S-MAIL": ("電子メール", "U-ADM", "medium", True, "V-0003", False),
    "S-FILE": ("ファイル共有", "U-ADM", "medium", False, "V-0003", True),
    "S-HR": ("人事システム", "U-ADM", "low", False, "V-0005", False),
    "S-BI": ("経営分析", "U-PLAN", "low", False, None, True),
    "S-MKT": ("相場配信", "U-TRD", "high", True, None, False),
    "S-CAF": ("社内掲示板", "U-PLAN", "low", False, None, False),
}
OUT_OF_SCOPE = {
    "S-CAF": "暗号資産関連取引に用いない社内の連絡用システムであり、取引・利用者の情報を扱わないため。"
}

PROCEDURES = {
    "prevention_procedure": "障害・サイバー事案の未然防止要領",
    "recovery_procedure": "障害復旧要領",
    "recurrence_procedure": "再発防止要領",
    "other": "情報の安全管理規程",
    "vendor_criteria": "外部委託先選定基準",
}
OUTLINE = (
    "当社は、利用者の財産と取引の安全を守ることを経営の最も重要な課題の一つと位置づけ、次のとおりシステムリスクを管理します。\n"
    "1. 代表取締役の責任のもと、システム統括管理責任者と各部署のシステム管理責任者を置き、役割と責任を明らかにします。\n"
    "2. 外部の事業者が運用するものを含むすべてのシステムについて、リスクを洗い出し、受け入れられる水準まで下げます。\n"
    "3. 障害やサイバー攻撃の未然防止、速やかな復旧、再発防止のための体制を整え、自ら指揮する訓練でその実効性を確かめます。\n"
    "4. 管理の状況を定期的に見直し、本方針と体制を改善し続けます。"
)
CASES = (
    ("海外取引所でホットウォレットの秘密鍵が流出", "業界団体の注意喚起", "relevant"),
    ("国内事業者で委託先従業員による利用者情報の持出し", "行政処分の公表", "relevant"),
    ("海外カストディ業者で署名画面の改ざんによる不正送金", "調査会社の報告書", "relevant"),
    ("証券会社で口座乗取りによる不正売買", "監督当局の公表", "relevant"),
    ("決済会社で証明書失効による長時間の停止", "報道", "relevant"),
    ("通信会社で設定変更の誤りによる広域障害", "総務省の公表", "not_relevant"),
    ("他社で開発者端末のマルウェア感染を発端とする侵入", "CSIRT間の情報共有", "relevant"),
    ("クラウド事業者の地域障害", "事業者の事後報告", "relevant"),
    ("他社でソース管理への認証情報の混入", "報道", "relevant"),
    ("銀行でATMの長時間停止", "金融庁の公表", "not_relevant"),
    ("海外取引所で価格配信の誤りによる誤約定", "当該社の公表", "relevant"),
    ("他社で退職者の権限残存による情報閲覧", "個人情報保護委員会の公表", "relevant"),
)
INCIDENTS = (
    # (months ago, title, kind, severity, systems, minutes to report)
    (31, "取引APIの応答遅延", "failure", "minor", ["S-API"], 25),
    (26, "銀行入出金連携の停止", "failure", "serious", ["S-BNK"], 18),
    (21, "フィッシングサイトの確認", "attack", "minor", ["S-WEB"], 40),
    (16, "本人確認システムの画像閲覧権限の設定誤り", "leak", "serious", ["S-KYC"], 35),
    (11, "相場配信の遅延", "failure", "minor", ["S-MKT"], 22),
    (7, "パスワードリスト型攻撃の検知", "attack", "serious", ["S-WEB", "S-IDP"], 15),
    (4, "コールドウォレット作業端末の時刻ずれ", "other", "minor", ["S-COLD"], 50),
    (2, "スマートフォンアプリのログイン障害", "failure", "serious", ["S-APP", "S-IDP"], 20),
)
