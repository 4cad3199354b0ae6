"""Residents, accounts, roles, consent, and acting on someone's behalf.

The actor (an account) and the resident are separate everywhere; ``queries.person_for`` answers
whether an actor may act for a resident.
"""
