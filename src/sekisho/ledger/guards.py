"""Triggers: the ledger's rows are never changed, and no record is written without its version.

They hold against raw SQL and `.update()` too. Installed after every migration; `remove` is for tests that empty tables.
"""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = ("ledger_version", "ledger_leaf", "ledger_node", "ledger_checkpoint")

_SQLITE_FROZEN = """CREATE TRIGGER IF NOT EXISTS "{table}_no_{verb}" BEFORE {verb} ON "{table}"
BEGIN SELECT RAISE(ABORT, 'sekisho: {table} is append-only'); END"""

_SQLITE_VERSIONED = """CREATE TRIGGER IF NOT EXISTS "{table}_guard_{verb}" BEFORE {verb} ON "{table}"
WHEN {broken}
BEGIN SELECT RAISE(ABORT, 'sekisho: {table} is written only with its version in the ledger'); END"""

_POSTGRES_FROZEN_FUNCTION = """CREATE OR REPLACE FUNCTION sekisho_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'sekisho: % is append-only', TG_TABLE_NAME; END $$"""

_POSTGRES_VERSIONED_FUNCTION = """CREATE OR REPLACE FUNCTION sekisho_versioned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted_rec text; wanted_ver integer; wanted_ops text[];
BEGIN
  IF TG_OP = 'INSERT' THEN wanted_rec := NEW.key; wanted_ver := NEW.ver; wanted_ops := '{create,update}';
  ELSIF TG_OP = 'UPDATE' THEN wanted_rec := NEW.key; wanted_ver := OLD.ver + 1; wanted_ops := '{create,update}';
    IF NEW.ver <> wanted_ver OR NEW.key <> OLD.key THEN
      RAISE EXCEPTION 'sekisho: % is written only with its version in the ledger', TG_TABLE_NAME; END IF;
  ELSE wanted_rec := OLD.key; wanted_ver := OLD.ver + 1; wanted_ops := '{delete}';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM ledger_version v WHERE v.kind = TG_ARGV[0] AND v.rec = wanted_rec
                 AND v.ver = wanted_ver AND v.op = ANY(wanted_ops)) THEN
    RAISE EXCEPTION 'sekisho: % is written only with its version in the ledger', TG_TABLE_NAME; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$"""

_HAS = """EXISTS (SELECT 1 FROM ledger_version v
WHERE v.kind = '{kind}' AND v.rec = {rec} AND v.ver = {ver} AND v.op {ops})"""


def install(connection: BaseDatabaseWrapper, record_tables: Iterable[tuple[str, str]]) -> None:
    """Create every trigger that is missing. `record_tables` gives (table, kind) pairs."""
    statements = _postgres if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        for statement in statements(record_tables):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, record_tables: Iterable[tuple[str, str]]) -> None:
    """Drop every trigger (test databases only)."""
    on = connection.vendor == "postgresql"
    names = [(t, f"{t}_no_{v}") for t in APPEND_ONLY for v in ("UPDATE", "DELETE", "TRUNCATE")]
    names += [(t, f"{t}_guard_{v}") for t, _ in record_tables for v in ("INSERT", "UPDATE", "DELETE")]
    with connection.cursor() as cursor:
        for table, name in names:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"' + (f' ON "{table}"' if on else ""))


def _sqlite(record_tables: Iterable[tuple[str, str]]) -> Iterable[str]:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            yield _SQLITE_FROZEN.format(table=table, verb=verb)
    for table, kind in record_tables:
        written = "IN ('create', 'update')"
        new = _HAS.format(kind=kind, rec="NEW.key", ver="NEW.ver", ops=written)
        gone = _HAS.format(kind=kind, rec="OLD.key", ver="OLD.ver + 1", ops="= 'delete'")
        broken = {
            "INSERT": f"NOT {new}",
            "UPDATE": f"NEW.ver <> OLD.ver + 1 OR NEW.key <> OLD.key OR NOT {new}",
            "DELETE": f"NOT {gone}",
        }
        for verb, condition in broken.items():
            yield _SQLITE_VERSIONED.format(table=table, verb=verb, broken=condition)


def _postgres(record_tables: Iterable[tuple[str, str]]) -> Iterable[str]:
    yield _POSTGRES_FROZEN_FUNCTION
    yield _POSTGRES_VERSIONED_FUNCTION
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            yield (
                f'CREATE OR REPLACE TRIGGER "{table}_no_{verb}" BEFORE {verb} ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION sekisho_append_only()"
            )
        yield (
            f'CREATE OR REPLACE TRIGGER "{table}_no_TRUNCATE" BEFORE TRUNCATE ON "{table}" '
            "EXECUTE FUNCTION sekisho_append_only()"
        )
    for table, kind in record_tables:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            yield (
                f'CREATE OR REPLACE TRIGGER "{table}_guard_{verb}" BEFORE {verb} ON "{table}" '
                f"FOR EACH ROW EXECUTE FUNCTION sekisho_versioned('{kind}')"
            )
