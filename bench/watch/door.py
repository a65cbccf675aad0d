"""The watch's door alone, without Django and its database: `python -m bench.watch.door HOME PORT SOCKET RULES [PACE]`.

For measurements and for what kills it. The token is the service's name. It says "ready" when it answers. The pace
`quick` makes small segments and a snapshot every few events.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sekisho.api.errors import BadToken
from sekisho.api.watch import serving
from sekisho.watch.language import compile_rules


class ByName:
    """Who calls: whoever the token names, without being asked for more."""

    def known(self, authorization: bytes) -> str | None:
        name = authorization.removeprefix(b"Bearer ").decode()
        if not name:
            raise BadToken
        return name

    async def source(self, authorization: bytes) -> str:
        raise BadToken


PACES = {
    "usual": serving.Pace(),
    "quick": serving.Pace(turn=0.01, snapshot=60, snapshot_bytes=20_000, segment=30_000),
}


def main(home: Path, port: int, path: Path, rules: Path, pace: str = "usual") -> None:
    program = compile_rules(rules.read_text(encoding="utf-8"), rules.stem)
    tcp = serving.listen("127.0.0.1", port) if port else None
    local = serving.listen_locally(path)
    service = serving.Service(home, lambda: serving.InForce(program, {}), ByName(), pace=PACES[pace])
    print("ready", flush=True)
    serving.run(service, tcp=tcp, local=local)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), *sys.argv[5:])
