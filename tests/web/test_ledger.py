"""The ledger's pages: newest lines, one line with its proof, checkpoints; personal values never in the clear."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from sekisho.ledger.keys import signer
from sekisho.ledger.models import Checkpoint, Head, Leaf, Version
from sekisho.ledger.note import Verifier, open_note, parse_checkpoint
from sekisho.records.models import Unit
from sekisho.workflows.act import act
from tests.cast import JOINED, Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations


def add_units(by: str, count: int, reason: str = "") -> None:
    with act("save_unit", by, reason) as doing:
        values = {"function": "other", "since_on": JOINED}
        doing.put_new(Unit, [(f"U-{n:03d}", {**values, "name": f"部署{n}"}) for n in range(count)])


def seqs(response: Any) -> list[int]:
    return [line.leaf.seq for line in response.context["lines"]]


def test_the_newest_line_comes_first_with_who_what_and_why(cast: Cast) -> None:
    add_units(cast.mori.by, 1, "組織改編")
    response = cast.nishi.client.get("/ledger/")
    line = response.context["lines"][0]
    assert line.leaf.seq == Head.objects.get().size - 1
    html = response.content.decode()
    assert all(word in html for word in ("部署0", "森 智子", "save_unit", "組織改編"))


def test_lines_come_in_pages_without_gap_or_double(cast: Cast) -> None:
    add_units(cast.mori.by, 120)
    client, size = cast.nishi.client, Head.objects.get().size
    found: list[int] = []
    query: dict[str, Any] = {}
    while True:
        response = client.get("/ledger/", query)
        found += seqs(response)
        if response.context["more"] is None:
            break
        query = {"before": response.context["more"]}
    assert found == list(range(size - 1, -1, -1))


def test_lines_are_filtered_by_kind_actor_and_act(cast: Cast) -> None:
    add_units(cast.mori.by, 2)
    client = cast.nishi.client
    assert {ln.leaf.kind for ln in client.get("/ledger/", {"kind": "person"}).context["lines"]} == {"person"}
    assert len(client.get("/ledger/", {"by": cast.mori.by}).context["lines"]) == 2
    assert len(client.get("/ledger/", {"by": "森 智子"}).context["lines"]) == 2
    assert len(client.get("/ledger/", {"act": "save_unit"}).context["lines"]) == 2
    assert client.get("/ledger/", {"act": "no_such_act"}).context["lines"] == []
    assert seqs(client.get("/ledger/", {"before": "x"})) == seqs(client.get("/ledger/"))


def test_a_line_shows_its_envelope_its_body_and_a_proof_that_holds(cast: Cast) -> None:
    add_units(cast.mori.by, 300)  # past the first stored node
    for seq in (0, 5, 255, 256, Head.objects.get().size - 1):
        proof = cast.nishi.client.get(f"/ledger/{seq}/").context["proof"]
        assert proof.holds, seq
        assert proof.size == Head.objects.get().size
    html = cast.nishi.client.get(f"/ledger/{Head.objects.get().size - 1}/").content.decode()
    assert "部署299" in html
    assert "内容は記載時のハッシュと一致します" in html


def test_a_line_whose_bytes_were_changed_says_so(cast: Cast) -> None:
    add_units(cast.mori.by, 3)
    version = Version.objects.filter(kind="unit").order_by("-pk")[0]
    from sekisho.ledger import guards
    from sekisho.records.contents import record_tables

    guards.remove(connection, record_tables())
    Version.objects.filter(pk=version.pk).update(body=b'{"name":"\xe5\x81\xbd"}')
    leaf = Leaf.objects.get(version=version)
    response = cast.nishi.client.get(f"/ledger/{leaf.seq}/")
    assert not response.context["proof"].holds
    assert "内容が記載時のハッシュと一致しません" in response.content.decode()
    assert "sekisho ledger verify" in response.content.decode()


def test_a_persons_name_stands_in_the_line_as_a_commitment_alone(cast: Cast) -> None:
    leaf = Leaf.objects.get(kind="person", rec=cast.nishi.key)
    response = cast.mori.client.get(f"/ledger/{leaf.seq}/")
    assert "$c" in response.context["body"]
    assert cast.nishi.name not in response.context["body"]
    assert "個人情報は塩付きハッシュ" in response.content.decode()


def test_a_line_that_is_not_there_is_not_found(cast: Cast) -> None:
    assert cast.nishi.client.get("/ledger/999999/").status_code == 404


def test_lines_about_accounts_are_for_oversight_alone(cast: Cast) -> None:
    with act("account_disabled", cast.kitagawa.by) as doing:
        doing.note("account", doing.id, {"login": "nishi"})
    seq = Head.objects.get().size - 1
    assert cast.nishi.client.get(f"/ledger/{seq}/").status_code == 403
    assert seq not in seqs(cast.nishi.client.get("/ledger/"))
    assert cast.chiba.client.get(f"/ledger/{seq}/").status_code == 200
    assert seq in seqs(cast.chiba.client.get("/ledger/"))


def test_the_checkpoint_is_downloaded_as_signed(cast: Cast) -> None:
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True)[0]
    answer = cast.chiba.client.get(f"/ledger/checkpoint/{size}/")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    _, told, _ = parse_checkpoint(open_note(answer.content.decode(), [Verifier(signer().vkey)]))
    assert told == size
    assert cast.chiba.client.get("/ledger/checkpoint/999999/").status_code == 404


@pytest.mark.parametrize("path", ["/ledger/", "/ledger/0/", "/ledger/checkpoint/1/"])
def test_who_has_not_signed_in_sees_nothing_of_it(cast: Cast, path: str) -> None:
    assert cast.anonymous.get(path).status_code == 302


def test_a_page_of_lines_takes_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    add_units(cast.mori.by, 60)
    client = cast.nishi.client
    client.get("/ledger/")
    with django_assert_max_num_queries(10):
        client.get("/ledger/")


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_ledger_and_a_line_are_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    for path in ("/ledger/", "/ledger/5/"):
        page.goto(f"{live_server.url}{path}")
        assert violations(page, axe_source) == [], path
    assert page.complaints == []  # type: ignore[attr-defined]


def test_on_a_phone_nothing_scrolls_sideways(cast: Cast, live_server: Any, new_context: Any) -> None:
    page = on_phone(come_in(new_context(), live_server, cast.sakura))
    for path in ("/ledger/", "/ledger/5/"):
        page.goto(f"{live_server.url}{path}")
        assert not overflows(page), path
