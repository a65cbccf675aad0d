from django.test import Client


def test_the_cast_stands(cast):
    assert cast.kamiya.actor.roles == {"representative_director"}
    assert isinstance(cast.aoki.client, Client)
    assert not cast.kyuda.actor.works_here
