"""The shapes of the watch: what is held, blocked, frozen, and counted as a false alarm."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sekisho.api.shapes import STRICT, DateTime
from sekisho.api.types import REASON_LENGTH, Instant

GivenReason = Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
User = Annotated[str, Field(min_length=1, max_length=128)]


class Because(BaseModel):
    """Why somebody decides so."""

    model_config = STRICT
    reason: GivenReason


class Blocking(BaseModel):
    """An address or a network to block until an instant."""

    model_config = STRICT
    address: Annotated[str, Field(min_length=1, max_length=64)]
    until_at: Instant
    reason: GivenReason


class Freezing(BaseModel):
    """A user to freeze, or to free."""

    model_config = STRICT
    user: User
    reason: GivenReason


class Lister(BaseModel):
    """Which form the block list is to have."""

    form: Literal["json", "plain", "nftables"] = "json"


class BlockTold(BaseModel):
    id: int
    address: str
    rule: str
    source: str | None
    alert: str | None
    by: str
    reason: str | None
    hits: int
    from_at: DateTime
    until_at: DateTime
    lifted_at: DateTime | None
    lifted_by: str | None


class BlocksTold(BaseModel):
    at: DateTime
    items: list[BlockTold]


class HeldTold(BaseModel):
    """A withdrawal in the queue; `seconds_left` is below nothing where its time limit is past."""

    key: str
    version: int
    event: str
    user: str | None
    asset: str | None
    amount: str | None
    address: str | None
    rules: list[str]
    held_at: DateTime
    due_at: DateTime | None
    seconds_left: int | None
    asked_by: str | None
    first_by: str | None


class QueueTold(BaseModel):
    at: DateTime
    items: list[HeldTold]


class HeldState(BaseModel):
    """What became of a held withdrawal by the act."""

    key: str
    version: int
    state: Literal["held", "released", "refused"]
    asked_by: str | None
    first_by: str | None
    decided_by: str | None
    decided_at: DateTime | None


class FrozenUser(BaseModel):
    user: str | None = Field(description="権限がない場合は null / null for who may not see it")
    from_at: DateTime
    by: str
    thawed_at: DateTime | None


class FrozenTold(BaseModel):
    items: list[FrozenUser]


class FalseAlarms(BaseModel):
    """One rule's alerts and how many of them were false alarms; what users answered to 'was this you?'."""

    rule: str
    alerts: int
    events: int
    false_alarms: int
    false_events: int
    answered_mine: int
    answered_not_mine: int


class FalseAlarmsTold(BaseModel):
    items: list[FalseAlarms]


class Marked(BaseModel):
    key: str
    version: int
    decision: Literal["false_alarm"]
