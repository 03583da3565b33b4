"""A demo learning platform: a small, strict LTI 1.3 LMS to try the tool with, and the platform of its tests.

It imports nothing of the product. ``python -m tests.demo_lms`` serves it; open the address it prints.
In tests, ``tests.demo_lms.serving.in_thread(data_dir, tool_url)`` serves it on a free port.

Two platforms live on one server. ``/moodle`` does what a real Moodle was measured to do, ``/canvas`` what
Canvas does; both are also strict where the specifications are and real platforms look away. Each has one
course; ``people.py`` lists who is in it. The tool is registered with the launch URL ``<TOOL_URL>/lti/launch``
(the only redirect URI, and the target of launches and deep linking), the login URL ``<TOOL_URL>/lti/login``
and the key set ``<TOOL_SERVICE_URL>/lti/jwks``.

Environment
    LMS_PORT (8001), LMS_BIND (127.0.0.1)
    LMS_DATA_DIR (.data/demo-lms)      one SQLite file holds everything; kill -9 loses nothing
    LMS_PUBLIC_URL (http://127.0.0.1:<port>)   what browsers use, and the root of both issuers
    LMS_SERVICE_URL (LMS_PUBLIC_URL)   what the tool's servers use: token, key set, grades, roster
    TOOL_URL (http://localhost:8000), TOOL_SERVICE_URL (TOOL_URL)   where the tool's key set is fetched
    LMS_TEST_DOORS=off                 closes the doors below, except the registration values
    LQF_DIE_WITH_PARENT                if set, stop when the parent process ends (Linux)

Pages, below /moodle or /canvas
    course, activity/<id> (the tool in iframe#contentframe), activity/<id>/settings, add (the picker in a
    dialog, iframe#contentframe too), grades, grades/<line item>/<person>, completion, people

Doors for tests, below /-/ (JSON in and out; POST needs Content-Type: application/json)
    GET  registration   {"platforms": [{family, issuer, client_id, deployment_id, auth_url, token_url, jwks_url}]}
    GET  state          {"moodle": {...}, "canvas": {...}}: course, placements (with custom and line_items),
                        line_items (with grades by person), scores (every score POST in order: person, body,
                        status, answer; status 0 where the connection was dropped), completion by placement id
                        and person, people, faults still waiting, and the counters token_requests, jwks_fetches
                        (of ours), tool_jwks_fetches (of the tool's), id_tokens, roster_reads
    POST place          {platform, title?, url?, text?, custom?, line_item?, completion?, min_score?,
                        allowed_attempts?}; line_item is true (100), a maximum, or {score_maximum,
                        resource_id, tag, label}; answers the placement as in state
    POST session        {platform, person}: signs in; answers form_key, which every form sends as sesskey
    GET  sign-in        ?platform=&person=&next=/moodle/activity/1: the same by link
    POST faults         one fault or a list: see ``faults.py``; {"clear": true} forgets all that wait,
                        {"revoke_tokens": "moodle"} makes every access token of a platform invalid
    POST settings       {platform, send_name?, send_email?, line_item_scope?, grade_service?,
                        roster_service?, send_return_url?, storage_target?,
                        roster_page_size?, line_item_page_size?, groups_service?}; storage and pages on Canvas only
    POST keys           {platform, keep_old?}: a new signing key beside the old or instead of it
    POST people         {platform, person, status: active | suspended | removed}, {platform, person, groups: [ids]}
                        or {platform, add: n}
    POST reset          begins a new term: empties both courses and undoes faults, settings and people; keys
                        and tokens stay; courses and people keep their names and slugs and get new ids
"""
