# Snapshots and fingerprints.


cdef class Snapshots(Batches):
    """What keeps the state."""

    def save(self):
        """The state, for a snapshot of the same program."""
        cdef int n
        self.sweep()
        return _saved.sealed("compiled", self.program, {
            "secret": self.secret,
            "newest": self.newest,
            "judged": self.judged,
            "groups": [self.packed_rows(n) for n in range(self.group_count)],
            "seen": [self.packed_seen(n) for n in range(self.step_count)],
            "scores": [None if scores is None else scores.save() for scores in self._scores],
        })

    cdef packed_rows(self, int group):
        cdef Rows *rows = &self.groups[group].rows
        cdef uint64_t n
        cdef size_t size = 0, width
        for n in range(rows.room):
            if rows.cells[n].key:
                size += 9 + rows.pools[rows.cells[n].row & 7].size
        packed = PyBytes_FromStringAndSize(NULL, size)
        cdef char *at = PyBytes_AS_STRING(packed)
        for n in range(rows.room):
            if n + 8 < rows.room and rows.cells[n + 8].key:
                prefetch(row_at(rows, rows.cells[n + 8].row))
            if rows.cells[n].key:
                memcpy(at, &rows.cells[n].key, 8)
                at[8] = rows.cells[n].row & 7
                width = rows.pools[at[8]].size
                memcpy(at + 9, row_at(rows, rows.cells[n].row), width)
                at += 9 + width
        return [rows.used, packed]

    cdef packed_seen(self, int n):
        cdef Seen *seen = &self.steps[n].seen
        cdef uint64_t place
        packed = PyBytes_FromStringAndSize(NULL, seen.used * seen.width)
        cdef char *at = PyBytes_AS_STRING(packed)
        for place in range(seen.room if seen.width else 0):
            if (<uint64_t *> (seen.cells + place * seen.width))[0]:
                memcpy(at, seen.cells + place * seen.width, seen.width)
                at += seen.width
        return packed

    def load(self, saved):
        """Take over a state. Raises Unusable: of another program, of the other kernel, or damaged; nothing is changed then."""
        cdef int n
        found = _saved.opened("compiled", self.program, saved)
        secret, groups, seen, scores = found["secret"], found["groups"], found["seen"], found["scores"]
        if len(secret) != 16 or (len(groups), len(seen), len(scores)) != (self.group_count, self.step_count, self.step_count):
            raise _saved.Unusable(_saved.DAMAGED)
        for n in range(self.group_count):
            self.check_rows(n, groups[n][0], groups[n][1])
        for n in range(self.step_count):
            if len(seen[n]) % max(1, self.steps[n].seen.width) or not (self._scores[n] is None or self._scores[n].fits(scores[n])):
                raise _saved.Unusable(_saved.DAMAGED)
        self._use(secret)
        self.newest, self.judged = found["newest"], found["judged"]
        for n in range(self.group_count):
            self.unpack_rows(n, groups[n][0], groups[n][1])
        for n in range(self.step_count):
            self.unpack_seen(n, seen[n])
            if self._scores[n] is not None:
                self._scores[n].load(scores[n])

    cdef check_rows(self, int group, uint64_t count, bytes packed):
        cdef Group *g = &self.groups[group]
        cdef const char *at = PyBytes_AS_STRING(packed)
        cdef const char *end = at + PyBytes_GET_SIZE(packed)
        while end - at > 9 and 0 <= at[8] <= g.largest:
            at += 9 + g.rows.pools[at[8]].size
            count -= 1
        if at != end or count != 0:
            raise _saved.Unusable(_saved.DAMAGED)

    cdef unpack_rows(self, int group, uint64_t count, bytes packed):
        cdef Rows *rows = &self.groups[group].rows
        cdef const char *at = PyBytes_AS_STRING(packed)
        cdef uint64_t n, key
        cdef uint32_t row
        cdef Cell *cell
        for n in range(CLASSES):
            let_go(rows.pools[n].rows, rows.pools[n].room * rows.pools[n].size)
            rows.pools[n].rows = NULL
            rows.pools[n].used = rows.pools[n].room = rows.pools[n].free = rows.pools[n].spare = 0
        let_go(rows.cells, rows.room * sizeof(Cell))
        rows.room, rows.used = max(<uint64_t> EMPTIEST, count * 25 // 16), count
        rows.cells = <Cell *> zeros(rows.room * sizeof(Cell))
        for n in range(count):
            row = new_row(rows, at[8])
            memcpy(&key, at, 8)
            memcpy(row_at(rows, row), at + 9, rows.pools[at[8]].size)
            cell = find(rows, key)
            cell.key, cell.row = key, row
            at += 9 + rows.pools[at[8]].size

    cdef unpack_seen(self, int n, bytes packed):
        cdef Seen *seen = &self.steps[n].seen
        cdef const char *at = PyBytes_AS_STRING(packed)
        cdef uint64_t place
        if not seen.width:
            return
        let_go(seen.cells, seen.room * seen.width)
        seen.used = PyBytes_GET_SIZE(packed) // seen.width
        seen.room = max(<uint64_t> EMPTIEST, seen.used * 25 // 16)
        seen.cells = <char *> zeros(seen.room * seen.width)
        for place in range(seen.used):
            memcpy(find_seen(seen, (<const uint64_t *> at)[0]), at, seen.width)
            at += seen.width

    def fingerprint(self):
        """A number over everything that can still matter: equal for equal states, however their tables came about."""
        cdef int n
        cdef uint64_t place, whole = hash_of(NULL, 0, self.k0, self.k1)
        cdef Kept *step
        cdef Rows *rows
        cdef Cell *cell
        cdef size_t size
        cdef char *payload
        cdef char *buffer = <char *> table(1 << 10, 16)
        for n in range(self.step_count):
            step = &self.steps[n]
            rows = &self.groups[step.group].rows
            for place in range(rows.room if step.fixed else 0):
                cell = rows.cells + place
                if cell.key:
                    payload = row_at(rows, cell.row) + step.offset[cell.row & 7]
                    size = canonical(step, payload, step.cap[cell.row & 7], self.newest, buffer)
                    if size:
                        whole += joined(cell.key + n, hash_of(buffer, size, self.k0, self.k1))
            for place in range(step.seen.room if step.seen.width else 0):
                payload = step.seen.cells + place * step.seen.width
                if not gone(&step.seen, payload, self.newest):
                    whole += joined((<uint64_t *> payload)[0] + n, hash_of(payload, step.seen.width, self.k0, self.k1))
        free(buffer)
        for n in range(self.step_count):
            if self._scores[n] is not None:
                whole += (<Scores> self._scores[n]).fingerprint()
        rest = msgspec.msgpack.encode([self.newest, self.judged])
        return whole ^ hash_of(PyBytes_AS_STRING(rest), len(rest), self.k0, self.k1)
