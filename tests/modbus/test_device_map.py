import pytest

from greengrass_components.modbus.device_map import load_map, parse_map
from greengrass_components.modbus.errors import BadMap
from simulated_shop.machine import Machine
from simulated_shop.sensors import SENSORS
from tests.simulated_shop.making import START, machine

GOOD = "{key: a.b, address: 5, kind: holding, type: u16, unit: VOLT, range: [0, 10]}"


def one(item: str, *, head: str = "v: 1\nname: x") -> str:
    return f"{head}\nitems:\n  - {item}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "expected YAML"),
        ("name: x", "None, expected a mapping with v: 1"),
        ("v: 1\nitems: []", "at least one item"),
        (one(GOOD, head="v: 1\ncolour: red"), r"\['colour'\], expected only"),
        (one(GOOD.replace("kind: holding", "kind: holdings")), "a.b: kind: 'holdings', expected one of holding, input"),
        (one(GOOD.replace("u16", "u24")), "a.b: type: 'u24', expected one of u16"),
        (one(GOOD.replace("address: 5", "address: 70000")), "a.b: address: 70000, expected a number from 0 to 65535"),
        (one(GOOD.replace("5", "65535").replace("u16", "f32")), "65535, expected at most 65534"),
        (one(GOOD.replace("range: [0, 10]", "scale: 1")), r"a.b: range: None, expected \[lowest, highest\]"),
        (one(GOOD.replace("[0, 10]", "[10, 0]")), "the lowest below the highest"),
        (one(GOOD.replace("}", ", scale: 0}")), "scale: 0, expected a number other than 0"),
        (one(GOOD.replace("}", ", scale: big}")), "scale: 'big', expected a number"),
        (one(GOOD.replace("}", ", resolution: 0}")), "resolution: 0, expected a number"),
        (one(GOOD.replace("}", ", colour: red}")), r"a.b: \['colour'\], expected only"),
        (one(GOOD.replace("}", ", texts: [A, B]}")), "two texts, for a coil or discrete input"),
        (one(GOOD.replace("a.b", "Voltage")), "'Voltage', expected a key such as"),
        (one(GOOD + "\n  - " + GOOD.replace("a.b", "c.d")), "c.d: 5, expected an address from 6 on: a.b lies there"),
        (one(GOOD + "\n  - " + GOOD.replace("5", "9")), "a signal twice"),
        (one("just text"), "item 0: 'just text', expected a mapping"),
    ],
)
def test_a_bad_map_is_refused_with_what_was_seen_and_expected(text: str, message: str) -> None:
    with pytest.raises(BadMap, match=message):
        parse_map(text, name="x.yaml")


def test_a_map_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(BadMap, match="one of energy_meter, vibration_sensor"):
        load_map("steam_gauge")


@pytest.mark.parametrize("name", ["../secrets", "", "A", "energy_meter.yaml"])
def test_a_name_that_is_none_opens_no_file(name: str) -> None:
    with pytest.raises(BadMap, match="a name of lower-case letters"):
        load_map(name)


@pytest.mark.parametrize("name", ["energy_meter", "vibration_sensor"])
def test_a_map_is_read_in_few_requests_and_says_its_units(name: str) -> None:
    device = load_map(name)
    assert device.name == name
    assert all(signal.unit or signal.kind == "text" for signal in device.schema.signals)


@pytest.mark.parametrize("name", SENSORS)
@pytest.mark.parametrize("kind", ["mill", "lathe", "5-axis", "replay"])
def test_the_simulated_sensors_measure_what_the_maps_hold_and_stay_believable(name: str, kind: str) -> None:
    device = load_map(name)
    found: Machine = machine(kind)
    for hour in range(8):
        values = SENSORS[name](found.at(START.replace(hour=hour)))
        assert values.keys() == {item.key for item in device.items}
        assert all(item.low <= values[item.key] <= item.high for item in device.items)
