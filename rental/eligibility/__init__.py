"""Grounds, applications, evidence and decisions: who may borrow, why, and until when.

Other slices ask ``queries.valid_decision`` (or, inside their own statements, the SQL expression
``queries.valid_until``), ``queries.open_application`` and ``queries.of_resident``. The self-check
stores nothing. A paper that somebody has seen settles what was declared; a decision is approved
only on papers that were seen.
"""
