"""Units: codes and labels, zones, and the one column that says where a unit's life stands.

Every other slice that changes a unit's state goes through ``service.move`` (or, on the scan path,
through ``policy.ensure_can_move`` and one UPDATE under the same lock).
"""
