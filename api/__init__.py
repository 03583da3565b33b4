"""The door for programs: ``/api`` (flask-smorest, marshmallow).

What does not belong here: HTML pages, LTI messages, calls to other servers.
"""
