"""The front door of the command line: its list, its languages, and words that it does not know."""

import subprocess
import sys
import warnings

import pytest

from sekisho import __version__
from sekisho.cli.main import COMMANDS, main
from sekisho.watch.judge import NOTICE, SlowKernel
from tests.cli.running import PROGRAM, complaint, environment, sekisho


def test_the_list_of_commands_comes_without_django_and_polars(tmp_path):
    words = (sys.executable, "-X", "importtime", PROGRAM, "--help")
    told = subprocess.run(words, env=environment(tmp_path), capture_output=True, text=True, check=True)
    assert all(name in told.stdout for name in COMMANDS)
    assert not {"django", "polars", "pydantic"} & {
        line.rpartition("|")[2].strip() for line in told.stderr.splitlines()
    }


def test_without_a_word_it_shows_what_there_is(tmp_path):
    done = sekisho(tmp_path)
    assert (done.returncode, "assess" in done.stdout) == (0, True)


def test_the_version(tmp_path):
    assert sekisho(tmp_path, "--version").stdout == f"sekisho {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(here, command):
    done = here(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"sekisho {command}" in done.out


def test_help_is_in_the_readers_language(tmp_path):
    ja, en = (sekisho(tmp_path, "load", "--help", "--language", language).stdout for language in ("ja", "en"))
    assert "取り込む" in ja
    assert all(ord(c) < 0x3000 for c in en)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope",), "nope"),
        (("asess",), "'assess'?"),
        (("kinds", "--nope"), "--nope"),
        (("load",), "FILE.xlsx"),
        (("kinds", "--format", "xml"), "'xml'"),
        (("kinds", "--format"), "--format"),
        (("rulebook",), "sekisho rulebook --help"),
        (("rulebook", "nope"), "nope"),
        (("serve", "--port", "99999"), "--port"),
        (("--language", "fr", "kinds"), "fr"),
        (("list", "nope"), "nope"),
        (("kinds", "nope"), "nope"),
        (("load", "x.csv", "--kind", "nope"), "nope"),
        (("assess", "--clause", "99-9"), "99-9"),
        (("assess", "--on", "2026-02-30"), "2026-02-30"),
        (("assess", "--on", "20260230"), "20260230"),
        (("assess", "--known-at", "soon"), "soon"),
        (("list", "unit", "--on", "today"), "today"),
    ],
)
def test_words_that_mean_nothing_are_told_in_one_line(here, words, said):
    assert said in here(*words).complaint
    assert said in here(*words, language="en").complaint


def test_settings_that_cannot_be_read_are_told(tmp_path):
    assert "SEKISHO_" in complaint(sekisho(tmp_path, "kinds", SEKISHO_DATABASE="postgresql://h:port/x"))


def test_a_reader_that_goes_away_is_no_error(bare):
    """What is said is more than this pipe is made to hold."""
    words = [str(PROGRAM), "kinds", "--format", "json"]
    with subprocess.Popen(
        words, env=environment(bare), stdout=subprocess.PIPE, stderr=subprocess.PIPE, pipesize=4096
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 141


def test_output_that_cannot_be_written_is_an_error(bare):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [PROGRAM, "kinds"],
            env=environment(bare),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_warning_of_ours_is_one_line_in_the_reader_s_language(monkeypatch, capsys):
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(sys, "argv", ["sekisho", "--version", "--language", "ja"])
    with pytest.raises(SystemExit):
        main()
    warnings.showwarning(SlowKernel(NOTICE), SlowKernel, "judge.py", 1)
    warnings.showwarning("something", UserWarning, "other.py", 2)
    assert capsys.readouterr().err == f"sekisho: {NOTICE.ja}\nsekisho: other.py:2: something\n"
