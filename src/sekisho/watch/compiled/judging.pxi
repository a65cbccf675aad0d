# Judging one event.


cdef class Judging(Keeping):
    """What asks the steps."""

    def decide(self, event):
        """Judge one event and keep what follows from it."""
        self.look(&self.looked[0], event)
        self.fetch(&self.looked[0])
        hits = self.judge(&self.looked[0])
        if self._borrowed:
            self._borrowed.clear()
        return hits

    @cython.final
    cdef int fetch(self, Looked *e) except -1:
        """Ask memory for what the steps will look at."""
        cdef Kept *step
        cdef int32_t *reached = self.reached + e.typ * (self.step_count + 1)
        while reached[0] >= 0:
            step = &self.steps[reached[0]]
            reached += 1
            if step.op == IN_LIST or not meets(step.needs, e.bits) or not self.key(e, step.group):
                continue
            if step.op == RISK:
                self.fetch_scores(e, step)
            else:
                prefetch(find_cell(&self.groups[step.group].rows, e.keys[step.group]))
                if step.seen.width and self.hashed(e, step.field):
                    prefetch(step.seen.cells + place_of(joined(e.keys[step.group], e.views[step.field].hash), step.seen.room) * step.seen.width)  # fmt: skip
        return 0

    @cython.final
    cdef int fetch_scores(self, Looked *e, Kept *step) except -1:
        cdef Scores scores = self._scores[step.number - self.condition_count]
        cdef uint64_t values[MOST_FEATURES][MOST_LEVELS]
        if self.features(e, scores, values):
            scores.fetch(e.keys[step.group], values)
        return 0

    @cython.final
    cdef judge(self, Looked *e):
        """The rules that fire."""
        cdef Kept *step
        cdef int32_t *reached = self.reached + e.typ * (self.step_count + 1)
        if e.ts > self.newest:
            self.newest = e.ts
        self.judged += 1
        while reached[0] >= 0:
            step = &self.steps[reached[0]]
            reached += 1
            if meets(step.needs, e.bits) and self.fires(e, step, self.newest):
                e.bits[step.number >> 6] |= 1ull << (step.number & 63)
        return self.answer(e)

    @cython.final
    cdef answer(self, Looked *e):
        cdef uint64_t left
        cdef int word, number
        found = None
        for word in range(WORDS):
            left = e.bits[word]
            while left:
                number = word * 64 + __builtin_ctzll(left)
                left &= left - 1
                if self.reports[number] >= 0:
                    if found is None:
                        found = []
                    found.append(self.reports[number])
        if found is None:
            return ()
        found.sort()
        return tuple(found)

    @cython.final
    cdef int fires(self, Looked *e, Kept *step, int64_t now) except -1:
        """Let a step count the event; whether it fires."""
        if step.op == RISK:
            return self.risk_fires(e, step)
        if step.op == IN_LIST:
            return self.listed(e, step)
        if not self.key(e, step.group):
            return 0
        if step.op == REGISTERED:
            return self.hashed(e, step.field) and self.registered(e, step, now)
        if (step.op == FIRST_SEEN or step.op == DISTINCT) and not self.hashed(e, step.field):
            return 0
        if step.op == SPEED and not (self.has(e, LAT) and self.has(e, LON)):
            return 0
        cdef int64_t amount = 0
        if step.op == SUM:
            if not self.has(e, AMOUNT):
                return 0
            amount = <int64_t> rint(e.numbers[0] * 1e6)
            if amount < step.least:
                return 0
        cdef Rows *rows = &self.groups[step.group].rows
        cdef Cell *cell = find(rows, e.keys[step.group])
        if cell.key == 0:
            if step.op == ORDERED and not has_bit(e.bits, step.inputs[0]):
                return 0
            cell = self.new_key(step.group, e.keys[step.group])
        cdef char *payload = row_at(rows, cell.row) + step.offset[cell.row & 7]
        if step.entry:
            return self.ring_fires(e, step, cell, payload, now, amount)
        if step.op == TOGETHER:
            return together_fires(step, payload, e.bits, now)
        if step.op == ORDERED:
            return ordered_fires(step, payload, e.bits, now)
        if step.op == SPEED:
            return speed_fires(step, payload, now, e.numbers[1], e.numbers[2])
        cdef int64_t before = time_at(payload) if step.window else payload[0]
        if step.op == DORMANT:
            set_time(payload, now + 1)
            return before > 0 and now + 1 - before > step.window
        return self.first_seen(e, step, payload, now)

    @cython.final
    cdef inline int ring_fires(self, Looked *e, Kept *step, Cell *cell, char *payload, int64_t now, int64_t amount) except -1:  # fmt: skip
        cdef Rows *rows = &self.groups[step.group].rows
        cdef uint32_t cap = step.cap[cell.row & 7]
        drop_old(step, payload, cap, now)
        cdef bint known = step.op == DISTINCT and ring_of(payload)[1] and forget_value(step, payload, cap, e.views[step.field].hash)  # fmt: skip
        if not known and full(step, payload, cap):
            self.enlarge(step.group, cell)
            payload = row_at(rows, cell.row) + step.offset[cell.row & 7]
            cap = step.cap[cell.row & 7]
        if step.op == COUNT:
            return count_fires(step, payload, cap, now)
        if step.op == DISTINCT:
            return distinct_fires(step, payload, cap, now, e.views[step.field].hash)
        return sum_fires(step, payload, cap, now, min(amount, step.n))

    @cython.final
    cdef int first_seen(self, Looked *e, Kept *step, char *payload, int64_t now) except -1:
        cdef uint64_t seen = joined(e.keys[step.group], e.views[step.field].hash)
        cdef uint64_t used = step.seen.used
        cdef char *cell = add_seen(&step.seen, seen, now)
        cdef int64_t before, last
        if not step.window:
            before = payload[0]
            payload[0] = 1
            return before and step.seen.used > used
        last = time_at(payload)
        before = (<int64_t *> cell)[1]
        set_time(payload, now + 1)
        (<int64_t *> cell)[1] = now + 1
        return last > 0 and now + 1 - last <= step.window and (before == 0 or now + 1 - before > step.window)

    @cython.final
    cdef int registered(self, Looked *e, Kept *step, int64_t now) except -1:
        cdef uint64_t pair = joined(e.keys[step.group], e.views[step.field].hash)
        cdef char *cell = find_seen(&step.seen, pair)
        cdef int64_t at = (<int64_t *> cell)[1] if (<uint64_t *> cell)[0] else 0
        if at and meets(step.removed, e.bits):
            (<int64_t *> cell)[1] = 0
        if meets(step.added, e.bits):
            cell = add_seen(&step.seen, pair, now)
            if (<int64_t *> cell)[1] == 0:
                (<int64_t *> cell)[1] = now + 1
        return meets(step.asked, e.bits) and (at == 0 or now + 1 - at < step.window)

    @cython.final
    cdef int listed(self, Looked *e, Kept *step) except -1:
        """Whether the value stands in the list: by the hash of its small letters, or in a network of addresses."""
        cdef int n = step.number - self.condition_count
        cdef View *view
        cdef char small[256]
        found = self.lists[self._list_names[n]]
        texts, networks = found.texts, found.networks
        if not (texts or networks) or not self.has(e, step.field):
            return 0
        view = &e.views[step.field]
        if view.size > 256 or not lower(view, small):
            return found.has(self.text(e, step.field))
        if texts is not self._listed[n] or step.entries.used != <uint64_t> len(texts):
            self.take_list(n, texts)
        if (<uint64_t *> find_seen(&step.entries, hash_of(small, view.size, self.k0, self.k1)))[0]:
            return 1
        return bool(networks) and looks_like_address(view) and found.has(self.text(e, step.field))

    @cython.final
    cdef take_list(self, int n, set texts):
        """The hashes of a list as it is now."""
        cdef Seen *seen = &self.steps[n].entries
        cdef uint64_t key
        let_go(seen.cells, seen.room * seen.width)
        seen.width, seen.used = 8, len(texts)
        seen.room = max(<uint64_t> EMPTIEST, seen.used * 25 // 16)
        seen.cells = <char *> zeros(seen.room * 8)
        for text in texts:
            told = text.encode("utf-8", "surrogatepass")
            key = hash_of(PyBytes_AS_STRING(told), len(told), self.k0, self.k1)
            (<uint64_t *> find_seen(seen, key))[0] = key
        self._listed[n] = texts

    @cython.final
    cdef int features(self, Looked *e, Scores scores, uint64_t values[MOST_FEATURES][MOST_LEVELS]) except -1:
        """The hashes of what the event shows; 0 where it lacks a value of any feature."""
        cdef int f, n
        for f in range(scores.feature_count):
            for n in range(scores.levels[f]):
                if not self.hashed(e, scores.fields[f][n]):
                    return 0
                values[f][n] = e.views[scores.fields[f][n]].hash
        return 1

    @cython.final
    cdef int risk_fires(self, Looked *e, Kept *step) except -1:
        """Score the event and learn it; one that lacks a value of any feature is neither scored nor learnt."""
        cdef Scores scores = self._scores[step.number - self.condition_count]
        cdef uint64_t values[MOST_FEATURES][MOST_LEVELS]
        if not self.key(e, step.group) or not self.features(e, scores, values):
            return 0
        cdef double score = scores.judged(e.keys[step.group], values)
        return score >= 0 and score > step.fast
