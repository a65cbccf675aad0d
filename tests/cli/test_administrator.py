"""`sekisho administrator`: how an installation begins. The password comes by standard input, never as an argument."""

import io

import pytest

from sekisho.access.models import Account

pytestmark = pytest.mark.django_db
PASSWORD = "柳の下に猫が二匹 twice"


@pytest.fixture
def made(here, monkeypatch):
    """Run the command with a password on standard input."""

    def make(*words, password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n" if password else ""))
        return here("administrator", *words)

    return make


def test_the_first_administrator_and_no_second_by_accident(made):
    assert made("kitagawa").code == 0
    account = Account.objects.get(login="kitagawa")
    assert account.administers
    assert account.check_password(PASSWORD)
    assert "--another" in made("other").complaint
    assert made("other", "--another").code == 0


@pytest.mark.parametrize(
    ("words", "password"),
    [
        (("kitagawa",), "12345678"),
        (("kitagawa",), ""),
        (("No Login!",), PASSWORD),
        (("kitagawa", "--person", "P-9"), PASSWORD),
    ],
)
def test_what_makes_no_administrator(made, words, password):
    assert made(*words, password=password).complaint
    assert not Account.objects.exists()
