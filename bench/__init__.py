"""Measurements: how fast the service is, of what would be possible, and how it grows.

``python -m bench`` prints one JSON object a line. Each load runs against the service and against a
bare WSGI app (``limit``) on the same database, under the same server, in turns.
"""
