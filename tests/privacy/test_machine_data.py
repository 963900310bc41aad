"""A machine's data are read page by page, each row once, with unit and meaning."""

from cnc.cloud.store.privacy_rows import PrivacyRows
from cnc.services.caller import Caller
from cnc.services.privacy import machine_data, shares
from cnc.services.privacy.shares import Share
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import MACHINE, MINUTE_MS, START_MS, TENANT, Shop
from tests.privacy.conftest import Places


def test_pages_add_up_to_every_row_once(shop: Shop) -> None:
    for minute in range(6):
        shop.minute(minute, load=500 + minute)
    start_ms, rows, pages = START_MS, [], 0
    while True:
        page = machine_data.page(
            MACHINE,
            from_ms=start_ms,
            to_ms=START_MS + 10 * MINUTE_MS,
            chunks=shop.chunks,
            schemas=shop.schemas,
            most=200,
        )
        pages += 1
        rows += [(chunk["boot"], chunk["firstSeq"] + n) for chunk in page.chunks for n in range(chunk["rows"])]
        if page.next_ms is None:
            break
        start_ms = page.next_ms
    assert pages == 3
    assert [seq for _, seq in rows] == list(range(1, 361))
    load = page.chunks[0]["columns"]["s1.load"]
    assert (load["unit"], load["values"][0]) == ("PERCENT", 50.4)
    assert page.chunks[0]["columns"]["controller.execution"]["values"][0] == "ACTIVE"


def test_a_key_reads_the_machine_its_share_names_from_when_it_says(cloud: Cloud, shop: Shop, places: Places) -> None:
    documents = PrivacyRows(cloud.clients.tenant("dynamodb"), places.shop_table)
    key = Caller(TENANT, "k_1111111111111111", "key", scopes=frozenset({"share"}))
    assert shares.shared_from_ms(key, MACHINE, documents=documents) is None
    shares.put(Share(key.subject, MACHINE, "Service Ltd", "u_1", 1, 2, from_ms=7), documents=documents)
    assert shares.shared_from_ms(key, MACHINE, documents=documents) == 7
    assert shares.shared_from_ms(key, "m_2222222222222222", documents=documents) is None
    other = Caller(TENANT, key.subject, "key", scopes=frozenset({"telemetry"}))
    assert shares.shared_from_ms(other, MACHINE, documents=documents) is None
    assert [share.recipient for share in shares.shares(documents)] == ["Service Ltd"]
    shares.remove(key.subject, documents=documents)
    assert shares.shared_from_ms(key, MACHINE, documents=documents) is None
