"""No orphans: a process that ends when the one that started it is gone, however that went."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; survives exec


def die_with_parent() -> None:
    """Ask Linux for SIGTERM when the parent dies; elsewhere nothing happens. Also fit for ``preexec_fn``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def follow_parent() -> None:
    """The same, if ``LQF_DIE_WITH_PARENT`` is set: for programs that may also be started by hand."""
    if os.environ.get("LQF_DIE_WITH_PARENT"):
        die_with_parent()
