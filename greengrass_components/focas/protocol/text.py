"""Text of a control: fixed fields padded with zeros, in the language the control is set to.

A reply does not say its encoding (parameter 3281 of the control does). So: ASCII when it is ASCII, else the first
of the likely encodings that decodes cleanly, else Latin-1, which never fails. Text is for people to read; nothing
in the product decides by it.
"""

LIKELY = ("shift_jis", "gb2312", "euc_kr", "big5")


def decode_text(raw: bytes) -> str:
    """Text up to the first zero byte, without surrounding blanks; control characters but line feeds are dropped."""
    raw = raw.split(b"\0", 1)[0]
    for encoding in ("ascii", *LIKELY):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        text = raw.decode("latin-1")
    return "".join(c for c in text if c == "\n" or c.isprintable()).strip()


def encode_text(text: str, size: int) -> bytes:
    """ASCII in a field of `size` bytes, cut when too long, `?` for what ASCII does not have."""
    return text.encode("ascii", "replace")[:size].ljust(size, b"\0")
