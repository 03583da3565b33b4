"""What happens after the request: recompute, grade pushes, rosters (RQ; no Flask).

Doors see three faces only: ``enqueue`` (ring for a job), ``vocabulary`` (LTI's roles, scopes, media types; pure)
and ``outgoing`` (for ``lti_tool.keys`` and ``lti_tool.registration``). ``outgoing`` alone opens connections to
foreign servers.
"""
