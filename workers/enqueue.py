"""The bell: says "look" to the workers. The database holds what is to be done, so a bell that fails loses nothing.

Names of the queue and of its jobs stand here and nowhere else. A job gets ids as text, in JSON, never a pickle.
"""

import logging
import uuid

from prometheus_client import Counter
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

QUEUE = "lqf"
RECOMPUTE = "workers.jobs.recompute"
PUSH_GRADES = "workers.jobs.push_grades"
ROSTER = "workers.jobs.roster"
CHECK_PLATFORM = "workers.jobs.check_platform"
CONNECTION_TEST = "workers.connection_test.run"
MATCH_COLUMN = "workers.columns.match"
REMOVE_COLUMN = "workers.columns.remove"
COPY_COURSE = "workers.notices.copy_course"
ASK_FOR_NOTICES = "workers.notices.ask"

JOB_SECONDS = 60
ROSTER_SECONDS = 600  # ten thousand members come in two hundred pages
KEEP_FAILED_SECONDS = 7 * 24 * 3600

log = logging.getLogger(__name__)
failures = Counter("lqf_bell_failures", "Jobs that could not be rung because Redis did not answer", ["job"])


class Bell:
    """Rings for jobs. Never raises: when Redis is away it writes a log line, and the sweep finds the row.

    Without ``retry=None`` redis-py tries ten times and holds a web request for 3 to 5 s.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, retry=None, socket_connect_timeout=0.3, socket_timeout=1)
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)

    def recompute(self, tenant_id: int, person_id: uuid.UUID) -> None:
        """Fold a person's evidence anew."""
        self._ring(RECOMPUTE, tenant_id=tenant_id, person_id=str(person_id))

    def push_grades(self, platform_id: uuid.UUID) -> None:
        """Send a platform's due grades."""
        self._ring(PUSH_GRADES, platform_id=str(platform_id))

    def roster(self, tenant_id: int, context_id: uuid.UUID) -> None:
        """Read a course's members from its LMS."""
        self._ring(ROSTER, tenant_id=tenant_id, context_id=str(context_id))

    def connection_test(self, tenant_id: int, link_id: uuid.UUID) -> bool:
        """Run a placement's connection test. False: Redis is away, and the sweep rings once it is back."""
        return self._ring(CONNECTION_TEST, tenant_id=tenant_id, link_id=str(link_id))

    def copy_course(self, tenant_id: int, notice_id: uuid.UUID) -> None:
        """Do what a notice of a course copy asks for."""
        self._ring(COPY_COURSE, tenant_id=tenant_id, notice_id=str(notice_id))

    def ask_for_notices(self, tenant_id: int, deployment_id: uuid.UUID) -> None:
        """Ask a deployment's LMS to send notices."""
        self._ring(ASK_FOR_NOTICES, tenant_id=tenant_id, deployment_id=str(deployment_id))

    def match_column(self, tenant_id: int, line_item_id: uuid.UUID) -> None:
        """Compare a gradebook column with the LMS's."""
        self._ring(MATCH_COLUMN, tenant_id=tenant_id, line_item_id=str(line_item_id))

    def remove_column(self, tenant_id: int, line_item_id: uuid.UUID) -> None:
        """Take a gradebook column of this tool out of the LMS."""
        self._ring(REMOVE_COLUMN, tenant_id=tenant_id, line_item_id=str(line_item_id))

    def check_platform(self, platform_id: uuid.UUID) -> bool:
        """Look whether a connection works. False: Redis is away, and somebody has to press the button again."""
        return self._ring(CHECK_PLATFORM, platform_id=str(platform_id))

    def waiting(self) -> int | None:
        """How many jobs wait; None when Redis does not answer."""
        try:
            return self._queue.count
        except RedisError:
            return None

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _ring(self, job: str, **ids: int | str) -> bool:
        try:
            seconds = ROSTER_SECONDS if job in (ROSTER, CONNECTION_TEST) else JOB_SECONDS
            self._queue.enqueue_call(job, kwargs=ids, timeout=seconds, result_ttl=0, failure_ttl=KEEP_FAILED_SECONDS)
        except RedisError as error:
            failures.labels(job).inc()
            log.warning("bell not rung, the sweep will find the work: %s %s: %s", job, ids, error)
            return False
        return True
