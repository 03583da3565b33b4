"""No orphans: a process that ends when the one that started it is gone, however that went."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; survives exec


def follow_parent() -> None:
    """Ask Linux for SIGTERM when the parent dies, if ``LQF_DIE_WITH_PARENT`` is set; elsewhere nothing happens."""
    if sys.platform == "linux" and os.environ.get("LQF_DIE_WITH_PARENT"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
