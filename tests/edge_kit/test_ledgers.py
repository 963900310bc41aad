"""Ledgers of boots that are over, and the reports that were their last."""

from greengrass_components.relay.ledger import Ledgers

SOURCE = "d_" + "1" * 16
OVER, NOW = "0000000100000000", "0000000200000000"


def test_a_boot_that_two_reports_on_the_way_told_last_is_forgotten_once() -> None:
    ledgers = Ledgers()
    over = ledgers.get(SOURCE, OVER)
    ledgers.get(SOURCE, NOW)
    over.reports_left = 1
    ledgers.reported([over])
    ledgers.reported([over])
    assert list(ledgers.of) == [(SOURCE, NOW)]
