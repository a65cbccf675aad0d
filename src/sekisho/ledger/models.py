"""The ledger's tables. All but `Head`, `Pending` and `Personal` are append-only by trigger (see guards.py)."""

from django.db import models


class Version(models.Model):
    """One record as it was written at one moment: the exact canonical bytes, and who wrote them in which act."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    rec = models.CharField(max_length=64)
    ver = models.PositiveIntegerField()
    op = models.CharField(max_length=6)  # create, update, delete, note
    act = models.CharField(max_length=26)
    act_name = models.CharField(max_length=60)
    by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    body = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "rec", "ver"), name="ledger_version_once"),)
        indexes = (models.Index(fields=("act",), name="ledger_version_act"),)


class Leaf(models.Model):
    """A version's place in the one order of all versions. `seq` counts from 0 without a gap; `at` never goes back."""

    seq = models.BigIntegerField(primary_key=True)
    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="leaf")
    kind = models.CharField(max_length=40)
    rec = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = (
            models.Index(fields=("kind", "rec", "seq"), name="ledger_leaf_as_of"),
            models.Index(fields=("kind", "seq"), name="ledger_leaf_last_change"),
        )


class Node(models.Model):
    """The root of a full, aligned subtree of 2**level leaves (levels 8, 16, 24 ...): what proofs are made from."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("level", "index"), name="ledger_node_once"),)


class Checkpoint(models.Model):
    """A signed statement of the tree's size and root (C2SP tlog-checkpoint in a C2SP signed note, Ed25519)."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()
    at = models.DateTimeField()


class Head(models.Model):
    """The sequencer's working state, one row: a cache that verification rebuilds and compares."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField()
    frontier = models.BinaryField()
    at = models.DateTimeField()


class Pending(models.Model):
    """Versions that wait for their place (PostgreSQL only); the sequencer empties it."""

    version = models.OneToOneField(Version, on_delete=models.PROTECT, primary_key=True, related_name="+")


class Personal(models.Model):
    """A personal value and its salt, by commitment: the only data of the ledger that can be erased."""

    commitment = models.CharField(max_length=44, primary_key=True)  # base64 of SHA-256(salt || value)
    salt = models.BinaryField(max_length=32)
    value = models.TextField()
