# One event as the kernel looks at it: fields are read when they are asked for, from an Event's own slots or from the
# columns of an Arrow table.

cdef enum:
    TYP = 0
    OK = 1
    FIRST_TEXT = 2
    IP = 3
    IP_BLOCK = 4
    FIRST_NUMBER = 13
    AMOUNT = 13
    LAT = 14
    LON = 15
    FIELDS_ALL = 16
    WORDS = 4  # of 64 bits: conditions and steps of a program

cdef struct View:
    const char *text
    Py_ssize_t size
    uint64_t hash

cdef struct Looked:
    PyObject *event  # NULL: a row of `columns`
    int64_t row
    int64_t seq
    int64_t ts
    int typ
    int ok
    uint32_t loaded  # bits of fields
    uint32_t present
    uint32_t hashed
    View views[FIELDS_ALL]
    double numbers[3]
    char block[64]  # the text of ip_block
    uint64_t bits[WORDS]
    uint8_t *has_key  # of each group: 0 not worked out, 1 there, 2 a part is missing
    uint64_t *keys
    uint32_t stamp

cdef struct Slots:
    Py_ssize_t seq
    Py_ssize_t ts
    Py_ssize_t fields[FIELDS_ALL]


cdef extern from *:
    """
    #include <structmember.h>
    #include <arpa/inet.h>
    static Py_ssize_t sekisho_slot(PyObject *descriptor) {
        if (!Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) return -1;
        PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
        return member->type == T_OBJECT_EX || member->type == T_OBJECT ? member->offset : -1;
    }
    static inline PyObject *sekisho_at(PyObject *o, Py_ssize_t offset) { return *(PyObject **)((char *)o + offset); }
    """
    Py_ssize_t slot_of "sekisho_slot"(object descriptor)
    PyObject *at_slot "sekisho_at"(PyObject *o, Py_ssize_t offset) noexcept nogil
    int AF_INET
    int AF_INET6
    int inet_pton(int family, const char *text, void *packed) noexcept nogil
    const char *inet_ntop(int family, const void *packed, char *text, unsigned int size) noexcept nogil


cdef bint find_slots(Slots *slots):
    """Where an Event keeps its fields; False where this Python or msgspec keeps them elsewhere, so that they are asked for by name."""
    cdef Py_ssize_t place
    names = ["seq", "ts", *FIELDS]
    probe = Event(7, 8, "login", **{name: object() for name in FIELDS if name not in ("typ", "ip_block")})
    for n, name in enumerate(names):
        if name == "ip_block":
            continue
        place = slot_of(Event.__dict__.get(name))
        if place < 0 or place + <Py_ssize_t> sizeof(void *) > Event.__basicsize__:
            return False
        value = getattr(probe, name)
        if at_slot(<PyObject *> probe, place) != <PyObject *> value:
            return False
        if n == 0:
            slots.seq = place
        elif n == 1:
            slots.ts = place
        else:
            slots.fields[n - 2] = place
    return True


cdef inline bint is_ipv4(const char *text, Py_ssize_t size) noexcept nogil:
    """Dotted, four numbers up to 255 without leading zeros: the one form that such an address has."""
    cdef int number = -1, dots = 0
    cdef Py_ssize_t n
    if size < 7 or size > 15:
        return False
    for n in range(size):
        if 48 <= text[n] <= 57:
            if number == 0:
                return False
            number = text[n] - 48 + (number * 10 if number > 0 else 0)
            if number > 255:
                return False
        elif text[n] == 46 and number >= 0:
            dots += 1
            number = -1
        else:
            return False
    return dots == 3 and number >= 0


cdef inline bint is_plain(const char *text, Py_ssize_t size) noexcept nogil:
    """Whether an address stands in the one form that it has; what is doubtful does not."""
    cdef unsigned char packed[16]
    cdef char told[64]
    cdef char again[64]
    if is_ipv4(text, size):
        return True
    if size >= 46 or memchr(text, 0, size) != NULL:
        return False
    memcpy(told, text, size)
    told[size] = 0
    if inet_pton(AF_INET6, told, packed) != 1 or memcmp(packed, b"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0:
        return False
    inet_ntop(AF_INET6, packed, again, 46)
    return strlen(again) == <size_t> size and memcmp(told, again, size) == 0


cdef inline bint looks_like_address(View *view) noexcept nogil:
    return is_ipv4(view.text, view.size) or memchr(view.text, 58, view.size) != NULL


cdef inline bint block_view(Looked *e) noexcept nogil:
    """The address itself, or the /64 of an IPv6 address."""
    cdef unsigned char packed[16]
    cdef View *ip = &e.views[IP]
    cdef View *view = &e.views[IP_BLOCK]
    if memchr(ip.text, 58, ip.size) == NULL:
        view[0] = ip[0]
        return True
    if ip.size >= 46 or inet_pton(AF_INET6, ip.text if e.event != NULL else terminated(e, ip), packed) != 1:
        return False
    memset(packed + 8, 0, 8)
    inet_ntop(AF_INET6, packed, e.block, 46)
    view.size = strlen(e.block)
    memcpy(e.block + view.size, b"/64", 3)
    view.size += 3
    view.text = e.block
    return True


cdef inline const char *terminated(Looked *e, View *view) noexcept nogil:
    memcpy(e.block, view.text, view.size)
    e.block[view.size] = 0
    return e.block
