"""The API's table of contents: every resource, in the order in which its description tells them."""

from __future__ import annotations

from sekisho import __version__
from sekisho.api.describe import Described
from sekisho.api.docs import DocsPage, guarded
from sekisho.api.door import Session, Token, strict_query
from sekisho.api.operations import (
    approvals,
    connectors,
    evidence,
    gate,
    kinds,
    ledger,
    outsourcing,
    records,
    rule,
    watch,
    work,
)
from sekisho.api.problems import install
from sekisho.api.read import StrictParser

DESCRIPTION = """
Sekisho の REST API。画面と同じ権限・同じ規則で動きます。

- **認証**: `Authorization: Bearer <トークン>`（アカウント画面で発行）。画面からはセッションも使えます。
- **版**: 記録の `ETag` を `If-Match` に付けて変更します。古い版は 412、指定なしは 428 です。
- **承認**: 承認を要する変更は 409 `needs_approval` となり、`POST /api/approvals` で申請します。
- **時点**: `known_at` は「その時点までに記録された内容」、`on` は「判定する日」です。
- **エラー**: すべて `application/problem+json`（RFC 9457）。`code` は変わりません。文は `Accept-Language` に従います。

The REST API of Sekisho, under the same rights and rules as the pages.

- **Sign-in**: `Authorization: Bearer <token>` (made on the account page); from a page, its session.
- **Versions**: send a record's `ETag` as `If-Match` to change it. A stale one is a 412, none a 428.
- **Approval**: a change that takes it is a 409 `needs_approval`; ask with `POST /api/approvals`.
- **Moments**: `known_at` is what was recorded by then, `on` the day that is judged.
- **Errors**: always `application/problem+json` (RFC 9457). A `code` keeps its meaning; words follow `Accept-Language`.
"""

api: Described = Described(
    title="Sekisho API",
    version=__version__,
    description=DESCRIPTION.strip(),
    urls_namespace="api",
    auth=[Token(), Session()],
    parser=StrictParser(),
    docs=DocsPage(),
    docs_decorator=guarded,
)
api.add_decorator(strict_query, mode="view")
install(api)

api.add_router("/kinds", kinds.router)
api.add_router("/records", records.router)
api.add_router("/records", evidence.router)
api.add_router("/approvals", approvals.router)
api.add_router("", rule.router)
api.add_router("", outsourcing.router)
api.add_router("", gate.router)
api.add_router("/ledger", ledger.router)
api.add_router("/work", work.router)
api.add_router("/connectors", connectors.router)
api.add_router("/watch", watch.router)
