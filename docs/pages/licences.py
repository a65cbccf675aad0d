"""docs/licences.md: every work that an installation brings along, with its version and licence.

Python packages as their own metadata says, npm packages as their package.json says. A licence that is not on the list
stops the page: somebody must read it first.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import NamedTuple, cast

from docs.pages.markdown import code, table

ROOT = Path(__file__).resolve().parents[2]
INTRO = """# 依存ソフトウェアのライセンス / Licences of what Sekisho uses

本製品は Apache-2.0 です。実行時に使うものはすべて、次の一覧のライセンスに限ります。固定した版は `requirements/runtime.txt` と
`package-lock.json` にあります。ウェブ素材のライセンス文は、設定時に `src/sekisho/web/static/vendor/*/LICENSES.txt` に置かれます。

Sekisho itself is Apache-2.0. What it uses at run time bears only licences of the list below. The pinned versions stand in
`requirements/runtime.txt` and `package-lock.json`. Set-up lays the licence texts of the web assets into
`src/sekisho/web/static/vendor/*/LICENSES.txt`.
"""
ALLOWED = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "HPND", "ISC", "LGPL-3.0-only", "MIT", "MIT-0",
    "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unlicense",
)  # fmt: skip
SAME = {
    "PSFL": "PSF-2.0",
    "ISC License": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: BSD License": "BSD",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Metadata that does not say it in one word, or a package of another system; read in the licence files themselves.
READ = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "qrcode": "BSD-3-Clause AND MIT",
    "tzdata": "Apache-2.0",
}
NOTES = {
    "fido2": "MPL-2.0: 同梱の公開サフィックス一覧 / the public suffix list in it",
    "psycopg": "LGPL: 変更せず、独立したモジュールとして使用 / used unchanged, as a module of its own",
    "psycopg-binary": "libpq (PostgreSQL License) と OpenSSL (Apache-2.0) を同梱 / with libpq and OpenSSL in it",
    "pypdfium2": "PDFium とその依存のライセンス文を同梱 / with PDFium; its wheel brings all their licence texts",
    "qrcode": "MIT: 元になった実装 / the work that it was made from",
}
_PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)(?: ; ([^\\]+))?", re.MULTILINE)


class Refused(Exception):
    """A licence that nobody has read and put on the list."""


class Work(NamedTuple):
    name: str
    version: str
    licence: str
    where: str = ""


def page() -> str:
    python, assets = list(python_packages()), list(web_assets())
    refuse_unknown([*python, *assets])
    return "\n\n".join(
        (
            INTRO.strip(),
            "許可するライセンス / licences allowed: " + ", ".join(ALLOWED),
            "## Python",
            table(("名称 / name", "版 / version", "ライセンス / licence", "注記 / note"), map(_row, python)),
            "## ウェブ素材 / Web assets (npm)",
            table(("名称 / name", "版 / version", "ライセンス / licence", "注記 / note"), map(_row, assets)),
        )
    )


def _row(work: Work) -> tuple[str, ...]:
    note = "\n".join(filter(None, (NOTES.get(work.name, ""), f"`{work.where}`" if work.where else "")))
    return code(work.name), work.version, work.licence, note


def python_packages() -> Iterator[Work]:
    """What the lock names, each of exactly the version that it pins."""
    for name, version, where in _PINNED.findall(
        (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    ):
        yield Work(name, version, READ.get(name) or told(name), where.strip())


def told(name: str) -> str:
    """The licence in the words of SPDX, as the installed package's metadata has it."""
    about = cast(Message, metadata.metadata(name))
    if expression := about.get("License-Expression"):
        return str(SAME.get(expression, expression))
    named = [SAME.get(c, c) for c in about.get_all("Classifier") or [] if c.startswith("License :: ")]
    if named:
        return " OR ".join(dict.fromkeys(named))
    free = str(about.get("License") or "unknown").strip()
    return SAME.get(free, free)


def web_assets() -> Iterator[Work]:
    """The npm packages whose files the pages use, with what is bundled inside them."""
    recipe = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["sekisho"]["assets"]
    names = {"@tabler/icons"}
    for part in recipe["packages"].values():
        names |= {part["package"], *part.get("bundles", ())}
    for name in sorted(names):
        manifest = json.loads((ROOT / "node_modules" / name / "package.json").read_text(encoding="utf-8"))
        yield Work(manifest["name"], manifest["version"], manifest["license"])


def refuse_unknown(works: list[Work]) -> None:
    """Raise Refused unless every part of every licence is on the list."""
    wrong = [
        f"{work.name} {work.version}: {work.licence!r}"
        for work in works
        if not set(re.split(r" (?:OR|AND) ", work.licence.strip("()"))) <= set(ALLOWED)
    ]
    if wrong:
        remedy = "read it; then put it on ALLOWED or READ in docs/pages/licences.py, or use something else"
        raise Refused(f"licences that are not on the list ({remedy}): {'; '.join(wrong)}")
