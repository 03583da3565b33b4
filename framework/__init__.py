"""The leadership framework: what is learned, what it is worth, and where it is kept.

    launch -> activity -> evidence -+-> result -> grade row -> grade push
                                    +-> competency -> badge

catalogue     one edition of the content, read into frozen objects
assessment    what an answer is worth: evidence and a Result, one module per kind of activity
competency    folds a person's evidence into a standing per quality
badges        says which badges that standing earns, and why
journey       joins the chain to the store: arrive, answer, submit, recompute
store         tables, transactions, queries (SQLAlchemy, Alembic)
authoring     reads and checks content folders before they are published

The chain (catalogue, assessment, competency, badges) is pure: no database, network, clock or file.
What LTI calls a context is a course here, and its resource link a placement; the store keeps LTI's words.
What does not belong here: HTTP, Flask, Redis, LTI libraries, protocol decisions.
"""
