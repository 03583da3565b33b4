-- All that the demo LMS remembers, in one SQLite file. Times are Unix seconds.

CREATE TABLE IF NOT EXISTS setting (          -- value is JSON; platform '' means the whole server
    platform TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (platform, name)
);
CREATE TABLE IF NOT EXISTS platform_key (     -- the newest key of a platform signs
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL, kid TEXT NOT NULL UNIQUE, private_pem TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS tool_key_set (platform TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (
    platform TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
    PRIMARY KEY (platform, name)
);
CREATE TABLE IF NOT EXISTS person (           -- lti_id is the sub of launches
    platform TEXT NOT NULL, id TEXT NOT NULL, lti_id TEXT NOT NULL, slug TEXT NOT NULL,
    given_name TEXT NOT NULL, family_name TEXT NOT NULL, email TEXT NOT NULL,
    role TEXT NOT NULL,                       -- teacher, designer, assistant, learner
    status TEXT NOT NULL DEFAULT 'active',    -- active, suspended, removed
    PRIMARY KEY (platform, id), UNIQUE (platform, slug)
);
CREATE TABLE IF NOT EXISTS person_group (     -- who is in which group (Moodle) or section (Canvas)
    platform TEXT NOT NULL, slug TEXT NOT NULL, group_id TEXT NOT NULL,
    PRIMARY KEY (platform, slug, group_id)
);
CREATE TABLE IF NOT EXISTS placement (        -- a resource link; custom is in the platform's own format
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL, lti_id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL, custom TEXT NOT NULL DEFAULT '', icon TEXT NOT NULL DEFAULT '',
    completion TEXT NOT NULL,                 -- view, grade, submit, min_score
    min_score REAL, allowed_attempts INTEGER
);
CREATE TABLE IF NOT EXISTS line_item (        -- coupled: the placement's own grade
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    placement_id INTEGER REFERENCES placement (id) ON DELETE CASCADE,
    coupled INTEGER NOT NULL, label TEXT NOT NULL, score_maximum REAL NOT NULL,
    resource_id TEXT, tag TEXT, extra TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS grade (
    line_item_id INTEGER NOT NULL REFERENCES line_item (id) ON DELETE CASCADE,
    person_id TEXT NOT NULL,
    raw REAL, final REAL, overridden INTEGER NOT NULL DEFAULT 0, graded_by TEXT,
    comment TEXT, modified REAL,              -- what the next score's timestamp is compared with
    submitted_at REAL, attempts INTEGER NOT NULL DEFAULT 0,
    activity_progress TEXT, grading_progress TEXT,
    PRIMARY KEY (line_item_id, person_id)
);
CREATE TABLE IF NOT EXISTS score_post (       -- every score that arrived, with our answer
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL, line_item_id INTEGER, received_at REAL NOT NULL,
    body TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS access_token (
    token TEXT PRIMARY KEY, platform TEXT NOT NULL, scopes TEXT NOT NULL,
    expires_at REAL NOT NULL, revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS launch_hint (      -- one login, for one browser, usable once
    id TEXT PRIMARY KEY, platform TEXT NOT NULL, browser TEXT NOT NULL, person_id TEXT NOT NULL,
    message_type TEXT NOT NULL, placement_id INTEGER, target_link_uri TEXT NOT NULL,
    document_target TEXT NOT NULL, created_at REAL NOT NULL, used_at REAL,
    selection_id TEXT
);
CREATE TABLE IF NOT EXISTS selection (        -- one opening of the picker, answered at most once
    id TEXT PRIMARY KEY, platform TEXT NOT NULL, browser TEXT NOT NULL, person_id TEXT NOT NULL,
    data TEXT, created_at REAL NOT NULL, used_at REAL
);
CREATE TABLE IF NOT EXISTS used_once (        -- jti and nonce values that may not come again
    platform TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, used_at REAL NOT NULL,
    PRIMARY KEY (platform, kind, value)
);
CREATE TABLE IF NOT EXISTS viewed (
    placement_id INTEGER NOT NULL REFERENCES placement (id) ON DELETE CASCADE,
    person_id TEXT NOT NULL,
    PRIMARY KEY (placement_id, person_id)
);
CREATE TABLE IF NOT EXISTS fault (            -- a wrong answer to give, `remaining` times
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT, endpoint TEXT NOT NULL, remaining INTEGER NOT NULL, document TEXT NOT NULL
);
