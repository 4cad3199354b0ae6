"""Fills a fresh database: one rental point (1×), or a city with many times its rows.

Reference data comes from the service's own loaders. The rest is inserted from SQL, hundreds of
thousands of rows a second; encrypted columns share one sealed value, and the heads of generated
histories are not real hashes.
"""

from bench.dataset.filling import fill as fill
from bench.dataset.size import Size as Size
