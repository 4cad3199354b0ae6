"""The scan screen: one scan, the right act; the day's pick-ups, returns and wash room."""
