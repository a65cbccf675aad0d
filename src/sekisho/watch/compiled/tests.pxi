# Tests and conditions. A condition is a table of jumps: each entry asks one test and says where to go on.

cdef struct Asked:
    int field
    int match
    bint cased
    char *text
    Py_ssize_t size
    double number
    int family  # CIDR
    int bits
    unsigned char packed[16]

cdef struct Jump:
    int test
    int yes
    int no

cdef enum:
    HOLDS = -1
    FAILS = -2


cdef inline bint same(const char *a, const char *lowered, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t n
    cdef unsigned char c
    for n in range(size):
        c = a[n]
        if 65 <= c <= 90:
            c += 32
        if c != <unsigned char> lowered[n]:
            return False
    return True


cdef inline bint lower(View *view, char *small) noexcept nogil:
    """Small letters; False where that takes more than A to Z."""
    cdef Py_ssize_t n
    cdef unsigned char c
    for n in range(view.size):
        c = view.text[n]
        if c >= 128:
            return False
        small[n] = c + 32 if 65 <= c <= 90 else c
    return True


cdef inline bint equal(const char *a, const char *b, Py_ssize_t size, bint cased) noexcept nogil:
    return memcmp(a, b, size) == 0 if cased else same(a, b, size)


cdef bint text_holds(Asked *test, View *view) noexcept nogil:
    cdef Py_ssize_t n, over = view.size - test.size
    if over < 0:
        return False
    if test.match == EQUALS:
        return over == 0 and equal(view.text, test.text, test.size, test.cased)
    if test.match == STARTS:
        return equal(view.text, test.text, test.size, test.cased)
    if test.match == ENDS:
        return equal(view.text + over, test.text, test.size, test.cased)
    for n in range(over + 1):
        if equal(view.text + n, test.text, test.size, test.cased):
            return True
    return False


cdef inline bint number_holds(Asked *test, double found) noexcept nogil:
    if test.match == EQUALS:
        return found == test.number
    if test.match == LESS:
        return found < test.number
    if test.match == AT_MOST:
        return found <= test.number
    if test.match == MORE:
        return found > test.number
    return found >= test.number


cdef bint in_network(Asked *test, View *view) noexcept nogil:
    cdef unsigned char packed[16]
    cdef char text[48]
    cdef int family = AF_INET if memchr(view.text, 58, view.size) == NULL else AF_INET6
    cdef int whole = test.bits // 8, rest = test.bits % 8
    if family != test.family or view.size > 46:
        return False
    memcpy(text, view.text, view.size)
    text[view.size] = 0
    if inet_pton(family, text, packed) != 1 or memcmp(packed, test.packed, whole):
        return False
    return rest == 0 or (packed[whole] ^ test.packed[whole]) >> (8 - rest) == 0


def jumps(code):
    """Postfix code as jumps: (test, where to go on if it holds, where if not)."""
    stack, found, count = [], {}, 1
    for part in code:
        if part >= 0:
            stack.append((part,))
        elif part == NOT:
            stack.append((NOT, stack.pop()))
        else:
            second, first = stack.pop(), stack.pop()
            stack.append((part, first, second))
    waiting = [(stack[0], HOLDS, FAILS, 0)]
    while waiting:
        node, yes, no, label = waiting.pop()
        if node[0] >= 0:
            found[label] = (node[0], yes, no)
        elif node[0] == NOT:
            waiting.append((node[1], no, yes, label))
        else:
            waiting.append((node[2], yes, no, count))
            waiting.append((node[1], count, no, label) if node[0] == AND else (node[1], yes, count, label))
            count += 1
    return [found[label] for label in range(count)]
