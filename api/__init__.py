"""The door for programs: ``/api`` (flask-smorest, marshmallow).

``application`` puts it together. ``oauth`` gives tokens and ``auth`` reads them; ``progress``, ``people`` and
``changes`` answer; ``problems`` words every error; ``cursors`` keep a reader's place; ``documentation`` is the page for
people.

What does not belong here: HTML pages for learners and teachers, LTI messages, calls to other servers.
"""
