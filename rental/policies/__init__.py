"""Policies as data: a value per site, ground, category and kind; the most specific one wins.

Other slices ask ``queries.value`` / ``queries.values``; the manager edits them on a page.
"""
