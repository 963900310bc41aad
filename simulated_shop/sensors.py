"""What devices beside the control measure, by the signal keys of their device maps."""

import math

from simulated_shop.noise import jitter
from simulated_shop.snapshot import Snapshot

MAINS_V, MAINS_HZ = 230.0, 50.0
IDLE_POWER_FACTOR, FULL_POWER_FACTOR, FULL_W = 0.58, 0.91, 9_000.0
SHAKE_HZ = 160.0
"""Where most of a spindle housing's vibration lies; turns velocity into acceleration (a = 2 pi f v)."""
CREST = 3.3


def energy_meter(snapshot: Snapshot) -> dict[str, float]:
    """A three-phase meter at the machine's supply."""
    tick = int(snapshot.now.timestamp())
    volts = [MAINS_V + 1.4 * jitter(phase, tick // 7) for phase in (1, 2, 3)]
    watts = snapshot.surroundings.power_w
    factor = IDLE_POWER_FACTOR + (FULL_POWER_FACTOR - IDLE_POWER_FACTOR) * min(1.0, watts / FULL_W)
    amperes = [watts / 3 / volt / factor * (1 + 0.03 * jitter(10 + at, tick)) for at, volt in enumerate(volts)]
    return {
        **{f"electric.voltage_ac.l{phase}": volt for phase, volt in enumerate(volts, start=1)},
        **{f"electric.amperage_ac.l{phase}": ampere for phase, ampere in enumerate(amperes, start=1)},
        "electric.wattage": watts,
        "electric.power_factor": 100 * factor,
        "electric.frequency": MAINS_HZ + 0.03 * jitter(20, tick // 3),
        "electric.electrical_energy": snapshot.surroundings.energy_ws,
    }


def vibration_sensor(snapshot: Snapshot) -> dict[str, float]:
    """A vibration and temperature sensor on the spindle housing."""
    velocity = snapshot.surroundings.vibration_mm_s
    acceleration = math.tau * SHAKE_HZ * velocity
    return {
        "sensor.velocity.root_mean_square": velocity,
        "sensor.acceleration.root_mean_square": acceleration,
        "sensor.acceleration.maximum": CREST * acceleration,
        "sensor.temperature": snapshot.surroundings.housing_c,
        "sensor.x_self_test": 1.0,
    }


SENSORS = {"energy_meter": energy_meter, "vibration_sensor": vibration_sensor}
