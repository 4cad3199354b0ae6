"""Loans: issue, take back, renew, and the one place that says what is late."""
