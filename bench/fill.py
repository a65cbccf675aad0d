"""Fill SEKISHO_HOME with the sample member at a scale: `python -m bench.fill SCALE`."""

import sys

import django


def main(scale: int) -> None:
    django.setup()
    from django.core.management import call_command

    from sekisho.ledger.keys import ensure_key
    from sekisho.sample import fill

    call_command("migrate", verbosity=0)
    ensure_key()
    fill(scale)


if __name__ == "__main__":
    main(int(sys.argv[1]))
