"""Conditions as events of one type meet them: tests of the type are answered beforehand."""

from __future__ import annotations

from sekisho.watch.program import AND, NOT, Match, Test

Part = tuple[int, ...] | bool


def narrowed(code: tuple[int, ...], tests: tuple[Test, ...], of_type: str) -> Part:
    """The postfix code without tests of `typ`; True or False where nothing else decides."""
    stack: list[Part] = []
    for part in code:
        if part >= 0:
            stack.append(_of_type(tests[part], of_type, part))
        elif part == NOT:
            inner = stack.pop()
            stack.append(not inner if isinstance(inner, bool) else (*inner, NOT))
        else:
            second, first = stack.pop(), stack.pop()
            stack.append(_joint(first, second, part))
    return stack[0]


def _of_type(test: Test, of_type: str, number: int) -> Part:
    if test.field == "typ" and test.match is Match.EQUALS:
        return of_type in test.values
    return True if test.field == "typ" and test.match is Match.EXISTS else (number,)


def _joint(first: Part, second: Part, joint: int) -> Part:
    if isinstance(first, bool):
        return second if first == (joint == AND) else first
    if isinstance(second, bool):
        return first if second == (joint == AND) else second
    return (*first, *second, joint)
