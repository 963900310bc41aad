"""The device of the edge benchmarks: 30 floats in 60 input registers that follow each other."""

from typing import Final

from greengrass_components.modbus.device_map import DeviceMap, parse_map

TAGS: Final = 30
TENANT, SITE, THING = "t_" + "0" * 16, "s_" + "0" * 16, "g_" + "0" * 16


def device() -> DeviceMap:
    """Parsed anew at each call."""
    items = "\n".join(
        f'  - {{key: bench.value_{n:02d}, address: {2 * n}, unit: "", range: [-1000, 1000], resolution: 0.01}}'
        for n in range(TAGS)
    )
    head = "v: 1\nname: bench\ntitle: Thirty floats\n"
    defaults = "defaults: {kind: input, type: f32, byte_order: big, word_order: big}\n"
    return parse_map(f"{head}{defaults}items:\n{items}\n", name="bench")
