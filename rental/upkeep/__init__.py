"""Cleaning, disinfection, inspection, repair and release: what happens between two loans.

``service.open_after_return`` is called by the take-back in its own transaction; only
``service.release`` makes a unit lendable again.
"""
