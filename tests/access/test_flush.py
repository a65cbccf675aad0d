"""The fixtures themselves: a test that commits leaves nothing to the next, and the guards stand again."""

import pytest
from django.db import DatabaseError, connection

from sekisho.records.models import Person


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_starts_with_an_empty_ledger(turn, transactional_db):
    from tests.cast import write_cast

    assert not Person.objects.exists()
    write_cast()
    with pytest.raises(DatabaseError, match="only with its version"), connection.cursor() as cursor:
        cursor.execute("update records_person set notes = 'x'")
