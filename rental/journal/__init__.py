"""Append-only history of every state change, chained by hash.

Each subject (a unit, a loan, a reservation …) has its own chain, so that writers of different
subjects never wait for each other. The subject's row holds the head of its chain: a line that is
altered, removed or cut off at the end no longer fits, and neither does a row edited by hand.
"""

from rental.journal.chain import Entry as Entry
from rental.journal.chain import Head as Head
from rental.journal.chain import Line as Line
from rental.journal.chain import line as line
from rental.journal.models import Journalled as Journalled
from rental.journal.models import record as record
from rental.journal.models import write as write
