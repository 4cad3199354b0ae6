"""Cleaning, disinfection, inspection, repair and release: what happens between two loans.

``service.begin_turn`` is called by the take-back in its own transaction; only ``service.release``
makes a unit lendable again.
"""
