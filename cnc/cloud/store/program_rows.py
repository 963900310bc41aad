"""Rows of the program vault and the write gate in the shop table (docs/write-gate.md, 6)."""

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute

from cnc.cloud.store.shop_rows import ShopRow


class VersionRow(ShopRow):
    """Twice: under its id, and under machine, name and time."""

    version = UnicodeAttribute()
    machine = UnicodeAttribute()
    name = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    size = NumberAttribute()
    taken_ms = NumberAttribute()
    origin = UnicodeAttribute()
    author = UnicodeAttribute(null=True)
    comment = UnicodeAttribute(null=True)


class ChangeRow(ShopRow):
    """`b` is the change as JSON, `o` its version."""

    b = UnicodeAttribute()
    o = NumberAttribute()


class SnapshotRow(ShopRow):
    """`items` is deflated JSON: hundreds of programs stay far below an item's limit."""

    source = UnicodeAttribute()
    serial = UnicodeAttribute()
    items = BinaryAttribute(legacy_encoding=False)


class StopRow(ShopRow):
    """Writing is stopped for the tenant, site or machine that the sort key names."""


class SwitchRow(ShopRow):
    """What a gateway last told of the switch of a machine."""

    enabled_until_ms = NumberAttribute()


class FactorRow(ShopRow):
    """The second factor of a person; hashes of recovery codes and times of messages are joined by blanks."""

    secret = BinaryAttribute(legacy_encoding=False)
    confirmed = BooleanAttribute()
    last_step = NumberAttribute()
    misses = NumberAttribute()
    missed_s = NumberAttribute()
    o = NumberAttribute()
    pending = BinaryAttribute(legacy_encoding=False, null=True)
    recovery = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    phone_pending = UnicodeAttribute(null=True)
    sms = UnicodeAttribute(null=True)
    sms_sent_s = UnicodeAttribute(null=True)


class ProbeRow(ShopRow):
    """A probe that was asked for, and its report when it came; `x` ends it after a day."""

    request = UnicodeAttribute()
    report = UnicodeAttribute(null=True)
    x = NumberAttribute()
