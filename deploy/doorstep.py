"""Doorstep from one command: ``python3 deploy/doorstep.py run`` (``help`` lists the others).

This file must stay readable for every old Python 3 (no f-strings, no annotations), so that a machine with the
wrong one gets a sentence instead of a SyntaxError. Everything newer lives in ``launcher/``.
"""

import os
import sys

OLDEST = (3, 11)
KNOWN = ("3.13", "3.12", "3.11", "3.14")
TOO_OLD = (
    "需要 Python 3.11 或更新的版本，这台机器上运行的是 %d.%d，也没有找到更新的。"
    "请安装 Python 3.11 以上版本后重试，例如：python3.12 deploy/doorstep.py run"
)


def say(text):
    """Write to the error stream whatever encoding an old terminal has."""
    sys.stderr.buffer.write((text + "\n").encode("utf-8"))
    sys.stderr.flush()


def newer_python():
    """Path of a Python new enough on PATH, or None."""
    for version in KNOWN:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            candidate = os.path.join(folder, "python" + version)
            if not os.access(candidate, os.X_OK):
                continue
            # A version manager's shim may exist for a version it does not have: only believe one that answers.
            if os.system('"%s" -c "" >/dev/null 2>&1' % candidate) == 0:
                return candidate
    return None


def main():
    if sys.version_info[:2] < OLDEST:
        other = newer_python()
        if other is None:
            say(TOO_OLD % sys.version_info[:2])
            return 2
        os.execv(other, [other, *sys.argv])
    if os.name != "posix":
        say("Doorstep 运行在 Linux 和 macOS 上；Windows 请使用 WSL2。")
        return 2
    from launcher.commands import main as run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
