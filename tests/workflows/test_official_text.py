"""The official text: each edition kept for good, the newest in use, each import a line in the ledger."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.access.rights import Refused, operator_actor
from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.ledger import evidence
from sekisho.ledger.models import Head, Version
from sekisho.rulebook.official import Edition, OfficialTextError, Part
from sekisho.workflows import official_text
from sekisho.workflows.official_text import concerned, current, edition_of, import_text, imports

OPERATOR = operator_actor("test")
RULE = """気球の係留に関する規則
(2019年4月1日 制定)
(2024年2月9日 一部改正)
第1条
本規則は、気球の係留について定める。
第2条
係留とは、気球を柱につなぐことをいう。
第3条
組合員は、柱を備える。
第4条
組合員は、見張りを置く。
第5条
組合員は、夜に灯をともす。
第6条
係留長は、綱を点検する。
第7条
組合員は、柱ごとに係留長を置く。
2 係留長は、綱を点検する。
3 係留長は、問題を直ちに報告する。
"""


@pytest.fixture
def rule(tmp_path, settings):
    settings.SEKISHO_HOME = str(tmp_path / "home")
    path = tmp_path / "rule.txt"
    path.write_text(RULE, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_an_import_is_kept_with_its_line(rule):
    assert current() is None
    done = import_text(OPERATOR, rule, "初回")
    assert (done.is_new, done.before, done.changes) == (True, None, ())
    assert "8-1" in done.lacking
    assert "7-1" not in done.lacking
    assert current() == done.edition
    (told,) = imports()
    assert (told.by, told.file, told.title) == ("operator:test", "rule.txt", "気球の係留に関する規則")
    assert told.amended_on == done.edition.amended_on
    assert Version.objects.get(kind="official_text").reason == "初回"


@pytest.mark.django_db
def test_the_same_again_leaves_no_line(rule):
    import_text(OPERATOR, rule)
    lines = Version.objects.count()
    assert not import_text(OPERATOR, rule).is_new
    assert Version.objects.count() == lines


@pytest.mark.django_db
def test_a_new_edition_is_in_use_and_the_old_one_stays(rule):
    first = import_text(OPERATOR, rule)
    size = Head.objects.get(pk=1).size
    rule.write_text(RULE.replace("直ちに", "翌日までに"), encoding="utf-8")
    with clock.standing_at(datetime(2030, 1, 1, tzinfo=clock.JAPAN)):
        second = import_text(OPERATOR, rule)
    assert [(c.citation, c.kind) for c in second.changes] == [("7-3", "changed")]
    assert current() == second.edition
    assert current(size) == first.edition
    assert current(0) is None
    rule.write_text(RULE, encoding="utf-8")
    assert import_text(OPERATOR, rule).is_new
    assert len(imports()) == 3


@pytest.mark.django_db
def test_a_change_names_the_clauses_to_look_at(rule):
    import_text(OPERATOR, rule)
    rule.write_text(RULE.replace("直ちに", "翌日までに").replace("夜に灯", "昼も灯"), encoding="utf-8")
    changed = import_text(OPERATOR, rule).changes
    named = {change.citation: [c.citation for c in ours] for change, ours in concerned(changed)}
    assert named == {"5": ["5-1", "5-2"], "7-3": ["7-3"]}


@pytest.mark.django_db
def test_a_kept_edition_that_was_tampered_with_is_refused(rule, settings):
    import_text(OPERATOR, rule)
    (sha256,) = {told.sha256 for told in imports()}
    path = evidence._path(sha256)
    path.write_bytes(path.read_bytes().replace("直ちに".encode(), "やがて".encode()))
    edition_of.cache_clear()
    with pytest.raises(Exception, match="no longer what was kept"):
        current()
    path.unlink()
    with pytest.raises(NotFound):
        current()


@pytest.mark.django_db
def test_who_may(cast, rule):
    with pytest.raises(Refused):
        import_text(cast.nishi.actor, rule)
    assert import_text(cast.mori.actor, rule).is_new


@pytest.mark.django_db
def test_what_is_no_rule_leaves_nothing(rule):
    rule.write_text("milk", encoding="utf-8")
    with pytest.raises(OfficialTextError):
        import_text(OPERATOR, rule)
    assert not Version.objects.exists()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PARTS = st.lists(
    st.builds(Part, TEXTS, st.sampled_from(["article", "item"]), TEXTS, TEXTS, TEXTS), max_size=3
).map(tuple)


@given(
    st.builds(
        Edition,
        TEXTS,
        st.none() | st.dates(),
        st.lists(st.dates(), max_size=2).map(tuple),
        PARTS,
        PARTS,
        TEXTS,
    )
)
def test_an_edition_is_kept_as_it_is(edition):
    assert official_text._from_bytes(official_text._to_bytes(edition)) == edition
