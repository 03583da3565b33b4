"""Sends scores with pylti1p3's ``put_grade``, as a view of its example does: launch data from the cache, a new service.

Kept out, in its favour: the web request that would trigger each score. Protocol: see ``benchmarks.senders``.
"""

import json
import os
import sys
from datetime import UTC, datetime

import redis
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.grade import Grade
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def main() -> None:
    """Send what ``JOB`` asks for."""
    job = json.loads(os.environ["JOB"])
    cache = redis.Redis.from_url(job["redis_url"])
    launch = json.dumps({"scope": [SCOPE], "lineitem": job["line_item_url"]})
    registration = Registration()
    registration.set_issuer("https://lms.bench.example").set_client_id("a-tool")
    registration.set_auth_token_url(job["token_url"]).set_tool_private_key(job["private_key"])
    print("ready", flush=True)
    sys.stdin.readline()
    for person in job["people"]:
        cache.set(f"launch-{person}", launch)
        endpoint = json.loads(cache.get(f"launch-{person}"))  # type: ignore[arg-type]  # the client may be async
        grade = Grade().set_score_given(1.0).set_score_maximum(1.0).set_user_id(person)
        grade.set_timestamp(datetime.now(UTC).isoformat(timespec="milliseconds"))
        grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
        AssignmentsGradesService(ServiceConnector(registration), endpoint).put_grade(grade)


if __name__ == "__main__":
    main()
