"""`make docs`: write the pages that follow from the source, each from one module of `docs/pages`.

The pages are committed, and tests/docs holds them against what this writes: a page that lags behind fails there.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import django

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
PAGES = (
    "kinds",
    "rulebook",
    "limits",
    "settings",
    "api",
    "cli",
    "licences",
    "watch",
)  # docs/<name>.md by docs/pages/<name>.py


def made(name: str) -> str:
    """A page's text, by the source as it stands."""
    body = import_module(f"docs.pages.{name}").page().strip("\n")
    return f"<!-- `make docs` writes this page (docs/pages/{name}.py). Change the source, not the page. -->\n\n{body}\n"


def main(wanted: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.settings")
    django.setup()
    if unknown := sorted(set(wanted) - set(PAGES)):
        print(f"docs: no such page: {', '.join(unknown)}; there are {', '.join(PAGES)}", file=sys.stderr)
        return 2
    for name in wanted or PAGES:
        path, text = FOLDER / f"{name}.md", made(name)
        changed = not path.exists() or path.read_text(encoding="utf-8") != text
        if changed:
            path.write_text(text, encoding="utf-8")
        print(f"{'written' if changed else 'as it was'}: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
