"""What the jobs of one process share: store, bell, connections, tokens. Made when the first job needs it."""

from redis import Redis

from framework.settings import Settings
from framework.store.sessions import Store
from workers.enqueue import Bell
from workers.gradebook import Gradebook
from workers.line_items import LineItems
from workers.outgoing import Outgoing
from workers.roster import Rosters
from workers.service_calls import ServiceCalls
from workers.tokens import Tokens
from workers.turns import Turns


class Workshop:
    """Everything a job works with. Nothing connects before it is used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.database)
        self.bell = Bell(settings.redis)
        self.outgoing = Outgoing(settings)
        self._redis = Redis.from_url(settings.redis, retry=None, socket_connect_timeout=0.3, socket_timeout=1)
        self.tokens = Tokens(settings, self.store, self.outgoing, self._redis)
        self.calls = calls = ServiceCalls(self.outgoing, self.tokens, Turns(self._redis))
        self.line_items = LineItems(self.store, calls)
        self.gradebook = Gradebook(self.store, calls, self.line_items)
        self.rosters = Rosters(self.store, calls)

    def close(self) -> None:
        """Close all connections."""
        self.outgoing.close()
        self.bell.close()
        self._redis.close()
        self.store.close()


_open: Workshop | None = None


def workshop() -> Workshop:
    """This process's workshop, by its settings."""
    global _open  # RQ calls jobs by name: there is nobody to hand it to them
    if _open is None:
        _open = Workshop(Settings.from_env())
    return _open


def use(made: Workshop | None) -> None:
    """Let this process's jobs use that workshop; None: make one when it is needed."""
    global _open
    _open = made
