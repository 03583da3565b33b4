"""A worker process that wants access tokens: ``python -m tests.workers.token_process <threads> <platform id>...``

It says ``ready``, waits for a line, lets every thread ask for the tokens of every platform and set of scopes, and says
how many different tokens it was given. Settings come from the environment.
"""

import sys
import threading
import uuid

from framework.settings import Settings
from framework.store.tables import Platform
from workers import vocabulary
from workers.workshop import Workshop

SCOPE_SETS = (vocabulary.SCOPES_GRADES, (vocabulary.SCOPE_NAMES_AND_ROLES,))


def main(threads: int, platform_ids: list[str]) -> None:
    """Ask, all threads at once."""
    shop = Workshop(Settings.from_env())
    with shop.store.directory_reading() as session:
        platforms = [session.get_one(Platform, uuid.UUID(one)) for one in platform_ids]
    given: set[str] = set()

    def ask() -> None:
        for platform in platforms:
            for scopes in SCOPE_SETS:
                given.add(shop.tokens.token(platform, scopes).value)

    asking = [threading.Thread(target=ask) for _ in range(threads)]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    sys.stdout.write(f"{len(given)}\n")
    shop.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
