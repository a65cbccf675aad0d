"""The watch at work: every event judged once, remembered across crashes, and on disk before it is answered.

Four things are kept under `home/watch`: the log of what was judged (`log`), snapshots of the whole state
(`snapshots`), sealed parts of the log (`kept`), and what the named lists held when (`lists`). A start takes the newest
snapshot and replays the log behind it. Where the rules are others than the snapshot's, their state is built anew from
what is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import structlog

from sekisho.kernel.texts import Text
from sekisho.watch import frames, history, listings, log, saved, segments, snapshots
from sekisho.watch.decision import Decision
from sekisho.watch.events import BadEvent, Event
from sekisho.watch.judge import Kernel, make_kernel
from sekisho.watch.lists import Listed
from sekisho.watch.program import Action, Op, Program
from sekisho.watch.repeats import Repeats, Seen

LATE: Final = 10 * 60_000  # ms behind the newest judged
AHEAD: Final = 2 * 60_000  # ms ahead of this machine's clock
_AT_ONCE = 2_000  # events that are caught up while no other thread has its turn: 2 ms
_FOREVER = (Op.SPEED, Op.DORMANT, Op.REGISTERED, Op.RISK)  # steps whose memory no window ends
_log = structlog.get_logger(__name__)

Lists = Mapping[str, Listed]


class Late(BadEvent):
    """Data: behind_ms."""

    code = "late"
    text = Text(
        "ts が最新のイベントより {behind_ms} ミリ秒古く、順序どおりに判定できません（許容は 10 分）。"
        "送信側の遅延と時計を確認してください。",
        "ts is {behind_ms} ms behind the newest event, too late to be judged in order (10 minutes are allowed). "
        "Check the sender's queue and its clock.",
    )


class Ahead(BadEvent):
    """Data: ahead_ms."""

    code = "ahead"
    text = Text(
        "ts がこのサーバーの時計より {ahead_ms} ミリ秒進んでいます（許容は 2 分）。送信側の時計を合わせてください。",
        "ts is {ahead_ms} ms ahead of this machine's clock (2 minutes are allowed). Set the sender's clock.",
    )


class TooOld(BadEvent):
    """Data: highest."""

    code = "too_old"
    text = Text(
        "seq が最新（{highest}）より 100 万以上小さく、再送かどうかを判断できません。新しい seq で送ってください。",
        "seq is more than a million below the newest ({highest}): nobody can tell whether it is a repeat. "
        "Send it with a new seq.",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered for an event. `decision` is None for a repeat of which the decision is no longer kept.

    It may be given once the log is on disk up to `position`; 0: once it is written (`Log.write`).
    """

    seq: int
    decision: Decision | None
    repeated: bool
    position: int = 0


@dataclass(slots=True)
class Judge:
    """A program at work: its kernel, and what its hits mean. `position` is how far it read the log."""

    program: Program
    kernel: Kernel
    position: int

    @property
    def mark(self) -> bytes:
        return saved.mark("compiled" if self.kernel.compiled else "python", self.program)


def _wall() -> int:
    return time.time_ns() // 1_000_000


class Engine:
    """One process has it; `judge`, `adopt` and `snapshot` are for one thread of it."""

    def __init__(
        self,
        home: Path,
        program: Program,
        lists: Lists | None = None,
        *,
        clock: Callable[[], int] = _wall,
        segment: int = log.SEGMENT,
    ) -> None:
        """Recover the state. Raises LogDamaged, LogInUse."""
        self.home = home
        self.clock = clock
        self._folder = history.snapshot_folder(home)
        self.log = log.Log(history.log_folder(home), segment=segment)
        self._listings = listings.Listings(home, self.log.position)
        self.repeats = Repeats()
        self.received_at = 0  # of the newest judged event
        self._writer = frames.Writer()
        self._child = 0
        try:
            snapshots.tidy(self._folder)
            self._recover(program, lists)
            if lists is not None:
                self.relist(lists)
        except BaseException:
            self.log.close()
            raise
        self._snapshot_at = self._judge.position

    @property
    def program(self) -> Program:
        return self._judge.program

    @property
    def kernel(self) -> Kernel:
        return self._judge.kernel

    # --- judging --------------------------------------------------------------------------------------------

    def decide(self, source: str, event: Event) -> Answer:
        """Judge one event and wait until the answer may be given. Raises Late, Ahead, TooOld, LogUnwritable."""
        answer = self.judge(source, event)
        if answer.position:
            self.log.wait(answer.position)
        else:
            self.log.write()
        return answer

    def judge(self, source: str, event: Event) -> Answer:
        """Judge one event; `Answer` says when it may be given.

        A repeat is not judged again. Raises Late, Ahead, TooOld, LogUnwritable.
        """
        seen = self.repeats.ask(source, event.seq)
        if seen is not Seen.NEW:
            return self._again(source, event.seq, seen)
        kernel, now = self._judge.kernel, self.clock()
        if event.ts < kernel.newest - LATE:
            raise Late(behind_ms=kernel.newest - event.ts)
        if event.ts > now + AHEAD:
            raise Ahead(ahead_ms=event.ts - now)
        if self.log.error is not None:  # nothing is judged that could not be remembered
            raise self.log.error
        decision = kernel.decisions.of(kernel.decide(event))
        self.repeats.mark(source, event.seq, decision)
        position = self.log.append(self._writer.payload(now, source, event, decision))
        self.received_at = now
        waits = decision.action is not Action.ALLOW or event.typ == "withdraw"
        return Answer(event.seq, decision, False, position if waits else 0)

    def _again(self, source: str, seq: int, seen: Seen) -> Answer:
        if seen is Seen.TOO_OLD:
            raise TooOld(highest=self.repeats.windows[source].highest)
        return Answer(seq, self.repeats.answer(source, seq), True, self.log.position)

    # --- other rules ----------------------------------------------------------------------------------------

    def prepare(self, program: Program, lists: Lists | None = None) -> Judge:
        """A judge of other rules (or with other lists), its state built from what is kept.

        For a thread of its own: judging by the rules in force goes on. Then `adopt` it.
        """
        self.log.flush()
        judge = _fresh(program, lists)
        self._catch_up(judge, self.log.synced, _since(program, self.kernel.newest))
        return judge

    def adopt(self, judge: Judge) -> None:
        """From the next event on, judge by these rules. What came since they were prepared is caught up first."""
        self.log.flush()
        self._catch_up(judge, self.log.position, _since(judge.program, self.kernel.newest))
        self._judge = judge

    def changed(self, lists: Lists) -> listings.Change | None:
        """What is another with these lists, None where nothing is; from any thread."""
        return self._listings.change(lists)

    def relist(self, lists: Lists, change: listings.Change | None = None) -> None:
        """The lists have other entries from the next event on; what they hold stands beside the log.

        `change`: as `changed` told, where it was asked.
        """
        change = change or self.changed(lists)
        if change is not None:
            self._listings.keep(change, self.log.position, self.clock())
        self.kernel.lists.update(lists)

    def forget_lists(self, before_ms: int) -> int:
        """What the lists held before a time (ms) is no longer told; from any thread. Answers how many changes go."""
        return self._listings.forget(before_ms)

    def _catch_up(self, judge: Judge, end: int, since_ms: int) -> None:
        held = dict(judge.kernel.lists)
        for begin, stop, others in self._spans(judge, end):
            judge.kernel.lists.update(others or {})
            for _, table in history.tables(self.home, since_ms, begin, stop):
                _feed(judge.kernel, table)
        judge.kernel.lists.update(held)
        judge.position = end

    def _spans(self, judge: Judge, end: int) -> Iterable[tuple[int, int, Lists | None]]:
        """Where the lists have a part in what is remembered, each part of the log is read with those it had."""
        if _remembers_lists(judge.program):
            return listings.Replayed(self.home).spans(judge.position, end)
        return [(judge.position, end, None)]

    # --- snapshots and recovery -----------------------------------------------------------------------------

    def snapshot(self, *, apart: bool = False) -> None:
        """Keep the whole state; `apart`: from a child process, so that judging does not wait (see `reap`)."""
        self.log.flush()  # a snapshot never knows more than the log
        self._snapshot_at = self.log.position
        if not apart:
            snapshots.write(self._folder, self._state())
        elif not self._child:
            self._child = snapshots.write_apart(self._folder, self._state)

    def reap(self) -> bool | None:
        """Whether the snapshot that was begun apart is written; None where it is not known yet, or none was begun."""
        if not self._child:
            return None
        done = snapshots.done(self._child)
        if done is not None:
            self._child = 0
            if not done:
                _log.error("snapshot failed", position=self._snapshot_at)
        return done

    @property
    def since_snapshot(self) -> int:
        """Bytes of the log that a start would replay."""
        return self.log.position - self._snapshot_at

    def close(self) -> None:
        """Write what is left, keep the state, let go of the log."""
        if self.log.error is None:
            self.snapshot()
        self.log.close()

    def _state(self) -> snapshots.Snapshot:
        parts = {
            "kernel": self._judge.kernel.save(),
            "repeats": self.repeats.save(),
            "received_at": self.received_at,
            "newest": self.kernel.newest,
        }
        return snapshots.Snapshot(self._judge.mark, self.log.position, parts)

    def _recover(self, program: Program, lists: Lists | None) -> None:
        found = snapshots.newest(self._folder)
        position = found.position if found else 0
        if position > self.log.position:
            raise segments.LogDamaged(
                file=self.log.folder, offset=self.log.position, why=f"a snapshot knows it up to {position}"
            )
        if found:
            self.repeats.load(found.parts["repeats"])
            self.received_at = found.parts["received_at"]
        self._judge = _fresh(program, lists)
        whole = (
            found is None and segments.segments(self.log.folder)[0].start == 0
        )  # the log has all there ever was
        taken = whole or (found is not None and self._take(found))
        newest = self._replay(position, judging=taken)
        if not taken:
            self._rebuild(max(newest, found.parts["newest"] if found else 0))
        self._judge.position = self.log.position

    def _take(self, found: snapshots.Snapshot) -> bool:
        """Whether the snapshot's state is one of these rules and this kernel."""
        if found.mark != self._judge.mark:
            return False
        try:
            self.kernel.load(found.parts["kernel"])
        except saved.Unusable as error:
            _log.warning("the snapshot's state cannot be used", why=str(error))
            return False
        return True

    def _rebuild(self, newest: int) -> None:
        """The rules (or the kernel) are others than those of the snapshot."""
        since = _since(self.program, newest)
        self._catch_up(self._judge, self.log.position, since)
        _log.warning(
            "the state was built anew from the kept log: no snapshot is of these rules",
            rules=self.program.name, since_ms=since, judged=self.kernel.judged,
        )  # fmt: skip

    def _replay(self, position: int, *, judging: bool) -> int:
        """The log behind the snapshot: what came is known, and judged where the snapshot's state is in use.

        Answers the newest ts in it.
        """
        decide, reader, newest = self.kernel.decide, frames.Reader(self.program), 0
        held, were = dict(self.kernel.lists), listings.Replayed(self.home)
        for reached, payload in segments.read(self.log.folder, position):
            frame = frames.decode(payload)
            if judging:
                if others := were.at(reached):
                    self.kernel.lists.update(others)
                decide(frame.event)
            self.repeats.mark(frame.source, frame.event.seq, reader.decision(frame))
            self.received_at = frame.at
            newest = max(newest, frame.event.ts)
        self.kernel.lists.update(held)
        return newest


def _feed(kernel: Kernel, table: pl.DataFrame) -> None:
    for part in table.iter_slices(_AT_ONCE):
        fed = kernel.feed_frame(part)
        if fed.bad:
            _log.error("events of the kept log are no events any more", number=len(fed.bad))


def _remembers_lists(program: Program) -> bool:
    """Whether a step rests on whether something is in a list: else lists decide, and change no state."""
    first = len(program.conditions)
    asked = {first + place for place, step in enumerate(program.steps) if step.op is Op.IN_LIST}
    return any(asked & set(step.inputs) for step in program.steps)


def _fresh(program: Program, lists: Lists | None) -> Judge:
    return Judge(program, make_kernel(program, lists), 0)


def _since(program: Program, newest: int) -> int:
    """Since when an event can still matter to rules."""
    ever = any(s.op in _FOREVER or (s.op is Op.FIRST_SEEN and not s.window) for s in program.steps)
    return 0 if ever else max(0, newest - program.longest)
