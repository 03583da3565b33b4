"""Where everything is kept: tables, transactions and queries (SQLAlchemy), migrations (Alembic).

The database is the truth. Query functions take a session, never commit, and never open a connection of their
own: doors and jobs own the transaction. A session is opened for one tenant and every statement on a tenant table
is narrowed to it (``sessions``). Versioned rows leave a change row in the same transaction (``changes``).
What does not belong here: rules of the framework (the chain), HTTP, LTI's protocol.
"""
