"""Loading the library and calling it: one process-wide start, typed functions, error codes as own errors."""

import ctypes
import sys
import tempfile
import threading
from ctypes import POINTER, byref, c_char_p, c_int16, c_int32, c_long, c_uint16, c_void_p
from pathlib import Path
from typing import Any, Final

from greengrass_components.focas.errors import Refused, Unreachable

SOCKET, NO_FUNCTION, NO_LIBRARY = -16, 1, -15
NO_LOG: Final = 0
SHORT, LONG, ANY = c_int16, c_long, c_void_p
COUNT: Final = POINTER(c_int16)

#: Arguments after the handle.
SIGNATURES: Final[dict[str, tuple[Any, ...]]] = {
    "cnc_freelibhndl": (),
    "cnc_setpath": (SHORT,),
    "cnc_getpath": (COUNT, COUNT),
    "cnc_sysinfo": (ANY,),
    "cnc_rdcncid": (ANY,),
    "cnc_statinfo": (ANY,),
    "cnc_alarm2": (POINTER(c_int32),),
    "cnc_rdalmmsg2": (SHORT, COUNT, ANY),
    "cnc_rdtimer": (SHORT, ANY),
    "cnc_rdseqnum": (ANY,),
    "cnc_exeprgname": (ANY,),
    "cnc_exeprgname2": (ANY,),
    "cnc_rdaxisname": (COUNT, ANY),
    "cnc_rdspdlname": (COUNT, ANY),
    "cnc_rdposition": (SHORT, COUNT, ANY),
    "cnc_rddynamic2": (SHORT, SHORT, ANY),
    "cnc_actf": (ANY,),
    "cnc_acts": (ANY,),
    "cnc_acts2": (SHORT, ANY),
    "cnc_rdsvmeter": (COUNT, ANY),
    "cnc_rdspmeter": (SHORT, COUNT, ANY),
    "cnc_rdparam": (SHORT, SHORT, SHORT, ANY),
    "cnc_diagnoss": (SHORT, SHORT, SHORT, ANY),
    "cnc_rdmacro": (SHORT, SHORT, ANY),
    "cnc_rdcommand": (SHORT, SHORT, COUNT, ANY),
    "cnc_modal": (SHORT, SHORT, ANY),
    "cnc_rdprogdir3": (SHORT, POINTER(c_int32), COUNT, ANY),
    "cnc_upstart4": (SHORT, c_char_p),
    "cnc_upload4": (POINTER(c_int32), ANY),
    "cnc_upend4": (),
    "pmc_rdpmcrng": (SHORT, SHORT, c_uint16, c_uint16, c_uint16, ANY),
}
_started: Final[set[Path]] = set()
_starting: Final = threading.Lock()


class BadLibrary(Unreachable):
    """The library cannot be used here."""


class Library:
    """The loaded library. Its functions may be called from any thread, a handle only from the one that got it."""

    def __init__(self, path: Path) -> None:
        """Raises BadLibrary."""
        self.path = path
        try:
            self._functions = _loader()(str(path))
        except OSError as error:
            raise BadLibrary(
                f"{path} cannot be loaded: {error}; expected the FOCAS library for {sys.platform} and this processor"
            ) from error
        self._open = getattr(self._functions, "cnc_allclibhndl3", None)
        if self._open is None:
            raise BadLibrary(f"{path} has no cnc_allclibhndl3: it is no FOCAS library for Ethernet")
        self._open.argtypes, self._open.restype = (c_char_p, c_uint16, c_long, POINTER(c_uint16)), c_int16
        self._start()

    def _start(self) -> None:
        """Once in a process: without it the library for Linux ends the process at the first connection."""
        start = getattr(self._functions, "cnc_startupprocess", None)
        with _starting:
            if start is None or self.path in _started:
                return
            start.argtypes, start.restype = (c_long, c_char_p), c_int16
            log = Path(tempfile.gettempdir()) / "focas.log"
            code = int(start(NO_LOG, str(log).encode()))
            if code:
                raise BadLibrary(f"{self.path} does not start: cnc_startupprocess answers {code}")
            _started.add(self.path)

    def open(self, host: str, port: int, timeout_s: int) -> int:
        """A handle, for the calling thread alone. Raises Unreachable, Refused."""
        handle = c_uint16()
        assert self._open is not None
        code = int(self._open(host.encode("idna"), port, timeout_s, byref(handle)))
        if code == SOCKET:
            raise Unreachable(f"{host}:{port}: the library found no control there (EW_SOCKET)")
        if code:
            raise Refused(0, code)
        return int(handle.value)

    def call(self, name: str, handle: int, *arguments: Any) -> None:
        """Raises Refused with the library's code, 1 when this library does not have the function."""
        function = getattr(self._functions, name, None)
        if function is None:
            raise Refused(0, NO_FUNCTION)
        function.argtypes, function.restype = (c_uint16, *SIGNATURES[name]), c_int16
        code = int(function(handle, *arguments))
        if code:
            raise Refused(0, code)


def _loader() -> Any:
    """The library for Windows has functions of the kind that clean up after themselves."""
    return getattr(ctypes, "WinDLL", ctypes.CDLL)
