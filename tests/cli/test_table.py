"""Tables on a terminal: Japanese is twice as wide, and no cell commands the terminal."""

import os

import pytest

from sekisho.cli import table
from sekisho.cli.table import cut, print_table, safe, width


def test_width():
    assert [width(t) for t in ("abc", "山田", "ｱ", "é", "")] == [3, 4, 1, 1, 0]


def test_columns_stand_under_one_another(capsys):
    print_table(("種類", "x"), [("a", "1"), ("業務部門", "2")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["種類      x", "--------  -", "a         1", "業務部門  2"]


def test_cells_are_made_harmless():
    assert safe("a\x1b[31mred\x07\nnext\u202edir\u200b") == "a[31mred nextdir"


def test_on_a_terminal_the_last_column_is_cut(capsys, monkeypatch):
    monkeypatch.setattr(table.sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(table.shutil, "get_terminal_size", lambda: os.terminal_size((20, 24)))
    print_table(("a", "b"), [("1", "とても長い文章です")])
    assert max(width(line) for line in capsys.readouterr().out.splitlines()) <= 20


@pytest.mark.parametrize(("places", "found"), [(9, "abcあいう"), (8, "abcあい…"), (7, "abcあ…"), (4, "abc…")])
def test_cutting_keeps_within_its_places(places, found):
    assert cut("abcあいう", places) == found
    assert width(found) <= places
