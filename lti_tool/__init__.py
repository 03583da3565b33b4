"""The door for people: every HTML page, LTI login and launch, deep linking (Flask, Jinja).

What does not belong here: JSON for programs (``api``), calls to an LMS's services (``workers``), rules of the
framework (``framework``).
"""
