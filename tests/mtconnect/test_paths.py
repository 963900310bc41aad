"""The `path` of a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greengrass_components.edge_kit.mtconnect.paths import BadPath, select
from tests.mtconnect.agents import device

DEVICES = (device("d1", "Mill"), device("d2", "Lathe"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("//DataItem[@type='POSITION']", "d1_xpos d2_xpos"),
        ('//Device[@name="Mill"]//DataItem[@type="POSITION" and @subType="ACTUAL"]', "d1_xpos"),
        ("//Axes//DataItem", "d1_xpos d1_speed d2_xpos d2_speed"),
        ("//Device[@name='Mill']//Axes", "d1_xpos d1_speed"),
        ("//m:Linear", "d1_xpos d2_xpos"),
        ("Linear", "d1_xpos d2_xpos"),
        ("//Linear[@name='X']/DataItems/DataItem[1]", "d1_xpos d2_xpos"),
        ("//*[@id='d1_exec']", "d1_exec"),
        ("//Device[1]//*[@id='d1_exec' or @id='d1_mode']", "d1_exec d1_mode"),
        ("//Device[@uuid='uuid-d2']//DataItem[@category='CONDITION']", "d2_sys d2_motion"),
        ("//Linear|//Rotary", "d1_xpos d1_speed d2_xpos d2_speed"),
        ("/MTConnectDevices/Devices/Device[2]/DataItems", "d2_avail"),
        ("//Controller[@name!='other']/DataItems/DataItem", "d1_estop d1_sys d2_estop d2_sys"),
        ("//DataItem[contains(@type,'STOP')]", "d1_estop d2_estop"),
        ("//DataItem[starts-with(@type, 'PART') and not(@subType='GOOD')]", "d1_parts d2_parts"),
        ("//Path/DataItems/DataItem[@subType]", "d1_parts d2_parts"),
        ("//Path[ @name = 'path' ]//DataItem[(@type='PROGRAM')]", "d1_pgm d2_pgm"),
        ("//Nothing", ""),
    ],
)
def test_a_path_chooses_items_and_all_below_a_component(path: str, expected: str) -> None:
    assert select(path, DEVICES) == set(expected.split())


@pytest.mark.parametrize(
    "path",
    [
        "", "//", "///", "//DataItem[", "//DataItem[]", "//DataItem[@type=POSITION]", "//DataItem[@type='A' and]",
        "//DataItem[last()]", "//DataItem/..", "count(//DataItem)", "//DataItem[@type='A'", "//DataItem]",
        "//a" * 1000, "//DataItem[" + "(" * 100 + "@id" + ")" * 100 + "]", "//DataItem[not(" * 50, "ancestor::Device",
        "$x", "//DataItem[@type=\"A']",
    ],
)  # fmt: skip
def test_what_is_no_such_path_is_refused_with_what_was_seen(path: str) -> None:
    with pytest.raises(BadPath):
        select(path, DEVICES)


@given(st.text(alphabet="/@[]()*='\"|., DataItemandornot:1", max_size=80))
def test_any_text_is_a_path_or_refused(path: str) -> None:
    try:
        select(path, DEVICES)
    except BadPath:
        return
