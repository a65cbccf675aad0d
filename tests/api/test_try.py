from tests.api.calling import token_of, service, Caller


def test_try(cast):
    sakura = token_of(cast.sakura)
    for key in ("0", "x\x7f", "\x7f", "\u0085"):
        a = sakura.post(
            "approvals",
            {
                "draft": False,
                "key": key,
                "kind": "tolerance",
                "op": "write",
                "reason": "",
                "values": {"from_on": "2000-01-01", "limit": "0", "value": 0},
                "version": None,
            },
        )
        print(a.status, a.raw.decode())
