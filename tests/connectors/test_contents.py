"""One battery over every tool that is listed: what holds for all of them is asked here and nowhere else."""

import csv
from pathlib import Path

import pytest

from sekisho.connectors import contents
from sekisho.connectors.contents import TOOLS
from sekisho.connectors.language import Reading, Tool, Unreadable
from sekisho.kernel.errors import NotFound

FIXTURES = Path(__file__).parent / "fixtures"
CLAUSES = Path(__file__).parents[3] / "shared" / "rule" / "clauses.csv"

every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.id)
every_fixture = pytest.mark.parametrize(
    ("tool", "path"),
    [
        pytest.param(tool, path, id=f"{tool.id}/{path.name}")
        for tool in TOOLS
        for path in sorted((FIXTURES / tool.id).glob("*"))
    ],
)

BAD = {
    "empty": b"",
    "one NUL": b"\0",
    "truncated": b'{"version": "4", "alerts": [',
    "not a number": b'{"version": NaN}',
    "double name": b'{"version": "4", "version": "4"}',
    "deep": b"[" * 100_000,
    "invalid UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"version": "4"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "null": b"null",
    "empty object": b"{}",
    "empty list": b"[]",
    "page": b"<!doctype html><title>502 Bad Gateway</title>",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "archive": b"PK\x03\x04" + bytes(64),
}


def test_ids_are_unique_words_and_the_list_is_found_by_them():
    ids = [tool.id for tool in TOOLS]
    assert len(ids) == len(set(ids))
    assert all(one.isidentifier() and one.islower() for one in ids)
    assert [contents.tool(one) for one in ids] == list(TOOLS)
    with pytest.raises(NotFound):
        contents.tool("no_such_tool")


@every_tool
def test_a_tool_says_what_it_is_in_both_languages(tool: Tool):
    assert tool.name.ja
    assert tool.name.en
    assert tool.yields
    assert tool.clauses
    assert 0 < tool.max_bytes <= 256 * 1024 * 1024


@every_tool
def test_a_tool_serves_clauses_that_exist(tool: Tool):
    if not CLAUSES.exists():
        pytest.skip(f"no list of clauses at {CLAUSES}")
    with CLAUSES.open(encoding="utf-8") as file:
        known = {row[0] for row in csv.reader(file)}
    assert set(tool.clauses) <= known


@every_tool
def test_a_tool_is_a_folder_with_read_and_parse(tool: Tool):
    folder = Path(contents.__file__).parent / "tools" / tool.id
    assert {path.name for path in folder.glob("*.py")} == {"__init__.py", "read.py", "parse.py"}
    assert tool.parse.__module__ == f"sekisho.connectors.tools.{tool.id}.parse"


@every_tool
def test_a_tool_has_fixtures_of_its_own(tool: Tool):
    assert any((FIXTURES / tool.id).iterdir())


@every_fixture
def test_a_fixture_reads_the_same_every_time_and_yields_something(tool: Tool, path: Path):
    reading = tool.parse(path.read_bytes())
    assert isinstance(reading, Reading)
    assert reading.drafts
    assert reading == tool.parse(path.read_bytes())


@every_fixture
def test_what_a_fixture_says_stands_in_both_languages(tool: Tool, path: Path):
    reading = tool.parse(path.read_bytes())
    texts = [problem.text for problem in reading.problems] + list(reading.losses)
    texts += [notice for draft in reading.drafts for notice in draft.notices]
    for text in texts:
        assert text.ja != text.en
        assert "{" not in text.ja.replace("{braces}", "")
        assert "{" not in text.en.replace("{braces}", "")


@every_fixture
def test_a_draft_names_its_source_and_its_key_is_short_and_its_own(tool: Tool, path: Path):
    drafts = tool.parse(path.read_bytes()).drafts
    assert {draft.source for draft in drafts} == {tool.id}
    assert len({draft.source_key for draft in drafts}) == len(drafts)
    assert all(draft.source_key.isascii() and 0 < len(draft.source_key) <= 120 for draft in drafts)


@every_fixture
def test_a_cut_fixture_is_unreadable(tool: Tool, path: Path):
    data = path.read_bytes().rstrip()
    for end in range(0, len(data), max(1, len(data) // 50)):
        with pytest.raises(Unreadable):
            tool.parse(data[:end])


@every_tool
@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_bytes_are_unreadable_and_say_why_in_both_languages(tool: Tool, data: bytes):
    with pytest.raises(Unreadable) as refusal:
        tool.parse(data)
    assert refusal.value.text.ja != refusal.value.text.en


@every_tool
def test_more_bytes_than_the_bound_are_unreadable(tool: Tool):
    with pytest.raises(Unreadable, match="too big"):
        tool.parse(b" " * (tool.max_bytes + 1))
