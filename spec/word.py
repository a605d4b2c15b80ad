"""Exact arithmetic on unsigned words of a stated width [EVAL-WORD].

The reference evaluator and constant folding use these; the solver encoding and the lowered code
have their own, so that a mistake here cannot hide there.
"""


def mask(bits: int) -> int:
    """The largest word of ``bits`` bits."""
    return (1 << bits) - 1


def truncate(value: int, bits: int) -> int:
    """``value`` modulo 2**bits; negative integers become their two's complement."""
    return value & mask(bits)


def add(a: int, b: int, bits: int) -> int:
    return truncate(a + b, bits)


def sub(a: int, b: int, bits: int) -> int:
    return truncate(a - b, bits)


def mul(a: int, b: int, bits: int) -> int:
    return truncate(a * b, bits)


def shift_left(a: int, amount: int, bits: int) -> int:
    """Logical shift; every bit is lost when ``amount`` is the width or more."""
    return 0 if amount >= bits else truncate(a << amount, bits)


def shift_right(a: int, amount: int, bits: int) -> int:
    """Logical shift; every bit is lost when ``amount`` is the width or more."""
    return 0 if amount >= bits else a >> amount


def extract(value: int, high: int, low: int) -> int:
    """Bits ``high`` to ``low``, inclusive, as a word of ``high - low + 1`` bits."""
    return (value >> low) & mask(high - low + 1)


def sign_extend(value: int, bits: int, width: int) -> int:
    """A word of ``bits`` bits as a word of ``width`` bits, its top bit copied; zero bits give 0."""
    if bits == 0:
        return 0
    negative = value >> (bits - 1) & 1
    return value | (mask(width) ^ mask(bits)) if negative else value
