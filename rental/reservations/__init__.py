"""Availability and promises: one unit of a kind, at a site, for a period.

A kind is promised; the unit is bound at the scan. Decisions are made under the lock of the
(kind, site) stock row.
"""
