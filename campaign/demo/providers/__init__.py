"""SendGrid and Twilio on this machine, as far as the program speaks with them: for tests, measurements and showing.

`with running(SimulatorOptions(faults=Faults(latency_ms=50))) as simulator:` starts them; clients are pointed to
`simulator.url`, and `simulator.report()` says what was accepted, how fast, and what twice.
"""

from campaign.demo.providers.asking import AcceptedMessage, Report, Simulator, SimulatorError
from campaign.demo.providers.options import Fate, Faults, Mishap, OptionsError, Reaction, SimulatorOptions
from campaign.demo.providers.running import running

__all__ = [
    "AcceptedMessage",
    "Fate",
    "Faults",
    "Mishap",
    "OptionsError",
    "Reaction",
    "Report",
    "Simulator",
    "SimulatorError",
    "SimulatorOptions",
    "running",
]
