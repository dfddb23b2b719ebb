"""Run a command that ends when its parent ends: ``python tether.py command…``.

supervisord stops its children when it is asked to; when it is killed (-9, out of memory) it cannot. On Linux the
kernel can: the parent-death signal is set here and survives exec. Elsewhere this only runs the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tether() -> None:
    """Ask the kernel to send SIGTERM when the parent dies."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)  # the parent died between the two lines: the signal will never come


if __name__ == "__main__":
    tether()
    os.execvp(sys.argv[1], sys.argv[1:])
