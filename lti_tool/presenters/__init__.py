"""What each page shows, as frozen dataclasses made by pure functions.

A view gets rows and answers, calls one function here and renders one template with two names: ``frame`` (what every
page has around it) and ``page`` (what this page says). Templates hold loops and ifs, never a decision. Presenters know
no Flask, no session and no database; the addresses they show are passed in.

    frame      bar, banner and foot of every page; links and forms
    wording    dates, counts and paragraphs in plain words
    steps      the parts of an activity and where the learner is among them
    badges     badge pictures and what a badge says
    module     overview, reading, finish
    checks     the question after a reading
    scenarios  a situation as a form, and its review
    result     after finishing: result and review
    programme  several qualities in one placement
    board      all badges of a learner, and one badge
    teach      the instructor's page of a placed activity
    pick       the designer's picker and chooser
    notices    pages about trouble, and pages that lead on
"""
