"""Three years of the sample member's life, as events in time. Each event is an act that a user could do.

Offsets count back from today, so that the member always shows the same state: mostly in order, with something to see
under every verdict, and something that lapses within 30 and 90 days.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from sekisho.sample.cast import Cast
from sekisho.sample.story.audits import Audits
from sekisho.sample.story.beginning import Beginning
from sekisho.sample.story.clouds import Clouds
from sekisho.sample.story.configuration import Configuration
from sekisho.sample.story.cybersecurity import Cybersecurity
from sekisho.sample.story.defence import Defence
from sekisho.sample.story.duty import Duty
from sekisho.sample.story.exposure import Exposure
from sekisho.sample.story.incidents import Incidents
from sekisho.sample.story.integration import Integration
from sekisho.sample.story.lately import Lately
from sekisho.sample.story.maintenance import Maintained
from sekisho.sample.story.months import Months
from sekisho.sample.story.people import People
from sekisho.sample.story.projects import Projects
from sekisho.sample.story.quality import Quality
from sekisho.sample.story.releases import Releases
from sekisho.sample.story.risks import Risks
from sekisho.sample.story.vendors import Vendors
from sekisho.sample.story.watch import Watch
from sekisho.sample.story.words import Event
from sekisho.sample.story.years import Years

__all__ = ["Event", "story"]


class _Story(
    Watch,
    Integration,
    Quality,
    Releases,
    People,
    Projects,
    Exposure,
    Defence,
    Cybersecurity,
    Duty,
    Maintained,
    Configuration,
    Vendors,
    Audits,
    Clouds,
    Lately,
    Incidents,
    Risks,
    Years,
    Months,
    Beginning,
):
    """The chapters as one: they share the cast, and their chance in this order."""


def story(cast: Cast, chance: random.Random) -> Iterator[Event]:
    """Every event, in no particular order."""
    told = _Story(cast, chance)
    for chapter in (
        told.beginning,
        told.months,
        told.years,
        told.risks,
        told.incidents,
        told.learning,
        told.lately,
        told.clouds,
        told.audits,
        told.vendors,
        told.configuration,
        told.maintenance,
        told.cybersecurity,
        told.duty,
        told.defence,
        told.exposure,
        told.projects,
        told.people,
        told.releases,
        told.quality,
        told.integration,
        told.watch,
    ):
        yield from chapter()
