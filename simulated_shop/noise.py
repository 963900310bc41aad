"""Noise that is a function: the same (key, tick) gives the same number after any restart."""

_MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """splitmix64's finaliser: 64 well-stirred bits from any integer."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def key_of(*parts: object) -> int:
    """A stable 64-bit key of words and numbers (FNV-1a; `hash()` changes with every process)."""
    key = 0xCBF29CE484222325
    for byte in "\x1f".join(map(str, parts)).encode():
        key = ((key ^ byte) * 0x100000001B3) & _MASK
    return key


def jitter(key: int, tick: int) -> float:
    """Uniform in [-1, 1)."""
    return mix(key ^ (tick * 0x9E3779B97F4A7C15 & _MASK)) / (1 << 63) - 1.0
