"""What devices beside the control measure, by the signal keys of their device maps."""

import math

from simulated_shop.noise import jitter
from simulated_shop.snapshot import Snapshot

MAINS_V, MAINS_HZ = 230.0, 50.0
IDLE_POWER_FACTOR, FULL_POWER_FACTOR, FULL_W = 0.58, 0.91, 9_000.0
PHASE_FACTORS = (1.0, 0.988, 1.006)
"""Control and pumps hang on single phases, so no two are loaded alike."""
MAINS_DISTORTION = 2.1
"""Percent, of a supply with drives on it; of the current it falls with the load."""
NEUTRAL_SHARE = 0.06
SHAKE_HZ = 160.0
"""Where most of a spindle housing's vibration lies; turns velocity into acceleration (a = 2 pi f v)."""
CREST = 3.3


def energy_meter(snapshot: Snapshot) -> dict[str, float]:
    """A three-phase meter at the machine's supply: phases add up to the totals, and S² = P² + Q² in each."""
    tick = int(snapshot.now.timestamp())
    volts = [MAINS_V + 1.4 * jitter(phase, tick // 7) for phase in (1, 2, 3)]
    watts = snapshot.surroundings.power_w
    load = min(1.0, watts / FULL_W)
    factor = IDLE_POWER_FACTOR + (FULL_POWER_FACTOR - IDLE_POWER_FACTOR) * load
    shares = [1 + 0.03 * jitter(10 + at, tick) for at in range(3)]
    phases = [
        _phase(watts * share / sum(shares), volt, factor * match)
        for share, volt, match in zip(shares, volts, PHASE_FACTORS, strict=True)
    ]
    apparent = sum(phase["volt_ampere"] for phase in phases)
    values = {f"electric.{name}.l{at}": value for at, phase in enumerate(phases, 1) for name, value in phase.items()}
    for at in (1, 2, 3):
        values[f"electric.x_voltage_distortion.l{at}"] = MAINS_DISTORTION + 0.2 * jitter(30 + at, tick // 60)
        values[f"electric.x_amperage_distortion.l{at}"] = 70 - 42 * load + 0.4 * jitter(40 + at, tick // 5)
    for at, to in ((1, 2), (2, 3), (3, 1)):
        one, other = volts[at - 1], volts[to - 1]
        values[f"electric.voltage_ac.l{at}_l{to}"] = math.sqrt(one * one + other * other + one * other)
    return values | {
        "electric.amperage_ac.neutral": NEUTRAL_SHARE * max(phase["amperage_ac"] for phase in phases),
        "electric.wattage": watts,
        "electric.volt_ampere": apparent,
        "electric.volt_ampere_reactive": sum(phase["volt_ampere_reactive"] for phase in phases),
        "electric.power_factor": 100 * watts / apparent if apparent else 100 * factor,
        "electric.frequency": MAINS_HZ + 0.03 * jitter(20, tick // 3),
        "electric.electrical_energy": snapshot.surroundings.energy_ws,
    }


def _phase(watts: float, volt: float, factor: float) -> dict[str, float]:
    apparent = watts / factor
    return {
        "voltage_ac": volt,
        "amperage_ac": apparent / volt,
        "wattage": watts,
        "volt_ampere": apparent,
        "volt_ampere_reactive": math.sqrt(apparent * apparent - watts * watts),
        "power_factor": 100 * factor,
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
