"""docs/settings.md: the environment variables, from the table in settings.py's documentation, with Japanese beside it."""

from __future__ import annotations

import re

from docs.pages.markdown import table
from sekisho import settings

INTRO = """# 設定 / Settings

設定はすべて環境変数で行います。何も指定しなくても、1台のマシンで安全に動く既定値になっています。

All settings are environment variables. Without any, the defaults are safe for one machine.
"""
JAPANESE = {
    "SEKISHO_HOME": ("データフォルダー（データベース・鍵・証跡）", "~/.local/share/sekisho"),
    "SEKISHO_DATABASE": (
        "データベース（`postgresql://user:password@host:port/name`）",
        "SEKISHO_HOME の SQLite",
    ),
    "SEKISHO_DATABASE_PASSWORD_FILE": ("データベースのパスワードを書いたファイル", "なし"),
    "SEKISHO_SECRET_KEY_FILE": (
        "セッションに署名する鍵のファイル",
        "SEKISHO_HOME/keys/secret.key（初期設定で作成）",
    ),
    "SEKISHO_LEDGER_KEY_FILE": ("台帳の署名鍵のファイル", "SEKISHO_HOME/keys/ledger.key（初期設定で作成）"),
    "SEKISHO_HOSTS": ("応答するホスト名（カンマ区切り）", "localhost, 127.0.0.1, [::1]"),
    "SEKISHO_HTTPS": ("利用者が HTTPS で接続する場合は 1。Cookie は HTTPS でのみ送られます", "0"),
    "SEKISHO_TRUSTED_PROXIES": (
        "手前に置いた自社のプロキシの数（その X-Forwarded-For・-Proto を信用します）",
        "0",
    ),
    "SEKISHO_IDLE_MINUTES": ("操作のないセッションが終わるまでの分数", "30"),
    "SEKISHO_SESSION_HOURS": ("操作があってもセッションが終わるまでの時間数", "12"),
    "SEKISHO_SECOND_FACTOR": (
        "`off` にすると、承認に二要素認証を求めません（試用専用。全ページに警告が出ます）",
        "on",
    ),
    "SEKISHO_WATCH_WEBHOOK": (
        "利用者と出金システムへの通知を受け取る、会員のメッセンジャーの https アドレス",
        "なし",
    ),
    "SEKISHO_WATCH_WEBHOOK_KEY_FILE": (
        "そこへ送る通知に署名する鍵のファイル",
        "なし（何も送りません）",
    ),
    "SEKISHO_WATCH_WEBHOOK_HOSTS": ("送信を許可するホスト名（カンマ区切り）", "なし"),
    "SEKISHO_WATCH_WEBHOOK_NETWORKS": (
        "公開アドレスのほかに、これらのホストがあってよい自社のネットワーク（CIDR）",
        "なし",
    ),
    "SEKISHO_WATCH_MAIL_TO": (
        "利用者のメールアドレスの形。{user} は利用者ID（例 `{user}@users.example.jp`）",
        "なし（メールを送りません）",
    ),
    "SEKISHO_PUBLIC_URL": (
        "利用者が公開ページを開くアドレス（例 `https://sekisho.example.jp`）",
        "なし（通知にリンクを付けません）",
    ),
    "SEKISHO_MAIL_SERVER": ("メールサーバーの `ホスト:ポート`", "localhost:25"),
    "SEKISHO_MAIL_FROM": ("メールの差出人", "sekisho@localhost"),
    "SEKISHO_API_PER_MINUTE": (
        "API の呼び出し元ごとに、1プロセスが1分間に受け付ける回数。0 は無制限",
        "1200",
    ),
    "SEKISHO_LOG_LEVEL": ("DEBUG、INFO、WARNING、ERROR のいずれか", "INFO"),
    "SEKISHO_LOG_FORMAT": ("`console` または `json`（1行に1件）", "json"),
    "SEKISHO_STATIC_ROOT": ("初期設定で集めた静的ファイルの置き場所", "build/static"),
    "SEKISHO_LANGUAGE": ("コマンドの言語（`ja` または `en`）", "ロケールの言語、なければ日本語"),
    "SEKISHO_TRACEBACK": ("1 にすると、コマンドの予期しないエラーの発生箇所を表示します", "なし"),
}
OF_SET_UP = (
    ("SEKISHO_CHROMIUM", "ブラウザーのテストに使う Chromium", "the Chromium of the browser tests"),
    ("SEKISHO_NODE_WHEEL", "1 にすると、Node.js をこのマシンのものでなくパッケージから使います", "1: Node.js from its package, not the machine's"),
    ("SEKISHO_NO_APT", "1 にすると、root でも Debian パッケージを入れません", "1: install no Debian packages, even as root"),
    ("SEKISHO_TEST_DATABASE", "テストのデータベース（`sqlite` または `postgresql`）", "the tests' database, `sqlite` or `postgresql`"),
)  # fmt: skip
_ROW = re.compile(r"^\| (SEKISHO_\w+) \| (.*) \| (.*) \|$", re.MULTILINE)


class Untold(Exception):
    """A variable has no Japanese here, or one that is told here is gone from settings.py."""


def page() -> str:
    rows = _ROW.findall(settings.__doc__ or "")
    if differing := {name for name, _, _ in rows} ^ set(JAPANESE):
        raise Untold(f"docs/pages/settings.py and settings.py differ in {', '.join(sorted(differing))}")
    told = [
        (f"`{name}`", _lines(JAPANESE[name][0], what), _lines(JAPANESE[name][1], default))
        for name, what, default in rows
    ]
    return "\n\n".join(
        (
            INTRO.strip(),
            table(("変数 / variable", "内容 / what", "既定値 / default"), told),
            "## 初期設定とテストの変数 / Variables of set-up and tests",
            table(
                ("変数 / variable", "内容 / what"),
                [(f"`{name}`", f"{ja}\n{en}") for name, ja, en in OF_SET_UP],
            ),
        )
    )


def _lines(*texts: str) -> str:
    return "\n".join(dict.fromkeys(texts))
