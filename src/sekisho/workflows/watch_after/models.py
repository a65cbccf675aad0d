"""The tables of what comes by the thousand: no records, for an attack must not write the ledger full.

Whatever a person decides about them leaves its line in the ledger; their numbers stand in alerts and block lists.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from sekisho.kernel import clock

NAME = 128  # as long as a user's id, a device or a source may be (watch.events)
DIGEST = 64


class Position(models.Model):
    """How far the log of the watch has been acted on; moved in the transaction that acts. One row."""

    name = models.CharField(max_length=40, primary_key=True)
    at: models.JSONField[Any, Any] = models.JSONField(null=True)
    frames = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class Heard(models.Model):
    """When a source, and a channel of it, was last heard, and how often in all."""

    source = models.CharField(max_length=NAME)
    channel = models.CharField(max_length=64, default="")
    last_at = models.DateTimeField()
    events = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "channel"), name="heard_once"),)

    def __str__(self) -> str:
        return f"{self.source} {self.channel} {self.last_at}"


class Episode(models.Model):
    """What one rule found about one key within a while: one alert, however many events.

    `group` is the key, or '*' for all further keys where a rule finds too many at once. `written` is how many events
    the alert's record tells of.
    """

    rule = models.CharField(max_length=64)
    group = models.CharField(max_length=300)
    source = models.CharField(max_length=NAME)
    alert = models.CharField(max_length=64, default="")
    incident = models.CharField(max_length=64, default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    events = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    written_at = models.DateTimeField(null=True)
    closed = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=("closed", "rule", "group"), name="episode_open"),)

    def __str__(self) -> str:
        return f"{self.rule} {self.group} {self.events}"


class Block(models.Model):
    """An address, or a network, on the block list from an instant until another, or until somebody lifts it."""

    address = models.CharField(max_length=64)
    rule = models.CharField(max_length=64)
    source = models.CharField(max_length=NAME, default="")
    alert = models.CharField(max_length=64, default="")
    by = models.CharField(max_length=100)
    reason = models.CharField(max_length=500, default="")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    hits = models.BigIntegerField(default=1)
    enforced_at = models.DateTimeField(null=True)  # when a device first fetched the list with it
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=100, default="")
    changed_at = models.DateTimeField(
        default=clock.now
    )  # when it was made, made longer or lifted: for who reads changes

    class Meta:
        indexes = (
            models.Index(fields=("address", "until_at"), name="block_address"),
            models.Index(fields=("until_at",), name="block_until"),
            models.Index(fields=("changed_at",), name="block_changed"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.rule}"


class BlockReader(models.Model):
    """Who fetches the block list: a device that enforces it, by the name of its token."""

    name = models.CharField(max_length=100, primary_key=True)
    fetched_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # up to which change it has been told (CrowdSec's stream)

    def __str__(self) -> str:
        return self.name


class Warned(models.Model):
    """A user who is told of something at once, and what the user answered."""

    MINE, NOT_MINE = "mine", "not_mine"

    user = models.CharField(max_length=NAME, db_index=True)
    rules: models.JSONField[Any, Any] = models.JSONField()
    source = models.CharField(max_length=NAME)
    seq = models.BigIntegerField()
    action = models.CharField(max_length=10)
    facts: models.JSONField[Any, Any] = models.JSONField()  # what the notice says of the event
    alert = models.CharField(max_length=64, default="", db_index=True)
    detected_at = models.DateTimeField(db_index=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=20, default="")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "seq"), name="warned_once"),)

    def __str__(self) -> str:
        return f"{self.user} {self.detected_at}"


class Link(models.Model):
    """A 'was this you?' link that was sent: only the digest of its token. Each try to send has one of its own."""

    digest = models.CharField(max_length=DIGEST, primary_key=True)
    warned = models.ForeignKey(Warned, models.CASCADE, related_name="links")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:8]


class Outgoing(models.Model):
    """Something to be told to the outside: written with what it tells of, sent afterwards, again until it is taken."""

    WARNING, ANSWER = "warning", "answer"
    WEBHOOK, MAIL = "webhook", "mail"

    id = models.CharField(max_length=26, primary_key=True)
    what = models.CharField(max_length=10)
    way = models.CharField(max_length=10)
    warned = models.ForeignKey(Warned, models.CASCADE, null=True)
    held = models.CharField(max_length=64, default="")  # key of a held withdrawal
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, db_index=True)  # None: sent, or given up
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="")

    def __str__(self) -> str:
        return f"{self.what} {self.way} {self.id}"


class Frozen(models.Model):
    """A user whose account the watch treats as frozen, until a person lifts it."""

    user = models.CharField(max_length=NAME, db_index=True)
    from_at = models.DateTimeField()
    by = models.CharField(max_length=100)
    warned = models.ForeignKey(Warned, models.SET_NULL, null=True)
    thawed_at = models.DateTimeField(null=True)
    thawed_by = models.CharField(max_length=100, default="")
    reason = models.CharField(max_length=500, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=models.Q(thawed_at=None), name="frozen_once"),
        )

    def __str__(self) -> str:
        return self.user
