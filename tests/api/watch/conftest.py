import pytest

from tests.api.watch.running import running


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    """A server for the module's tests; each uses senders or users of its own."""
    with running(tmp_path_factory.mktemp("home")) as found:
        yield found
