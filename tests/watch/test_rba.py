"""The public data set's CSV: a generated file of its columns, with rows that cannot be read among the others."""

from __future__ import annotations

import csv
import io

import pytest

from sekisho.watch import rba
from sekisho.watch.rba import BadRow, Labelled, NoSuchTable, read
from sekisho.watch.risk import Model

HEADER = ["index", "Login Timestamp", "User ID", "Round-Trip Time [ms]", "IP Address", "Country", "Region", "City", "ASN",
          "User Agent String", "Browser Name and Version", "OS Name and Version", "Device Type", "Login Successful",
          "Is Attack IP", "Is Account Takeover"]  # fmt: skip
AGENT = "Mozilla/5.0 (iPad; CPU OS 7_1 like Mac OS X), \u201ctest\u201d"


def row(number=0, **changed):
    """One row of the set's form; None leaves the cell empty."""
    cells = dict(zip(HEADER, [number, f"2020-02-03 12:43:{number % 60:02}.772", -4324475583306591935 + number % 3, "",
                              f"198.51.100.{number % 256}", "NO", "Vestland", "Bergen", 29695, AGENT, "Safari 7.1",
                              "iOS 7.1", "mobile", True, False, False], strict=True))  # fmt: skip
    cells.update({name.replace("_", " "): value for name, value in changed.items()})
    return cells


def file_of(*rows, header=HEADER):
    text = io.StringIO()
    writer = csv.DictWriter(text, header, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return text


def test_the_set_has_sixteen_columns():
    assert {*HEADER} == {rba.NUMBER, *rba.COLUMNS}
    assert len(HEADER) == 16


def test_a_row_becomes_an_event_with_labels():
    takeover = row(7, **{"Is_Attack_IP": True, "Is_Account_Takeover": "true"})
    (found,) = read(file_of(takeover))
    assert isinstance(found, Labelled)
    assert found.event.seq == 7
    assert found.event.ts == 1_580_733_787_772
    assert found.event.user == "-4324475583306591934"
    assert (found.event.ip, found.event.network, found.event.country) == ("198.51.100.7", "AS29695", "NO")
    assert (found.event.agent, found.event.ok, found.event.typ) == (AGENT, True, "login")
    assert (found.attack_address, found.takeover) == (True, True)
    assert found.values == (
        ("198.51.100.7", "AS29695", "NO"),
        (AGENT, "Safari 7.1", "iOS 7.1", "mobile"),
    )


BAD = {
    "IP_Address": ("300.1.2.3", "no IP address"),
    "Country": ("Norway", "no code of two letters"),
    "ASN": ("AS29695", "no whole number"),
    "Login_Timestamp": ("yesterday", "no instant"),
    "Login_Successful": ("perhaps", "neither True nor False"),
    "Is_Attack_IP": ("", "neither True nor False"),
    "User_ID": ("", "no User ID"),
    "index": ("-1", "no whole number"),
}


@pytest.mark.parametrize("column", BAD)
def test_a_bad_row_is_told_with_its_line_and_the_rows_beside_it_stand(column):
    value, why = BAD[column]
    before, bad, after = read(file_of(row(1), row(2, **{column: value}), row(3)))
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert why in bad.why
    assert [before.event.seq, after.event.seq] == [1, 3]


def test_a_row_of_another_length_is_told():
    text = file_of(row(1)).read() + "2,2020-02-03\n" + "\n" + file_of(row(3)).read().splitlines()[1]
    first, bad, last = read(io.StringIO(text))
    assert bad == BadRow(3, "2 columns, not 16")
    assert [first.event.seq, last.event.seq] == [1, 3]


def test_broken_quotes_and_a_cut_file_end_without_a_fault():
    text = file_of(row(1)).read() + '2,"2020-02-03 12:43:30'
    found = list(read(io.StringIO(text)))
    assert isinstance(found[0], Labelled)
    assert all(isinstance(one, BadRow) for one in found[1:])
    assert len(found) == 2


@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", "IP Address\n198.51.100.1\n"])
def test_another_file_is_refused(text):
    with pytest.raises(NoSuchTable, match="Login Timestamp"):
        list(read(io.StringIO(text)))


def test_empty_cells_make_a_row_that_the_publication_does_not_score():
    (found,) = read(file_of(row(1, **{"Device_Type": None, "ASN": None, "Country": None})))
    assert found.values is None
    assert (found.event.network, found.event.country) == (None, None)


def test_instants_with_and_without_zone_and_in_milliseconds_are_the_same():
    forms = ["2020-02-03 12:43:30.772", "2020-02-03T12:43:30.772+00:00", "2020-02-03 21:43:30.772+09:00", "1580733810772"]  # fmt: skip
    found = list(read(file_of(*(row(n, **{"Login_Timestamp": form}) for n, form in enumerate(forms)))))
    assert {one.event.ts for one in found} == {1_580_733_810_772}


def test_whole_numbers_as_pandas_writes_them_and_columns_in_any_order_are_read():
    shuffled = [*reversed(HEADER[1:])]
    (found,) = read(file_of(row(5, ASN="29695.0"), header=shuffled))
    assert (found.event.network, found.event.seq) == ("AS29695", 0)


def test_the_set_feeds_the_model():
    model, scores = Model(rba.FEATURES), []
    for one in read(file_of(*(row(n) for n in range(30)))):
        scores.append(model.score(one.event.user, one.values))
        model.learn(one.event.user, one.values)
    assert scores[:3] == [None] * 3
    assert all(0 < score < 4 for score in scores[3:])
