"""docs/api.md: the operations of the REST API, from its own OpenAPI description; each kind's alike, told once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docs.pages.markdown import plain, table
from sekisho.records.contents import KINDS

INTRO = """# REST API

起動中の製品では、API の説明が `/api/docs`（画面）と `/api/openapi.json`（OpenAPI {openapi}）にあり、種類ごとの項目まで載っています。
どちらも、サインインした人かトークンを持つプログラムだけが読めます。以下はその操作の一覧です。

A running installation describes its API at `/api/docs` (a page) and `/api/openapi.json` (OpenAPI {openapi}), down to each kind's
fields. Both are for those who signed in and for programs with a token. These are its operations.

{description}

## 例 / Example

トークンはアカウント画面で発行します。 / A token is made on the account page.

```sh
curl -H "Authorization: Bearer $TOKEN" "$ADDRESS/api/clauses"
curl -H "Authorization: Bearer $TOKEN" "$ADDRESS/api/records/unit?function=system&page_size=20"
curl -H "Authorization: Bearer $TOKEN" "$ADDRESS/api/assessment?on=2027-03-31"
```
"""
KIND = "{kind}"


def page() -> str:
    from sekisho.api.contents import DESCRIPTION, api  # noqa: PLC0415 - Django is ready only now

    told: dict[str, Any] = api.get_openapi_schema()
    parts = [INTRO.format(openapi=told["openapi"], description=DESCRIPTION.strip()).strip()]
    for words, rows in _by_tag(told["paths"]).items():
        parts += [f"## {words}", table(("", "path", "内容 / what", ""), rows)]
    return "\n\n".join(parts)


def _by_tag(paths: dict[str, Any]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    seen: set[tuple[str, str]] = set()
    for method, path, of_kind, told in _operations(paths):
        if (method, path) in seen:
            continue
        seen.add((method, path))
        words = "記録 / Records" if of_kind else told["tags"][0]
        summary = told["summary"].split(": ", 1)[-1] if of_kind else told["summary"]
        found.setdefault(words, []).append(
            (method.upper(), f"`{path}`", plain(summary), " ".join(told.get("description", "").split()))
        )
    return found


def _operations(paths: dict[str, Any]) -> Iterator[tuple[str, str, bool, dict[str, Any]]]:
    """(method, path with {kind} for each kind's name, whether it is each kind's, what is told)."""
    own = {f"/api/records/{model.about.name}": f"/api/records/{KIND}" for model in KINDS}
    for path, operations in paths.items():
        start = "/".join(path.split("/")[:4])
        for method, told in operations.items():
            yield (
                method,
                path.replace(start, own.get(start, start), 1),
                path.startswith("/api/records/"),
                told,
            )
