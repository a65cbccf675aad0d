# Keys: how they come, grow and go.


cdef class Keeping(Looking):
    """What holds the rows."""

    @cython.final
    cdef Cell *new_key(self, int group, uint64_t key) except NULL:
        cdef Rows *rows = &self.groups[group].rows
        if (rows.used + 1) * 5 > rows.room * 4:
            self.resize(group)
        if is_ragged(rows, 0):
            compact(rows)
        cdef uint32_t row = new_row(rows, 0)
        cdef Cell *cell = find(rows, key)
        cell.key, cell.row = key, row
        rows.used += 1
        return cell

    @cython.final
    cdef int enlarge(self, int group, Cell *cell) except -1:
        """Move a row to the next class, its rings with their oldest first."""
        cdef Rows *rows = &self.groups[group].rows
        cdef int was = cell.row & 7, n
        if is_ragged(rows, was + 1):
            compact(rows)
        cdef uint32_t row = new_row(rows, was + 1), place
        cdef char *old = row_at(rows, cell.row)
        cdef char *new = row_at(rows, row)
        cdef char *payload
        cdef Kept *step
        for n in range(self.step_count):
            step = &self.steps[n]
            if step.group != group:
                continue
            payload = old + step.offset[was]
            if not step.entry:
                memcpy(new + step.offset[was + 1], payload, step.fixed)
                continue
            ring_of(new + step.offset[was + 1])[1] = ring_of(payload)[1]
            for place in range(ring_of(payload)[1]):
                memcpy(new + step.offset[was + 1] + 4 + place * step.entry, entry_at(step, payload, step.cap[was], place), step.entry)  # fmt: skip
        free_row(rows, cell.row)
        cell.row = row
        return 0

    @cython.final
    cdef bint gone_row(self, int group, uint32_t row) noexcept:
        cdef int n
        cdef Kept *step
        cdef char *at = row_at(&self.groups[group].rows, row)
        for n in range(self.step_count):
            step = &self.steps[n]
            if step.group == group and step.fixed and not row_gone(step, at + step.offset[row & 7], step.cap[row & 7], self.newest):  # fmt: skip
                return False
        return True

    @cython.final
    cdef int resize(self, int group) except -1:
        """Drop the rows that no window reaches any more, and make room where less than a third is free."""
        cdef Rows *rows = &self.groups[group].rows
        cdef uint64_t n, live = 0, was = rows.room
        cdef Cell *old = rows.cells
        for n in range(was):
            if n + 8 < was and old[n + 8].key:
                prefetch(row_at(rows, old[n + 8].row))
            if old[n].key:
                if self.gone_row(group, old[n].row):
                    free_row(rows, old[n].row)
                    old[n].key = 0
                else:
                    live += 1
        cdef uint64_t room = max(<uint64_t> EMPTIEST, live * 25 // 16)
        rows.cells = <Cell *> zeros(room * sizeof(Cell))
        rows.room, rows.used = room, live
        for n in range(was):
            if old[n].key:
                find(rows, old[n].key)[0] = old[n]
        let_go(old, was * sizeof(Cell))
        return 0

    def sweep(self):
        """Drop the keys that no window reaches any more."""
        cdef int n
        for n in range(self.group_count):
            self.resize(n)
        for n in range(self.step_count):
            if self.steps[n].seen.width:
                resize_seen(&self.steps[n].seen, self.newest)

    def keys(self):
        """How many keys are held, and how many values that were seen of them."""
        cdef int n
        total = sum(scores.users for scores in self._scores if scores is not None)
        for n in range(self.group_count):
            total += self.groups[n].rows.used
        for n in range(self.step_count):
            total += self.steps[n].seen.used
        return total
