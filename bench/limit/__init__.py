"""The reference limit: a bare WSGI app that does in hand-written SQL what the service does.

No framework, no ORM, no connection pool (each thread keeps a connection), no checks beyond what the
rows need: what is left is the database and the web server. It serves the same addresses, answers
with the same statuses, and leaves the same rows, history hashes included.
Reference data (kinds, sites) is read once per process, as the service keeps it in memory.

Statements, each a round trip on PostgreSQL, in the order in which the service issues them:

* ``POST /loans``: account by token · begin · answer kept for the key · lock stock · lock unit ·
  resident with consent, decision and open loans · own reservation · stock groups and promises of
  the kind · insert loan · update unit · insert two history lines · insert notice · insert answer ·
  commit
* ``POST /units/…/return``: account by token · begin · answer kept for the key · lock unit · lock
  loan · update loan · update unit · insert upkeep · insert three history lines · insert notice ·
  insert answer · commit
* ``POST /reservations``: account by token · begin · answer kept for the key · resident · lock
  resident (PostgreSQL) · consent, decision and reservations of the resident · lock stock · stock
  groups and promises · insert reservation · insert history line · insert notice · insert answer ·
  commit
* ``GET /u/…``: unit by code
* ``GET /catalogue``: stock groups of fifty kinds · promises of fifty kinds
* ``GET /api/v1/kinds/…/availability``: stock groups and promises of the kind

On SQLite a write takes the same file lock and begins IMMEDIATE, with WAL and synchronous=FULL.
"""

from bench.limit.wsgi import app as app
